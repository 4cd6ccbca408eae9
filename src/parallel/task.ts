/**
 * A group of jobs.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { abortSignal, checkKnown, duration, show } from "../base/checks.ts";
import { Deferred } from "../base/deferred.ts";
import { MulticoreError, TaskCompleteError, TimeoutExceededError } from "../base/errors.ts";
import { whenAborted } from "../dispatch/aborts.ts";
import type { Engine, JobOptions } from "../dispatch/engine.ts";
import { InlineEngine } from "../dispatch/inline.ts";
import { checkJobOptions } from "../dispatch/job_options.ts";
import { currentEngine, requireEngine } from "./current.ts";
import { JobResults } from "./job_results.ts";
import { isWorthIt } from "./load.ts";
import { callerIn, joinStack } from "./trace.ts";

/** Options of a task. */
export interface TaskOptions {
  /** Most load, for each worker, at which going parallel is worth it; mostly under 1. */
  readonly maxLoadAverage?: number;
  /** Where the load is higher, or no pool runs: run the jobs on the calling thread. */
  readonly fallback?: "inline";
}

/** How to wait for a task. */
export interface WaitOptions {
  /** Milliseconds to wait at most. The jobs that are not done by then are given up. */
  readonly timeout?: number;
  /** Gives up waiting, and the jobs that are not done. */
  readonly signal?: AbortSignal;
}

/** The results of chained calls, with those of one more; `T` is no tuple before the first. */
export type Append<T extends unknown[], S> = number extends T["length"] ? [S] : [...T, S];

/** What became of one job, as in `Promise.allSettled`. */
export type Outcome<R> = PromiseSettledResult<R>;

/**
 * A group of jobs whose results come in the order of the calls.
 *
 * - `run` submits at once; jobs run as workers are free, in any order.
 * - `get` gives the results in the order of the `run` calls, however they finished.
 * - A failure does not stop the other jobs; `get` throws the first one in the order of the calls.
 * - After `get`, `getSync` or `settled` the task is complete and takes no more calls.
 *
 * @typeParam R What the jobs return.
 * @typeParam T The results as a tuple, where the calls are chained: `task.run(f, 1).run(g, "a")`.
 *
 * @example
 * ```ts
 * // double.ts
 * import { register } from "@multicore/multicore";
 *
 * export const double = (n: number): number => 2 * n;
 * register(import.meta.url, { double });
 * ```
 *
 * @example
 * ```ts
 * import { initialize, shutdown, Task } from "@multicore/multicore";
 * import { double } from "./double.ts";
 *
 * await initialize({ workers: 2 });
 * const task = new Task<number>();
 * for (const n of [1, 2, 3]) task.run(double, n);
 * console.log(await task.get()); // [2, 4, 6]
 * await shutdown();
 * ```
 */
// deno-lint-ignore no-explicit-any
export class Task<R = any, T extends unknown[] = R[]> {
  readonly #engine: Engine;
  readonly #jobs = new JobResults();
  #complete = false;
  /** Whether `completed` takes the results. */
  #taken = false;

  /**
   * A task on the default pool. For another pool's there is `pool.task()`, and for
   * one that depends on the load `Task.create()`.
   *
   * @param options None so far.
   * @param engine For the library's own use: what runs the jobs.
   * @throws {MulticoreError} Where no pool runs.
   */
  constructor(options: Record<string, never> = {}, engine: Engine = requireEngine("make a Task")) {
    checkKnown("new Task (Task.create takes maxLoadAverage and fallback)", options, []);
    this.#engine = engine;
  }

  /**
   * Makes a task if going parallel is worth it.
   *
   * @param options The most load that is acceptable, and what to do otherwise.
   * @returns The task; `null` where no pool runs or the load average is over
   * `maxLoadAverage` times the number of workers, unless `fallback` is `"inline"`.
   *
   * @example
   * ```ts
   * import { initialize, shutdown, Task } from "@multicore/multicore";
   *
   * await initialize({ workers: 1 });
   * const task = Task.create({ maxLoadAverage: 0.8 });
   * console.log(task === null ? "sequential" : "parallel");
   * await shutdown();
   * ```
   */
  // deno-lint-ignore no-explicit-any
  static create<R = any>(options: TaskOptions & { readonly fallback: "inline" }): Task<R>;
  /**
   * Makes a task if going parallel is worth it, and else gives `null`.
   *
   * @param options The most load that is acceptable.
   */
  // deno-lint-ignore no-explicit-any
  static create<R = any>(options?: TaskOptions): Task<R> | null;
  // deno-lint-ignore no-explicit-any
  static create<R = any>(options: TaskOptions = {}): Task<R> | null {
    return createTask<R>(options, currentEngine());
  }

