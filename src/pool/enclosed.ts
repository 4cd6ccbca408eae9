/**
 * A pool that is made inside of a worker: its jobs run on the pool that the worker
 * belongs to, and it has an end of its own.
 *
 * @module
 */
import { Deferred } from "../base/deferred.ts";
import { Closing } from "../dispatch/closing.ts";
import type { Engine, JobOptions, Settler, SubmitOptions } from "../dispatch/engine.ts";
import { type GroupSettler, Span } from "../dispatch/span.ts";
import type { TraceId } from "../dispatch/trace_id.ts";

/** The engine of such a pool: that of the worker, until it is closed. */
export class EnclosedEngine implements Engine {
  readonly size: number;
  readonly traceId: TraceId | undefined;
  readonly takesClosures: boolean;
  readonly jobDefaults: JobOptions | undefined;
  readonly #engine: Engine;
  readonly #closing = new Closing();
  #closedBy: Error | undefined;
  #failed = false;
  /** Who waits for jobs of this pool, and stands for whom. */
  readonly #waiting = new Map<Settler, CountingSettler>();
  #whenIdle: Deferred<void> | undefined;

  /** @param engine The worker's engine. */
  constructor(engine: Engine) {
    this.#engine = engine;
    this.size = engine.size;
    this.traceId = engine.traceId;
    this.takesClosures = engine.takesClosures;
    this.jobDefaults = engine.jobDefaults;
  }

  /** Whether it takes jobs. */
  get open(): boolean {
    return this.closedBy === undefined;
  }

  /** Why it takes no more jobs, where it does not. */
  get closedBy(): Error | undefined {
    return this.#closedBy ?? this.#engine.closedBy;
  }

  /** How many workers are in the middle of a job. */
  get busy(): number {
    return this.#engine.busy;
  }

  /** Calls back, later, once it takes no more jobs. @returns What cancels that. */
  whenClosed(callback: () => void): () => void {
    return this.#closing.whenOver(callback);
  }

  /** Throws where so many more jobs may not be in. */
  checkRoom(jobs: number): void {
    this.#engine.checkRoom(jobs);
  }

  /** Accepts a job; see {@linkcode Engine}. */
  submit(
    fn: unknown,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    options: SubmitOptions | undefined,
  ): void {
    if (this.#closedBy !== undefined) throw this.#closedBy;
    let counting = this.#waiting.get(settler);
    if (counting === undefined) {
      this.#waiting.set(
        settler,
        counting = new CountingSettler(settler, () => this.#forget(settler)),
      );
    }
    counting.begin();
    try {
      this.#engine.submit(fn, args, counting, index, options);
    } catch (error) {
      counting.end();
      throw error;
    }
    // Code of the user's ran while the arguments were encoded, and may have ended this.
    if (this.#failed) this.#engine.cancelAll(counting, this.#closedBy);
  }

  /** Gives up every job of a settler. */
  cancelAll(settler: Settler, error: unknown, grace?: number): void {
    const counting = this.#waiting.get(settler);
    if (counting !== undefined) this.#engine.cancelAll(counting, error, grace);
  }

  /** Blocks this thread; see {@linkcode Engine}. */
  block(done: () => boolean, deadline: number, settler: Settler): boolean {
    return this.#engine.block(done, deadline, this.#waiting.get(settler) ?? settler);
  }

  /** Runs a function later. */
  later(callback: () => void, delay: number): () => void {
    return this.#engine.later(callback, delay);
  }

  /** Takes no more jobs. @returns A promise of the moment when all that were accepted have settled. */
  close(error: Error): Promise<void> {
    if (this.#closedBy === undefined) {
      this.#closedBy = error;
      this.#closing.tell();
    }
    if (this.#waiting.size === 0) return Promise.resolve();
    return (this.#whenIdle ??= new Deferred()).promise;
  }

  /** Takes no more jobs, and gives up all that have not settled. */
  fail(error: Error): void {
    void this.close(error);
    this.#failed = true;
    for (const counting of [...this.#waiting.values()]) this.#engine.cancelAll(counting, error);
  }

  #forget(settler: Settler): void {
    this.#waiting.delete(settler);
    if (this.#waiting.size === 0) this.#whenIdle?.resolve();
  }
}

/** Stands for a settler, and counts the jobs that it waits for. */
class CountingSettler implements GroupSettler {
  readonly span: Span = new Span();
  readonly #settler: Settler;
  readonly #whenDone: () => void;
  #pending = 0;

  constructor(settler: Settler, whenDone: () => void) {
    this.#settler = settler;
    this.#whenDone = whenDone;
  }

  begin(): void {
    this.#pending++;
  }

  end(): void {
    if (--this.#pending === 0) this.#whenDone();
  }

  settle(index: number, failed: boolean, outcome: unknown): void {
    try {
      this.#settler.settle(index, failed, outcome);
    } finally {
      this.end();
    }
  }
}
