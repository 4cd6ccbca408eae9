/**
 * A pool of workers.
 *
 * @module
 */
import { type MulticoreError, PoolClosedError } from "../base/errors.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { Engine, JobOptions } from "../dispatch/engine.ts";
import { checkJobOptions } from "../dispatch/job_options.ts";
import { broadcastOn } from "../parallel/broadcast.ts";
import { callOn } from "../parallel/call.ts";
import { workerEngine } from "../parallel/current.ts";
import { iterOn, type ParallelIterator } from "../parallel/iter.ts";
import { mapOn, type MapOptions } from "../parallel/map.ts";
import { streamOn, type StreamOptions } from "../parallel/stream.ts";
import { createTask, type Task, type TaskOptions } from "../parallel/task.ts";
import { runtime } from "../runtime/mod.ts";
import { assemble, type PoolParts } from "./assemble.ts";
import { EnclosedEngine } from "./enclosed.ts";
import { workerEntry } from "./entry.ts";
import { LazyEngine } from "./lazy.ts";
import { type PoolOptions, type PoolSettings, settingsOf } from "./options.ts";
import { absentWorker, type PoolStats } from "./stats.ts";

/**
 * A fixed set of workers that live as long as the pool, and the jobs for them.
 *
 * - A job settles exactly once, whatever happens to its worker.
 * - A job that fails touches no other.
 * - Workers that die are replaced; only what they were running is lost, with a
 *   `WorkerCrashedError` that says so.
 * - A pool without work uses no processor time and does not keep the process alive.
 * - Inside a worker of a pool no pool is started: its jobs run on the pool that the worker belongs
 *   to, and closing it ends nobody else's.
 *
 * @example
 * ```ts
 * // primes.ts
 * import { register } from "@multicore/multicore";
 *
 * export function isPrime(n: number): boolean {
 *   for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
 *   return n > 1;
 * }
 * register(import.meta.url, { isPrime });
 * ```
 *
 * @example
 * ```ts
 * import { Pool } from "@multicore/multicore";
 * import { isPrime } from "./primes.ts";
 *
 * await using pool = new Pool({ workers: 2 });
 * console.log(await pool.run(isPrime, 1_000_003)); // true
 * ```
 */
export class Pool implements AsyncDisposable {
  readonly #settings: PoolSettings;
  readonly #engine: Engine;
  /** What runs, as soon as workers were started. */
  #parts: PoolParts | undefined;
  #state: "open" | "closing" | "closed" | "failed" = "open";
  #closing: Promise<void> | undefined;

  /**
   * Starts the workers, unless told to do so lazily; jobs may be submitted at once.
   *
   * @param options The pool's options.
   * @throws {TypeError | RangeError} Where an option makes no sense.
   */
  constructor(options: PoolOptions = {}) {
    this.#settings = settingsOf(options, runtime, workerEntry);
    const { lazy } = this.#settings;
    const enclosing = workerEngine();
    if (enclosing !== undefined) this.#engine = new EnclosedEngine(enclosing);
    else if (lazy) this.#engine = new LazyEngine(this.#settings, () => this.#start());
    else this.#engine = this.#start();
  }

