/**
 * A pool that has not started: makes its engine for the first job.
 *
 * @module
 */
import { Closing } from "../dispatch/closing.ts";
import type { Engine, JobOptions, Settler, SubmitOptions } from "../dispatch/engine.ts";
import type { TraceId } from "../dispatch/trace_id.ts";
import type { PoolSettings } from "./options.ts";

/** Stands for the engine of a pool that starts lazily, before and after its start. */
export class LazyEngine implements Engine {
  readonly size: number;
  readonly traceId: TraceId | undefined;
  readonly takesClosures: boolean;
  readonly jobDefaults: JobOptions | undefined;
  readonly #start: () => Engine;
  #engine: Engine | undefined;
  #closed: Error | undefined;
  readonly #closing = new Closing();

  /**
   * @param settings Of these, what engines tell.
   * @param start Starts the pool; tried again with the next job where it throws.
   */
  constructor(
    settings: PoolSettings,
    start: () => Engine,
  ) {
    this.size = settings.workers;
    this.traceId = settings.traceId;
    this.takesClosures = settings.takesClosures;
    this.jobDefaults = settings.jobDefaults;
    this.#start = start;
  }

  /** Whether it takes jobs. */
  get open(): boolean {
    return this.closedBy === undefined;
  }

  /** Why it takes no more jobs, where it does not. */
  get closedBy(): Error | undefined {
    return this.#engine?.closedBy ?? this.#closed;
  }

  /** How many workers are in the middle of a job. */
  get busy(): number {
    return this.#engine?.busy ?? 0;
  }

  /** Does not start any more. An engine that has started is closed by itself. */
  close(error: Error): void {
    this.#closed ??= error;
    this.#closing.tell();
  }

  /** Calls back, later, once it takes no more jobs. @returns What cancels that. */
  whenClosed(callback: () => void): () => void {
    return this.#closing.whenOver(callback);
  }

  /** Starts the pool, once. */
  start(): Engine {
    if (this.#engine !== undefined) return this.#engine;
    if (this.#closed !== undefined) throw this.#closed;
    this.#engine = this.#start();
    this.#engine.whenClosed(() => this.#closing.tell());
    return this.#engine;
  }

  /** Throws where so many more jobs may not be in. */
  checkRoom(jobs: number): void {
    this.start().checkRoom(jobs);
  }

  /** Accepts a job; see {@linkcode Engine}. */
  submit(
    fn: unknown,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    options: SubmitOptions | undefined,
  ): void {
    this.start().submit(fn, args, settler, index, options);
  }

  /** Gives up every job of a settler. */
  cancelAll(settler: Settler, error: unknown, grace?: number): void {
    this.#engine?.cancelAll(settler, error, grace);
  }

  /** Blocks this thread; see {@linkcode Engine}. */
  block(done: () => boolean, deadline: number, settler: Settler): boolean {
    // Without an engine there are no jobs to wait for.
    return this.#engine?.block(done, deadline, settler) ?? done();
  }

  /** Runs a function later. */
  later(callback: () => void, delay: number): () => void {
    return this.start().later(callback, delay);
  }
}
