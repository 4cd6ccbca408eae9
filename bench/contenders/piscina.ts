/**
 * Piscina, for Node.
 *
 * @module
 */
import { FixedQueue, Piscina } from "piscina";
import type { Contender } from "../harness/contender.ts";

/** As its performance notes advise: a fixed queue, no timing; threads that stay. */
export const contender: Contender = {
  name: "piscina",
  package: "piscina",
  settings: "minThreads = maxThreads, FixedQueue, recordTiming: false, atomics: sync",
  start(workers) {
    const pool = new Piscina({
      filename: new URL("../tasks.ts", import.meta.url).href,
      minThreads: workers,
      maxThreads: workers,
      idleTimeout: Infinity,
      taskQueue: new FixedQueue(),
      recordTiming: false,
    });
    return {
      bind(task) {
        const options = { name: task };
        return (value) => pool.run(value, options);
      },
      close: () => pool.destroy(),
    };
  },
};
