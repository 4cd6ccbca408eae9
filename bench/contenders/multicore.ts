/**
 * This library: `pool.run`, a promise for each call.
 *
 * @module
 */
import { Pool } from "../../mod.ts";
import type { Contender } from "../harness/contender.ts";
import * as tasks from "./multicore_tasks.ts";

type AnyTask = (value?: unknown) => unknown;

function start(workers: number, withTask: boolean): ReturnType<Contender["start"]> {
  const pool = new Pool({ workers });
  return {
    ready: pool.ready,
    bind(task) {
      const fn = tasks[task] as AnyTask;
      return (value) => pool.run(fn, value);
    },
    ...(withTask && {
      bulk(task, values) {
        const fn = tasks[task] as AnyTask;
        const group = pool.task();
        for (const value of values) group.run(fn, value);
        return group.get();
      },
    }),
    borrowing(task) {
      const fn = tasks[task] as AnyTask;
      return (value) => pool.runWith({ borrow: true }, fn, value);
    },
    close: () => pool.close(),
  };
}

/** A promise for each call. */
export const contender: Contender = {
  name: "multicore",
  settings: "new Pool({ workers }), pool.run",
  start: (workers) => start(workers, false),
};

/** The same pool's `Task`, which has one promise for many calls. */
export const taskContender: Contender = {
  name: "multicore Task",
  settings: "pool.task(), task.run, task.get",
  start: (workers) => start(workers, true),
};
