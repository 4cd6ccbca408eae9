/**
 * Poolifier, for Node.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { FixedThreadPool } from "poolifier";
import type { Contender } from "../harness/contender.ts";

/** A fixed pool, as its guidelines advise for work that is always there. */
export const contender: Contender = {
  name: "poolifier",
  package: "poolifier",
  settings: "FixedThreadPool, without events, no queue on the host",
  start(workers) {
    const script = fileURLToPath(new URL("./poolifier_worker.ts", import.meta.url));
    const pool = new FixedThreadPool(workers, script, {
      enableEvents: false,
      errorHandler: (error: unknown) => console.error(error),
    });
    return {
      bind: (task) => (value) => pool.execute(value, task),
      close: () => pool.destroy(),
    };
  },
};
