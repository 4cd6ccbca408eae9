/**
 * The job that the running code belongs to, and what its worker was set up with.
 * Kept on the global object, so that every copy of this library in a thread (a
 * bundle's and the worker's entry's) knows it.
 *
 * @module
 */
import { MulticoreError } from "../base/errors.ts";
import { type AsyncStorage, asyncStorage, withContext } from "../runtime/mod.ts";
import { poolWorker } from "../task/whereabouts.ts";

/** A job as its own function sees it. */
export interface CurrentJob {
  /** Names the job among all that its pool has under way. */
  readonly id: string;
  /** Which attempt this is, from 1; more than 1 after a crash or a timeout, where `retry` asked for it. */
  readonly attempt: number;
  /** Index of the worker; -1 on a thread that is none. */
  readonly worker: number;
  /** What the pool's option `traceId` gave where the job was submitted. */
  readonly traceId: string | undefined;
  /**
   * Aborted when nobody waits for the job any more: its time is over, its own
   * signal was aborted, its task was given up, its pool was terminated. An event, for
   * code that awaits; synchronous code hears of it only by `throwIfAborted`.
   */
  readonly signal: AbortSignal;
  /**
   * Throws the signal's reason once nobody waits for the job any more. It costs one
   * load from shared memory, so that a loop may call it each time around.
   */
  throwIfAborted(): void;
  /**
   * Sends a value to the call's `onProgress`, before the job's result; where there is
   * none, nothing is sent.
   *
   * @param value Whatever can be an argument.
   * @throws {NotSerializableError} Where it cannot be sent.
   */
  report(value: unknown): void;
}

/** The same, as the library's own functions see it. */
export interface InnerJob extends CurrentJob {
  /**
   * Whether something waits for this thread that the job holds: a job that it could run and
   * that is no chunk of the same flow, or one that awaits something, be it this one itself.
   * Chunks then make way after a while. May be out of date.
   */
  readonly othersWait: boolean;
}

/** Code of a job that is running now. */
export interface JobFrame {
  /** Its job. */
  readonly job: InnerJob;
}

/** What all copies of the library in a thread share. */
interface JobState {
  /** Whose synchronous code runs now. */
  frame: JobFrame | undefined;
  /** Whose asynchronous code runs now. */
  readonly storage: AsyncStorage<InnerJob> | undefined;
}

const KEY = Symbol.for("multicore.job");

/** @returns What this thread's copies of the library share; made when it is first asked for. */
export function jobState(): JobState {
  const globals = globalThis as { [KEY]?: JobState };
  return globals[KEY] ??= { frame: undefined, storage: asyncStorage() };
}

/** @returns The job that the running code belongs to; `undefined` outside of jobs. */
export function findCurrentJob(): InnerJob | undefined {
  const { frame, storage } = jobState();
  return frame?.job ?? storage?.getStore();
}

/**
 * @returns A callback as its caller's own code, wherever it is called from: with the
 * caller's job, none on the host, and the caller's values of all asynchronous storages.
 */
export function asCaller<T>(callback: (value: T) => void): (value: T) => void {
  const job = findCurrentJob();
  return withContext((value: T) => {
    const state = jobState();
    const { frame } = state;
    state.frame = job && { job };
    try {
      callback(value);
    } finally {
      state.frame = frame;
    }
  });
}

/**
 * The job that the running code belongs to. Inside a task function that is declared
 * `async` it may be called anywhere, in others before the function returns; in browsers
 * only before the first `await`.
 *
 * @returns The job: its signal, its attempt, a way to report progress.
 * @throws {MulticoreError} Outside of jobs.
 *
 * @example
 * ```ts
 * // search.ts
 * import { currentJob, register } from "@multicore/multicore";
 *
 * export function search(limit: number): number {
 *   const job = currentJob();
 *   let best = 0;
 *   for (let i = 0; i < limit; i++) {
 *     job.throwIfAborted();
 *     if (i % 100 === 0) job.report(i / limit);
 *     best = Math.max(best, (i * 7919) % 1009);
 *   }
 *   return best;
 * }
 * register(import.meta.url, { search });
 * ```
 *
 * @example
 * ```ts
 * import { Pool } from "@multicore/multicore";
 * import { search } from "./search.ts";
 *
 * await using pool = new Pool({ workers: 1 });
 * const shares: unknown[] = [];
 * const onProgress = (share: unknown) => void shares.push(share);
 * console.log(await pool.runWith({ onProgress }, search, 500)); // 1007
 * console.log(shares); // [0, 0.2, 0.4, 0.6, 0.8]
 * ```
 */
export function currentJob(): CurrentJob {
  const job = findCurrentJob();
  if (job !== undefined) return job;
  throw new MulticoreError(
    "Cannot tell the current job: this code belongs to none; call currentJob() in a task " +
      "function, before its first await where it is not declared async",
  );
}

/**
 * What the pool's option `setup` returned in this worker: a database connection, say.
 *
 * @typeParam T What that is.
 * @returns It, awaited; `undefined` where the pool has no `setup`.
 * @throws {MulticoreError} On a thread that is no worker.
 *
 * @example
 * ```ts
 * // greeter.ts
 * import { context, register } from "@multicore/multicore";
 *
 * export const makeGreeting = (): { word: string } => ({ word: "Hello" });
 * export const greet = (name: string): string => `${context<{ word: string }>().word}, ${name}`;
 * register(import.meta.url, { greet, makeGreeting });
 * ```
 *
 * @example
 * ```ts
 * import { Pool } from "@multicore/multicore";
 * import { greet, makeGreeting } from "./greeter.ts";
 *
 * await using pool = new Pool({ workers: 1, setup: makeGreeting });
 * console.log(await pool.run(greet, "Ada")); // Hello, Ada
 * ```
 */
export function context<T>(): T {
  const worker = poolWorker();
  if (worker === undefined) {
    throw new MulticoreError(
      "Cannot give the context: this thread is no worker of a pool, and no setup ran in it",
    );
  }
  return worker.context as T;
}
