/**
 * multithreading, for every runtime.
 *
 * It moves buffers, which takes them from the caller; everybody else's arguments
 * stay usable, so bytes are copied first.
 *
 * @module
 */
import type { Contender, TaskName } from "../harness/contender.ts";
import * as tasks from "../tasks.ts";

/**
 * On Deno it replaces `Atomics.waitAsync`, for everybody, by one that keeps the
 * event loop turning, which takes a processor from whoever waits by it. Calls do
 * not need that: the original is put back.
 */
const { waitAsync } = Atomics;
const { initRuntime, move, shutdown, spawn } = await import("multithreading");
Atomics.waitAsync = waitAsync;

/** It moves results too: what the worker keeps has to be copied. */
function makeCopy(length: number): Uint8Array {
  const kept = globalThis as { benchBytes?: Map<number, Uint8Array> };
  kept.benchBytes ??= new Map();
  let bytes = kept.benchBytes.get(length);
  if (bytes === undefined) {
    bytes = new Uint8Array(length).fill(7);
    kept.benchBytes.set(length, bytes);
  }
  return bytes.slice();
}

/** Arguments that a function takes without doing much, to send it to a worker with. */
const SMALL: Readonly<Record<TaskName, unknown>> = {
  nothing: 0,
  same: 0,
  take: 0,
  make: 1,
  even: [0, 1],
  skewed: [1, 2],
  busy: 0,
  work: 0,
};

/**
 * Its one pool, with as many workers as asked for. A worker that has not loaded
 * a function yet fails all calls of it but the first: each function is called
 * once on every worker before the others.
 */
export const contender: Contender = {
  name: "multithreading",
  package: "multithreading",
  settings: "initRuntime({ maxWorkers }), spawn(move(value), fn).join()",
  start(workers) {
    initRuntime({ maxWorkers: workers });
    return {
      bind(task) {
        const fn = (task === "make" ? makeCopy : tasks[task]) as (value: unknown) => unknown;
        const run = async (value: unknown) => {
          const given = value instanceof Uint8Array ? value.slice() : value;
          const result = await spawn(move(given), fn).join();
          if (!result.ok) throw result.error;
          return result.value;
        };
        let loaded = false;
        let loading: Promise<unknown> | undefined;
        const load = () =>
          loading ??= Promise.all(Array.from({ length: workers }, () => run(SMALL[task])));
        return async (value) => {
          if (!loaded) {
            await load();
            loaded = true;
          }
          return run(value);
        };
      },
      close: () => shutdown(),
    };
  },
};
