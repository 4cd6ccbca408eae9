/**
 * Jobs with options: their way in, their time, their signals and their further
 * attempts. All of it on the thread of the lane's owner.
 *
 * @module
 */
import { TimeoutExceededError } from "../base/errors.ts";
import { ENCODE_ANEW } from "../codec/mod.ts";
import type { FunctionNumbers } from "../task/function_table.ts";
import { Parcel, type ParcelDesk } from "../task/parcel.ts";
import { ABORTED, TIMED_OUT } from "../transport/slot.ts";
import type { Cancellation } from "./cancellation.ts";
import type { Deadlines } from "./deadlines.ts";
import type { JobOptions, Settler, SubmitOptions } from "./engine.ts";
import type { Settlement } from "./settlement.ts";
import { shareError } from "./shared_errors.ts";
import { Signals } from "./signals.ts";
import { type JobWatch, SpecialJob } from "./special_job.ts";
import type { Submitter } from "./submitter.ts";

/** What such jobs are brought through their life with. */
export interface SpecialJobsParts {
  /** Options that every job of the pool has. */
  readonly defaults: JobOptions | undefined;
  readonly functions: FunctionNumbers;
  readonly submitter: Submitter;
  readonly deadlines: Deadlines;
  readonly cancellation: Cancellation;
  readonly settlement: Settlement;
  /** Who sends what travels beside arguments. */
  readonly handles: ParcelDesk;
  /** Called after deadlines or signals have freed slots or places. */
  readonly goOn: () => void;
}

/** The jobs with options of one pool. */
export class SpecialJobs implements JobWatch {
  readonly #parts: SpecialJobsParts;
  readonly #signals = new Signals<SpecialJob>((jobs, reason) => this.#abort(jobs, reason));

  /** @param parts What it works with. */
  constructor(parts: SpecialJobsParts) {
    this.#parts = parts;
  }

  /**
   * Accepts a job, or throws and has changed nothing; see `Engine.submit`.
   *
   * @param parcel What can travel beside its arguments, where it is known that something does.
   */
  submit(
    fn: unknown,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    given: SubmitOptions | undefined,
    parcel?: Parcel,
  ): void {
    const { functions, submitter, deadlines, handles } = this.#parts;
    const options = this.#withDefaults(given);
    options.signal?.throwIfAborted();
    const job = new SpecialJob(settler, index, options, functions.numberOf(fn), this);
    job.parcel = parcel;
    try {
      submitter.submitSpecial(job, fn, args);
    } catch (error) {
      if (error !== ENCODE_ANEW) throw error;
      job.parcel = new Parcel(handles);
      submitter.submitSpecial(job, fn, args);
    }
    if (options.timeout !== undefined) deadlines.set(job, options.timeout);
    if (options.signal !== undefined) this.#signals.watch(options.signal, job);
    // Code of the user's ran while the arguments were encoded.
    if (options.signal?.aborted) {
      shareError(options.signal.reason);
      this.giveUp(job, options.signal.reason);
    }
  }

  /** An option that is passed as `undefined` is not passed. */
  #withDefaults(options: SubmitOptions | undefined): SubmitOptions {
    const { defaults } = this.#parts;
    const timeout = options?.timeout ?? defaults?.timeout;
    return { ...options, timeout, retry: options?.retry ?? defaults?.retry };
  }

  /**
   * Begins the next attempt of a job that is in no slot any more; all of its time
   * is before it again. It was accepted: a pool that is being closed makes them too.
   *
   * @returns Whether it had one left.
   */
  beginAnew(job: SpecialJob): boolean {
    const { submitter, deadlines } = this.#parts;
    if (!submitter.retry(job)) return false;
    job.lateEnd = undefined;
    if (job.options.timeout !== undefined) deadlines.set(job, job.options.timeout);
    return true;
  }

  timeOut(job: SpecialJob): void {
    const { cancellation, functions, settlement } = this.#parts;
    // What waits only for its reports to be told has nothing to do once more.
    const hasEnded = cancellation.hasEnded(job);
    const error = () => timedOut(functions.nameOf(job.fn), job);
    if (!cancellation.takeAway(job, TIMED_OUT)) return void (job.lateEnd ??= { error: error() });
    if (hasEnded || !this.beginAnew(job)) {
      settlement.tell(job.settler, job.index, job, true, error());
    }
    this.#parts.goOn();
  }

  forget(job: SpecialJob): void {
    const { deadlines, cancellation } = this.#parts;
    deadlines.remove(job);
    cancellation.dropReports(job);
    const { signal } = job.options;
    if (signal !== undefined) this.#signals.forget(signal, job);
  }

  #abort(jobs: readonly SpecialJob[], reason: unknown): void {
    shareError(reason);
    for (const job of jobs) this.giveUp(job, reason);
    this.#parts.goOn();
  }

  /** Fails a job of which nobody wants the result any more. */
  giveUp(job: SpecialJob, error: unknown): void {
    if (job.isSettled) return;
    if (!this.#parts.cancellation.takeAway(job, ABORTED)) return void (job.lateEnd ??= { error });
    this.#parts.settlement.tell(job.settler, job.index, job, true, error);
  }
}

function timedOut(name: string, job: SpecialJob): TimeoutExceededError {
  return new TimeoutExceededError(
    `Cannot wait longer for ${name}: its timeout of ${job.options.timeout} ms is over`,
  );
}