  /**
   * Resolves once every worker has loaded, or the pool has ended before that: there is nothing
   * more to wait for. Rejects where workers cannot be started.
   */
  get ready(): Promise<void> {
    if (this.#engine instanceof LazyEngine && this.#engine.open) {
      try {
        this.#engine.start();
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const crew = this.#parts?.crew;
    if (crew === undefined || crew.isReady) return Promise.resolve();
    const release = runtime.keepAlive();
    return crew.ready.finally(release);
  }

  /** Number of workers. */
  get size(): number {
    return this.#engine.size;
  }

  /** What runs this pool's jobs; for the library's own use. */
  get engine(): Engine {
    return this.#engine;
  }

  /**
   * Runs a function on a worker.
   *
   * @param fn A registered function, or a closure.
   * @param args Its arguments; they are encoded before this returns.
   * @returns A promise of what it returns, awaited. It rejects with what the
   * function throws, and also where the job was not accepted: with
   * `UnregisteredFunctionError`, `NotSerializableError`, `PayloadTooLargeError`,
   * `QueueFullError` or `PoolClosedError`.
   */
  run<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>> {
    return callOn<Awaited<R>>(this.#engine, fn, args, undefined);
  }

  /**
   * Runs a function on a worker, with options for this call alone.
   *
   * @param options The call's options.
   * @param fn A registered function, or a closure.
   * @param args Its arguments.
   * @returns As `run`; it also rejects with `TimeoutExceededError`, or with the signal's reason.
   */
  runWith<A extends unknown[], R>(
    options: JobOptions,
    fn: (...args: A) => R,
    ...args: A
  ): Promise<Awaited<R>> {
    try {
      checkJobOptions(options, this.size);
    } catch (error) {
      return Promise.reject(error);
    }
    return callOn<Awaited<R>>(this.#engine, fn, args, options);
  }

  /**
   * Calls a function for each item, on all workers, in chunks of items that take some milliseconds.
   *
   * @param fn A registered function, or a closure; it gets an item and its index. Promises that it
   * returns are awaited, those of a chunk together.
   * @param items Any iterable or async iterable; read as items are sent.
   * @param options The chunks' size, a signal, a listener to the progress.
   * @returns A promise of the results, in the order of the items. It rejects with what the first
   * item in order throws that fails, and then nothing more is begun; with the signal's reason; and
   * where an item cannot be sent, with `NotSerializableError`.
   *
   * @example
   * ```ts
   * import { closure, Pool } from "@multicore/multicore";
   *
   * await using pool = new Pool({ workers: 2 });
   * const lengths = await pool.map(closure((word: string) => word.length), ["one", "three"]);
   * console.log(lengths); // [3, 5]
   * ```
   */
  map<T, R>(
    fn: (item: T, index: number) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions,
  ): Promise<Awaited<R>[]> {
    return mapOn<Awaited<R>>(this.#engine, fn, items, options);
  }

  /**
   * Calls a function for each item, on all workers, while the results are read: items are taken
   * from the input only as fast as that, so that it may be endless.
   *
   * @param fn A registered function, or a closure; it gets an item and its index.
   * @param items Any iterable or async iterable. Leaving the loop early closes it.
   * @param options The order of the results, how far to go ahead of the reader, a signal.
   * @returns An iterator over the results. Nothing runs before the first is asked for. It throws
   * what `map` rejects with, behind the results of all items before.
   * @throws {TypeError | RangeError} Where an option makes no sense.
   * @throws {UnregisteredFunctionError} Where workers do not know the function.
   *
   * @example
   * ```ts
   * import { closure, Pool } from "@multicore/multicore";
   *
   * function* naturals(): Generator<number> {
   *   for (let n = 0;; n++) yield n;
   * }
   * await using pool = new Pool({ workers: 2 });
   * for await (const square of pool.stream(closure((n: number) => n * n), naturals())) {
   *   if (square > 50) break;
   *   console.log(square); // 0, 1, 4, 9, 16, 25, 36, 49
   * }
   * ```
   */
  stream<T, R>(
    fn: (item: T, index: number) => R,
    items: Iterable<T> | AsyncIterable<T>,
    options?: StreamOptions,
  ): AsyncIterableIterator<Awaited<R>> {
    return streamOn<Awaited<R>>(this.#engine, fn, items, options);
  }

  /**
   * Iterates over items in parallel, with the methods of the language's iterators: `map`,
   * `filter`, `flatMap`, `take`, `drop`, and then `reduce`, `toArray`, `forEach`, `count`, `some`,
   * `every` or `find`. All of it runs on the workers, over ranges of items.
   *
   * @param length A length: iterates over the whole numbers from 0 to before it. It may be `Infinity`.
   * @returns The iterator.
   * @throws {TypeError | RangeError} Where it is no length.
   *
   * @example
   * ```ts
   * import { closure, Pool } from "@multicore/multicore";
   *
   * await using pool = new Pool({ workers: 2 });
   * const isSquare = closure((n: number) => Number.isInteger(Math.sqrt(n)));
   * console.log(await pool.iter(10_000).filter(isSquare).count()); // 100
   * ```
   */
  iter(length: number): ParallelIterator<number>;
  /**
   * Iterates over items in parallel.
   *
   * @param items An array, a typed array, or any other iterable; read as items are sent.
   */
  iter<T>(items: Iterable<T>): ParallelIterator<T>;
  iter<T>(items: number | Iterable<T>): ParallelIterator<T> {
    return iterOn<T>(this.#engine, items);
  }

  /**
   * Runs a function once on every worker: to warm up caches, say, or to ask each for its own.
   *
   * @param fn A registered function, or a closure.
   * @param args Its arguments.
   * @returns A promise of the results, in the order of the workers. Once all have settled, it
   * rejects with the first failure in that order.
   *
   * @example
   * ```ts
   * import { closure, Pool } from "@multicore/multicore";
   *
   * await using pool = new Pool({ workers: 2 });
   * const greet = closure((name: string) => `Hello, ${name}!`);
   * console.log(await pool.broadcast(greet, "Ada")); // two greetings
   * ```
   */
  broadcast<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): Promise<Awaited<R>[]> {
    return broadcastOn<Awaited<R>>(this.#engine, fn, args);
  }

  /**
   * Makes a task of this pool; its jobs run on the calling thread where the load is too high.
   *
   * @param options As those of `Task.create`.
   * @returns The task.
   */
  // deno-lint-ignore no-explicit-any
  task<R = any>(options: TaskOptions & { readonly fallback: "inline" }): Task<R>;
  /**
   * Makes a task of this pool if going parallel is worth it, and else gives `null`.
   *
   * @param options The most load that is acceptable.
   */
  // deno-lint-ignore no-explicit-any
  task<R = any>(options: TaskOptions & { readonly maxLoadAverage: number }): Task<R> | null;
  /**
   * Makes a task of this pool.
   *
   * @param options None.
   */
  // deno-lint-ignore no-explicit-any
  task<R = any>(options?: Record<string, never>): Task<R>;
  /**
   * Makes a task of this pool, or gives `null`, as the options say.
   *
   * @param options The most load that is acceptable, and what to do otherwise.
   */
  // deno-lint-ignore no-explicit-any
  task<R = any>(options: TaskOptions): Task<R> | null;
  // deno-lint-ignore no-explicit-any
  task<R = any>(options: TaskOptions = {}): Task<R> | null {
    const { closedBy } = this.#engine;
    if (closedBy !== undefined) {
      if (options.maxLoadAverage !== undefined || options.fallback !== undefined) {
        return createTask<R>(options, undefined, this.#engine);
      }
      throw closedBy;
    }
    return createTask<R>(options, this.#engine);
  }

  /** What the pool and each of its workers do at this moment. */
  stats(): PoolStats {
    const { name, memory } = this.#settings;
    const { crew, dispatcher, arena } = this.#parts ?? {};
    const unstarted = this.#engine instanceof LazyEngine && crew === undefined;
    const starting = unstarted || crew?.isReady === false;
    const state = this.#state !== "open" ? this.#state : starting ? "starting" : "ready";
    const absent = state === "starting" ? "starting" : "gone";
    const none = unstarted ? this.size : 0;
    return {
      name,
      state,
      size: this.size,
      pending: dispatcher?.unsettled ?? 0,
      queued: dispatcher?.queued ?? 0,
      settled: dispatcher?.settled ?? 0,
      crashes: crew?.crashes ?? 0,
      replaced: crew?.replaced ?? 0,
      lost: crew?.lost ?? 0,
      memory: { size: arena?.bytes ?? 0, used: arena?.used ?? 0, max: memory.largest },
      workers: crew?.stats() ??
        Array.from({ length: none }, (_, index) => absentWorker(name, index, absent)),
    };
  }

  /**
   * Takes no more jobs, finishes those that were accepted, then stops the workers.
   *
   * @returns A promise of the end. Later calls give the same one. It rejects where a worker's
   * `teardown` has failed, once all workers have ended.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#finish());
  }

  /**
   * Stops the pool now: what is not settled rejects with `PoolClosedError`.
   *
   * @returns A promise of the workers' end, as far as the runtime can end them.
   */
  async terminate(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closing";
    const error = closed(this.#settings.name);
    if (this.#engine instanceof LazyEngine) this.#engine.close(error);
    if (this.#engine instanceof EnclosedEngine) this.#engine.fail(error);
    this.#parts?.dispatcher.fail(error);
    await this.#dismiss(true);
  }

  /** Closes the pool. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #finish(): Promise<void> {
    if (this.#state === "closed") return;
    if (this.#state === "open") this.#state = "closing";
    const error = closed(this.#settings.name);
    if (this.#engine instanceof LazyEngine) this.#engine.close(error);
    if (this.#engine instanceof EnclosedEngine) await this.#engine.close(error);
    await this.#parts?.dispatcher.finish(error);
    await this.#dismiss(false);
    const failure = this.#parts?.crew.teardownFailure;
    if (failure !== undefined) throw failure;
  }

  /** Lets all workers end, and whatever was for them. @param atOnce Whether to leave undone what they have begun. */
  async #dismiss(atOnce: boolean): Promise<void> {
    await this.#parts?.crew.dismiss(atOnce);
    this.#parts?.dispatcher.end();
    this.#parts?.handles.end();
    this.#state = "closed";
  }

  #start(): Dispatcher {
    this.#parts = assemble(this.#settings, (error) => this.#fail(error));
    return this.#parts.dispatcher;
  }

  #fail(error: MulticoreError): void {
    this.#state = "failed";
    this.#parts!.dispatcher.fail(error);
  }
}

function closed(name: string): PoolClosedError {
  return new PoolClosedError(`Cannot run a job: the pool ${JSON.stringify(name)} is closed`);
}
