/**
 * Runs jobs on the calling thread, where going parallel is not worth it. Arguments
 * and results are copied as they are between threads.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { jsonOfStrings } from "../base/json.ts";
import { MulticoreError, TimeoutExceededError } from "../base/errors.ts";
import { isThenable, whenSettled } from "../base/thenable.ts";
import { runtime } from "../runtime/mod.ts";
import { type ClosureParts, closureParts, compileClosure, withCaptured } from "../task/closure.ts";
import { Modules } from "../task/modules.ts";
import { identify, isRemote, refusedClosure, unregistered } from "../task/registry.ts";
import { poolWorker } from "../task/whereabouts.ts";
import { whenAborted } from "./aborts.ts";
import { Copies } from "./copies.ts";
import { asCaller, findCurrentJob, type InnerJob, type JobFrame, jobState } from "./current_job.ts";
import type { Engine, JobOptions, Settler } from "./engine.ts";
import { traceBy, type TraceId } from "./trace_id.ts";

/** The calling thread as an engine. */
export class InlineEngine implements Engine {
  readonly size = 1;
  readonly open = true;
  readonly closedBy = undefined;
  readonly busy = 0;
  readonly traceId: TraceId | undefined;
  readonly takesClosures: boolean;
  readonly jobDefaults: JobOptions | undefined;
  readonly #modules = new Modules();
  readonly #copies = new Copies({ identities: this.#modules, natives: runtime.natives });
  readonly #closures = new Map<string, (...args: unknown[]) => unknown>();
  /** Jobs that have not come to their end. */
  readonly #jobs = new Set<InlineJob>();

  /** @param pool The engine in whose place this runs jobs, if any. */
  constructor(pool: Engine | undefined = undefined) {
    this.traceId = pool?.traceId;
    this.takesClosures = pool?.takesClosures ?? true;
    this.jobDefaults = pool?.jobDefaults;
  }

  /** The thread itself refuses nothing. */
  checkRoom(): void {}

  /** Nothing closes it. @returns What cancels nothing. */
  whenClosed(): () => void {
    return () => {};
  }

  /** Runs a job at once; where its function returns a promise, settles it when that settles. */
  submit(
    fn: unknown,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    options: JobOptions | undefined,
  ): void {
    if (typeof fn !== "function") throw unregistered(fn);
    if (identify(fn) === undefined && closureParts(fn) === undefined) throw unregistered(fn);
    options?.signal?.throwIfAborted();
    const format = options?.format ?? "structured";
    const closure = closureParts(fn);
    if (closure !== undefined && !this.takesClosures) throw refusedClosure(fn.name, closure.source);
    const traceId = this.traceId === undefined ? findCurrentJob()?.traceId : traceBy(this.traceId);
    const copied = this.#copies.arguments(format, closure ? withCaptured(fn, args) : args);
    const copy = (value: unknown) => this.#copies.value(format, value);
    const copyReport = (value: unknown) => this.#copies.report(value);
    const { signal, onProgress } = options ?? {};
    const timeout = options?.timeout ?? this.jobDefaults?.timeout;
    const job = new InlineJob(settler, index, this.#jobs, {
      copy,
      copyReport,
      signal,
      timeout,
      onProgress,
      traceId,
    });
    this.#jobs.add(job);
    const call = () => {
      if (closure) return this.#compiled(closure)(...copied);
      return isRemote(fn) ? this.#runRemote(fn, copied) : fn(...copied);
    };
    let value: unknown;
    try {
      value = job.run(call);
      if (isThenable(value)) return job.await(value);
    } catch (error) {
      return job.end(true, error);
    }
    // No timer has run since it began.
    job.look();
    job.succeed(value);
  }

  /** Gives up every job of a settler that awaits something. */
  cancelAll(settler: Settler, error: unknown): void {
    for (const job of this.#jobs) if (job.settler === settler) job.abort(error);
  }

  /** There is nobody to wait for but this thread itself. */
  block(done: () => boolean, _deadline: number, _settler: Settler): boolean {
    if (done()) return true;
    throw new MulticoreError(
      "Cannot block: an asynchronous job runs on this very thread; use await get()",
    );
  }

  /** Runs a function later; nothing else may keep the process alive until then. */
  later(callback: () => void, delay: number): () => void {
    return laterForSure(callback, delay);
  }

  #compiled({ source, names }: ClosureParts): (...args: unknown[]) => unknown {
    const key = jsonOfStrings([source, ...names]);
    let fn = this.#closures.get(key);
    if (fn === undefined) this.#closures.set(key, fn = compileClosure(source, names));
    return fn;
  }

  /** A stand-in only names its function: the module is imported here. */
  async #runRemote(fn: object, args: unknown[]): Promise<unknown> {
    const { module, name } = identify(fn)!;
    return (await this.#modules.loadFunction(module, name))(...args);
  }
}

