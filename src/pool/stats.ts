/**
 * What a pool tells of itself.
 *
 * @module
 */

/** What one worker does at this moment. */
export interface WorkerStats {
  /** Its place in the pool, from 0. */
  readonly index: number;
  /** Its name, as debuggers show it. */
  readonly name: string;
  /** What it does. */
  readonly state: "starting" | "parked" | "searching" | "busy" | "gone";
  /** Jobs that it has done since it started. */
  readonly jobs: number;
  /** Jobs that it has begun and that await something. */
  readonly awaiting: number;
}

/** @returns What debuggers and statistics call one of a pool's workers. */
export function workerName(pool: string, index: number): string {
  return `${pool}/${index}`;
}

/** @returns The statistics of a worker that there is not yet, or no more. */
export function absentWorker(
  pool: string,
  index: number,
  state: "starting" | "gone",
): WorkerStats {
  return { index, name: workerName(pool, index), state, jobs: 0, awaiting: 0 };
}

/** What a pool does at this moment. */
export interface PoolStats {
  /** The pool's name. */
  readonly name: string;
  /** Where the pool is in its life. */
  readonly state: "starting" | "ready" | "closing" | "closed" | "failed";
  /** Number of workers. */
  readonly size: number;
  /** Jobs accepted and not settled. */
  readonly pending: number;
  /** Of these, jobs that no worker has begun. */
  readonly queued: number;
  /** Jobs settled since the pool began. */
  readonly settled: number;
  /** Workers that have ended by themselves. */
  readonly crashes: number;
  /** Workers that were replaced since a job that was given up held them. */
  readonly replaced: number;
  /** Of these, workers that still run: where the runtime cannot stop them, until the job ends. */
  readonly lost: number;
  /** The host's payload memory, in bytes. */
  readonly memory: {
    /** What it has grown to. */
    readonly size: number;
    /** What is in use. */
    readonly used: number;
    /** What the largest payload may have. */
    readonly max: number;
  };
  /** The workers, by index. */
  readonly workers: readonly WorkerStats[];
}
