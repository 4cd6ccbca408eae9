/**
 * workerpool, for Node and browsers.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import workerpool from "workerpool";
import type { Contender } from "../harness/contender.ts";

/** A dedicated worker script, on threads that stay. */
export const contender: Contender = {
  name: "workerpool",
  package: "workerpool",
  settings: "a dedicated worker, minWorkers = maxWorkers, workerType: thread",
  start(workers) {
    const script = fileURLToPath(new URL("./workerpool_worker.ts", import.meta.url));
    const pool = workerpool.pool(script, {
      minWorkers: workers,
      maxWorkers: workers,
      workerType: "thread",
    });
    return {
      bind: (task) => (value) => pool.exec(task, [value]) as unknown as Promise<unknown>,
      close: () => pool.terminate(true) as unknown as Promise<void>,
    };
  },
};
