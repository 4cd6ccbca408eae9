/**
 * Tinypool, for Node.
 *
 * @module
 */
import { Tinypool } from "tinypool";
import type { Contender } from "../harness/contender.ts";

/** Threads that stay, as many as asked for. */
export const contender: Contender = {
  name: "tinypool",
  package: "tinypool",
  settings: "minThreads = maxThreads, worker_threads",
  start(workers) {
    const pool = new Tinypool({
      filename: new URL("../tasks.ts", import.meta.url).href,
      runtime: "worker_threads",
      minThreads: workers,
      maxThreads: workers,
      idleTimeout: Infinity,
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
