/**
 * What runs jobs: the pool's dispatcher, or this thread itself.
 *
 * @module
 */
import type { Format } from "../codec/mod.ts";

/** Receives what becomes of jobs. */
export interface Settler {
  /**
   * Called once for each job.
   *
   * @param index The number that the job was submitted with.
   * @param failed Whether `outcome` is an error, or what else was thrown.
   * @param outcome The job's result otherwise.
   */
  settle(index: number, failed: boolean, outcome: unknown): void;
}

/** One call's options. */
export interface JobOptions {
  /** How arguments and result are encoded. Default `"structured"`. */
  readonly format?: Format;
  /** Aborts the job. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the job is given up, from its submission, and anew for each further attempt. Default: the pool's. */
  readonly timeout?: number;
  /** Which jobs go first; low ones are still taken from time to time. Default `"normal"`. */
  readonly priority?: "low" | "normal" | "high";
  /** How many more attempts follow a crash of the worker or a timeout. Default: the pool's. */
  readonly retry?: number;
  /** Index of the one worker that may run the job. */
  readonly worker?: number;
  /** Gives binary arguments as views on shared memory, valid until the function settles. */
  readonly borrow?: boolean;
  /**
   * Called with each value that the function gives to `currentJob().report`, in their order
   * and before the call settles. Where it throws, the call rejects with that.
   */
  readonly onProgress?: (value: unknown) => void;
}

/** One job's options. */
export interface SubmitOptions extends JobOptions {
  /** Which flow of chunks it belongs to, from 1; few flows at a time have the same number. */
  readonly flow?: number;
}

/** What runs jobs. */
export interface Engine {
  /** How many jobs can run at a time. */
  readonly size: number;
  /** Whether it takes jobs. */
  readonly open: boolean;
  /** Why it takes no more jobs, where it does not. */
  readonly closedBy: Error | undefined;
  /** Calls back, later, once it takes no more jobs. @returns What cancels that. */
  whenClosed(callback: () => void): () => void;
  /** How many workers are in the middle of a job. */
  readonly busy: number;
  /** Gives what a submission is traced by, where the pool has such an option. */
  readonly traceId: (() => string | undefined) | undefined;
  /** Whether closures are among the functions that it runs. */
  readonly takesClosures: boolean;
  /** Options that every job of the pool has. */
  readonly jobDefaults: JobOptions | undefined;
  /** Throws where so many more jobs may not be in at a time. */
  checkRoom(jobs: number): void;
  /**
   * Accepts a job, or throws and has changed nothing.
   *
   * @param fn A task function.
   * @param args Its arguments; they may be changed as soon as this returns.
   * @param settler Who is told of the outcome.
   * @param index The number to tell it under.
   * @param options The call's options, checked.
   */
  submit(
    fn: unknown,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    options: SubmitOptions | undefined,
  ): void;
  /**
   * Gives up every job of a settler; each fails with `error`.
   *
   * @param grace Milliseconds for which a worker may go on with one in synchronous code, before
   * it is replaced. Where the jobs have done nothing wrong it can be longer than the default.
   */
  cancelAll(settler: Settler, error: unknown, grace?: number): void;
  /**
   * Blocks this thread until something is so.
   *
   * @param done Tells whether it is; changes only as jobs settle.
   * @param deadline When to give up, on the clock of `base/clock.ts`.
   * @param settler Whose jobs they are.
   * @returns Whether it came to be so.
   */
  block(done: () => boolean, deadline: number, settler: Settler): boolean;
  /** Runs a function later; it does not keep the process alive. @returns What cancels it. */
  later(callback: () => void, delay: number): () => void;
}
