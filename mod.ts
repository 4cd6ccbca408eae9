/**
 * Parallel code as easy as the sequential code that it replaces: functions run on
 * a fixed set of persistent workers, fed through shared memory.
 *
 * @example
 * ```ts
 * // users.ts
 * import { register } from "@multicore/multicore";
 *
 * export const users = ["Ada", "Grace", "Edsger"];
 * export const render = (start: number, end: number): string =>
 *   users.slice(start, end).map((name) => `<li>${name}</li>`).join("");
 * register(import.meta.url, { render });
 * ```
 *
 * @example
 * ```ts
 * import { initialize, ranges, shutdown, Task } from "@multicore/multicore";
 * import { render, users } from "./users.ts";
 *
 * await initialize();
 * const task = new Task<string>();
 * for (const [start, end] of ranges(users)) task.run(render, start, end);
 * console.log((await task.get()).join("")); // <li>Ada</li><li>Grace</li><li>Edsger</li>
 * await shutdown();
 * ```
 *
 * @module
 */
export {
  MulticoreError,
  NotSerializableError,
  PayloadTooLargeError,
  PoolClosedError,
  QueueFullError,
  TaskCompleteError,
  TaskNotFoundError,
  TimeoutExceededError,
  UnregisteredFunctionError,
  WorkerCrashedError,
} from "./src/base/errors.ts";
export type { Format } from "./src/codec/mod.ts";
export {
  initialize,
  NUMBER_OF_WORKERS,
  ranges,
  shutdown,
  type Sized,
} from "./src/pool/default_pool.ts";
export { context, type CurrentJob, currentJob } from "./src/dispatch/current_job.ts";
export type { Engine, JobOptions, Settler, SubmitOptions } from "./src/dispatch/engine.ts";
export { share } from "./src/dispatch/share.ts";
export { loadAverage } from "./src/parallel/load.ts";
export type { ParallelIterator } from "./src/parallel/iter.ts";
export type { MapOptions, Progress } from "./src/parallel/map.ts";
export type { StreamOptions } from "./src/parallel/stream.ts";
export type { PoolOptions } from "./src/pool/options.ts";
export { Pool } from "./src/pool/pool.ts";
export { type Remote, remote } from "./src/parallel/remote.ts";
export type { PoolStats, WorkerStats } from "./src/pool/stats.ts";
export {
  type Append,
  type Outcome,
  Task,
  type TaskOptions,
  type WaitOptions,
} from "./src/parallel/task.ts";
export { closure } from "./src/task/closure.ts";
export { register } from "./src/task/registry.ts";
export { type Movable, transfer } from "./src/task/transfer.ts";