  /** Number of jobs so far. */
  get size(): number {
    return this.#jobs.count;
  }

  /**
   * Submits a job at once.
   *
   * @param fn A registered function, or a closure.
   * @param args Its arguments; they are encoded before this returns.
   * @throws {TaskCompleteError} After `get`.
   * @throws {UnregisteredFunctionError} Where workers do not know the function.
   * @throws {NotSerializableError} Where an argument cannot be sent; nothing was submitted then.
   * @throws {QueueFullError} Where the queue is full and the pool refuses then.
   * @returns The task itself, typed with the results of the calls that are chained.
   */
  run<A extends unknown[], S extends R>(
    fn: (...args: A) => S | PromiseLike<S>,
    ...args: A
  ): Task<R, Append<T, S>> {
    this.#submit(fn, args, undefined);
    return this as unknown as Task<R, Append<T, S>>;
  }

  /**
   * Submits a job with options of its own; see `run`.
   *
   * @param options The job's options.
   * @param fn A registered function, or a closure.
   * @param args Its arguments.
   * @returns The task itself, as `run`.
   */
  runWith<A extends unknown[], S extends R>(
    options: JobOptions,
    fn: (...args: A) => S | PromiseLike<S>,
    ...args: A
  ): Task<R, Append<T, S>> {
    this.#submit(fn, args, checkJobOptions(options, this.#engine.size));
    return this as unknown as Task<R, Append<T, S>>;
  }