let made = 0;

/** What a job on the calling thread is made of. */
interface InlineParts {
  /** Copies its result. */
  readonly copy: (value: unknown) => unknown;
  /** Copies what it reports. */
  readonly copyReport: (value: unknown) => unknown;
  readonly signal: AbortSignal | undefined;
  readonly timeout: number | undefined;
  readonly onProgress: ((value: unknown) => void) | undefined;
  readonly traceId: string | undefined;
}

/** One job on the calling thread. */
class InlineJob implements InnerJob, JobFrame {
  /** The thread has other things to do, which it does not tell. */
  readonly othersWait = true;
  readonly id = `here-${++made}`;
  readonly attempt = 1;
  readonly worker = poolWorker()?.index ?? -1;
  readonly settler: Settler;
  readonly #index: number;
  readonly #all: Set<InlineJob>;
  readonly #parts: InlineParts;
  readonly #onProgress: ((value: unknown) => void) | undefined;
  /** When its time is over. */
  #deadline = Infinity;
  #controller: AbortController | undefined;
  #abortedBy: { readonly reason: unknown } | undefined;
  #unlisten: (() => void) | undefined;
  /** Whether it has come to its end. */
  ended = false;

  constructor(settler: Settler, index: number, all: Set<InlineJob>, parts: InlineParts) {
    this.settler = settler;
    this.#index = index;
    this.#all = all;
    this.#parts = parts;
    const { onProgress } = parts;
    this.#onProgress = onProgress && asCaller(onProgress);
  }

  get job(): this {
    return this;
  }

  get traceId(): string | undefined {
    return this.#parts.traceId;
  }

  get signal(): AbortSignal {
    this.look();
    this.#controller ??= new AbortController();
    if (this.#abortedBy !== undefined) this.#controller.abort(this.#abortedBy.reason);
    return this.#controller.signal;
  }

  throwIfAborted(): void {
    this.look();
    if (this.#abortedBy !== undefined) throw this.#abortedBy.reason;
  }

  report(value: unknown): void {
    if (this.#onProgress === undefined || this.ended) return;
    const copy = this.#parts.copyReport(value);
    try {
      this.#onProgress(copy);
    } catch (error) {
      this.abort(error);
    }
  }

  /** Runs its function, which may ask for its job. */
  run(fn: () => unknown): unknown {
    this.#deadline = now() + (this.#parts.timeout ?? Infinity);
    const state = jobState();
    const outer = state.frame;
    state.frame = this;
    try {
      return state.storage === undefined ? fn() : state.storage.run(this, fn);
    } finally {
      state.frame = outer;
    }
  }

  /** Ends it where its time is over or its signal aborted: nothing else tells while its code runs. */
  look(): void {
    if (this.ended) return;
    const { signal, timeout } = this.#parts;
    if (signal?.aborted) this.abort(signal.reason);
    else if (now() > this.#deadline) this.abort(timedOut(timeout!));
  }

  /** Ends with what a promise settles to, or when time or a signal says so. */
  await(value: PromiseLike<unknown>): void {
    const { signal, timeout } = this.#parts;
    const forget = signal && whenAborted(signal, (reason) => this.abort(reason));
    const cancelTimer = timeout === undefined
      ? undefined
      : laterForSure(() => this.abort(timedOut(timeout)), this.#deadline - now());
    this.#unlisten = () => {
      forget?.();
      cancelTimer?.();
    };
    whenSettled(value, (result) => this.succeed(result), (error) => this.end(true, error));
    this.look();
  }

  /** Ends with a result. */
  succeed(value: unknown): void {
    if (this.ended) return;
    let copy: unknown;
    try {
      copy = this.#parts.copy(value);
    } catch (error) {
      return this.end(true, error);
    }
    this.end(false, copy);
  }

  /** Ends before its function does, and tells it. */
  abort(reason: unknown): void {
    if (this.ended) return;
    this.#abortedBy = { reason };
    this.end(true, reason);
    this.#controller?.abort(reason);
  }

  /** Ends, once. */
  end(failed: boolean, outcome: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.#all.delete(this);
    this.#unlisten?.();
    this.settler.settle(this.#index, failed, outcome);
  }
}

/** Somebody waits for it, and for nothing that keeps the process alive. */
function laterForSure(callback: () => void, delay: number): () => void {
  const letGo = runtime.keepAlive();
  const cancel = runtime.later(() => {
    letGo();
    callback();
  }, delay);
  return () => {
    letGo();
    cancel();
  };
}

function timedOut(timeout: number): TimeoutExceededError {
  return new TimeoutExceededError(`Cannot wait longer: its timeout of ${timeout} ms is over`);
}