  /**
   * Waits for all jobs, and completes the task.
   *
   * @param options How long to wait.
   * @returns The results, in the order of the calls.
   * @throws What the first job that failed, in the order of the calls, has thrown.
   * @throws {TimeoutExceededError} Where they were not done in time.
   * @throws {TaskCompleteError} Where the task is complete already.
   */
  async get(options: WaitOptions = {}): Promise<T> {
    checkWaitOptions("get", options);
    this.#finish("get");
    await this.#wait(options);
    if (this.#jobs.failed) throw joinStack(this.#jobs.firstError);
    return this.#jobs.outcomes as T;
  }

  /**
   * Blocks this thread until all jobs are done, and completes the task. Works
   * in Deno, Bun, Node and in workers, not on a page's main thread.
   *
   * @param options How long to wait.
   * @returns The results, in the order of the calls.
   * @throws As `get`.
   */
  getSync(options: { readonly timeout?: number } = {}): T {
    checkKnown("getSync", options, ["timeout"]);
    const { timeout: given = Infinity } = options;
    const timeout = duration("timeout", given);
    if (this.#jobs.submitting > 0) throw cannotBlock();
    this.#finish("getSync");
    if (!this.#block(timeout)) throw this.#giveUp(timedOut(timeout, this.#jobs.pending));
    if (this.#jobs.failed) throw joinStack(this.#jobs.firstError);
    return this.#jobs.outcomes as T;
  }

  /**
   * Waits for all jobs, and completes the task.
   *
   * @param options How long to wait.
   * @returns What became of each, in the order of the calls.
   * @throws {TimeoutExceededError} Where they were not done in time.
   * @throws {TaskCompleteError} Where the task is complete already.
   */
  async settled(options: WaitOptions = {}): Promise<Outcome<R>[]> {
    checkWaitOptions("settled", options);
    this.#finish("settled");
    await this.#wait(options);
    const outcomes = this.#jobs.settled<R>();
    if (!this.#jobs.failed) return outcomes;
    const caller = callerIn(new Error().stack);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") joinStack(outcome.reason, caller);
    }
    return outcomes;
  }

  /**
   * The results as the jobs finish. More jobs may be run meanwhile; the iteration ends when
   * all are done, and the task is complete then: `get` has nothing left to give. Where a job
   * has failed the iterator throws its error; leaving the loop early gives up what is not done.
   *
   * @returns Pairs of the job's number, in the order of the calls, and its result.
   * @throws {TaskCompleteError} Where the task is complete already.
   */
  completed(): AsyncIterableIterator<{ index: number; value: R }> {
    if (this.#complete) throw alreadyComplete("completed");
    this.#taken = true;
    let left = false;
    const next = async (): Promise<IteratorResult<{ index: number; value: R }>> => {
      const job = left ? undefined : await this.#jobs.next();
      if (job === undefined || left) {
        this.#complete = true;
        return { done: true, value: undefined };
      }
      if (job.failed) throw joinStack(job.outcome);
      return { done: false, value: { index: job.index, value: job.outcome as R } };
    };
    return {
      next,
      return: () => {
        left = true;
        this.#complete = true;
        this.#engine.cancelAll(
          this.#jobs,
          new TaskCompleteError("Cannot finish: the loop was left"),
        );
        return Promise.resolve({ done: true, value: undefined });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  #submit(fn: unknown, args: readonly unknown[], options: JobOptions | undefined): void {
    if (this.#complete) throw alreadyComplete("run");
    const index = this.#jobs.begin();
    try {
      this.#engine.submit(fn, args, this.#jobs, index, options);
      this.#jobs.submitting--;
    } catch (error) {
      const jobs = this.#jobs;
      jobs.submitting--;
      // A full stack has no room for calls.
      if (index === jobs.outcomes.length - 1 && !jobs.isAwaited) {
        jobs.outcomes.length = index;
        jobs.pending--;
      } else jobs.takeBack(index, error);
      throw error;
    }
  }

  #finish(method: string): void {
    if (this.#complete) throw alreadyComplete(method);
    if (this.#taken) {
      throw new TaskCompleteError(
        `Cannot call ${method}(): completed() takes the results as they come`,
      );
    }
    this.#complete = true;
  }

  async #wait(options: WaitOptions): Promise<void> {
    const { timeout, signal } = options;
    if (signal?.aborted) throw this.#giveUp(signal.reason);
    if (this.#jobs.pending === 0) return;
    const over = new Deferred<void>();
    this.#jobs.whenDone = over.resolve;
    this.#jobs.isAwaited = true;
    const forget = signal && whenAborted(signal, (reason) => over.reject(this.#giveUp(reason)));
    const cancel = timeout === undefined || timeout === Infinity ? undefined : this.#engine.later(
      () => over.reject(this.#giveUp(timedOut(timeout, this.#jobs.pending))),
      timeout,
    );
    try {
      await over.promise;
    } finally {
      forget?.();
      cancel?.();
    }
  }

  #block(timeout: number): boolean {
    const done = () => this.#jobs.pending === 0;
    try {
      return this.#engine.block(done, now() + timeout, this.#jobs);
    } catch (error) {
      throw this.#giveUp(error);
    }
  }

  #giveUp(error: unknown): unknown {
    this.#jobs.whenDone = undefined;
    this.#engine.cancelAll(this.#jobs, error);
    return error;
  }
}

/**
 * @param options What `Task.create` and `pool.task` take.
 * @param engine The pool's engine, `undefined` where no pool runs.
 * @param replaced The engine in whose place the calling thread runs jobs where it comes to that.
 * @returns A task on it, or inline; `null` where the load is too high or no pool runs.
 */
export function createTask<R>(
  options: TaskOptions,
  engine: Engine | undefined,
  replaced: Engine | undefined = engine,
): Task<R> | null {
  checkKnown("Task", options, ["maxLoadAverage", "fallback"]);
  const { maxLoadAverage, fallback } = options;
  if (
    maxLoadAverage !== undefined && !(typeof maxLoadAverage === "number" && maxLoadAverage >= 0)
  ) {
    throw new RangeError(
      `Cannot use maxLoadAverage ${show(maxLoadAverage)}: it must be a number, at least 0`,
    );
  }
  if (fallback !== undefined && fallback !== "inline") {
    throw new TypeError(`Cannot use fallback ${JSON.stringify(fallback)}: there is only "inline"`);
  }
  if (engine !== undefined && isWorthIt(maxLoadAverage, engine)) return new Task<R>({}, engine);
  return fallback === "inline" ? new Task<R>({}, new InlineEngine(replaced)) : null;
}

function checkWaitOptions(method: string, options: WaitOptions): void {
  checkKnown(method, options, ["timeout", "signal"]);
  if (options.timeout !== undefined) duration("timeout", options.timeout);
  if (options.signal !== undefined) abortSignal(options.signal);
}

function alreadyComplete(method: string): TaskCompleteError {
  return new TaskCompleteError(`Cannot call ${method}(): the task is complete; make a new one`);
}

function cannotBlock(): MulticoreError {
  return new MulticoreError(
    "Cannot block for this task: the arguments of one of its jobs are just being read, by a call " +
      "that would have to return first; call getSync() after run()",
  );
}

function timedOut(timeout: number, pending: number): TimeoutExceededError {
  return new TimeoutExceededError(
    `Cannot wait longer for the task: its timeout of ${timeout} ms is over, ` +
      `${pending === 1 ? "a job was" : `${pending} jobs were`} not done`,
  );
}
