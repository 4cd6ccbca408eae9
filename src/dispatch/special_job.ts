/**
 * A job with options that must be remembered while it is under way: a deadline,
 * a signal, further attempts. Most jobs have none of these and no such object.
 *
 * @module
 */
import { Queue } from "../base/queue.ts";
import type { Parcel } from "../task/parcel.ts";
import { NORMAL_RING, ringOfWorker } from "../transport/lane.ts";
import { flowMark, WANTS_REPORTS } from "../transport/slot.ts";
import { asCaller } from "./current_job.ts";
import type { Timed } from "./deadlines.ts";
import type { Settler, SubmitOptions } from "./engine.ts";
import type { ResultSource } from "./runners.ts";

const RINGS = { high: NORMAL_RING - 1, normal: NORMAL_RING, low: NORMAL_RING + 1 };

/** Who watches over such jobs. */
export interface JobWatch {
  /** A job's time is over. */
  timeOut(job: SpecialJob): void;
  /** A job has settled; neither its deadline nor its signal matters any more. */
  forget(job: SpecialJob): void;
}

/** What a job has reported, as it came. */
export interface Report {
  /** Whose work it is. */
  readonly source: ResultSource;
  /** Where it lies there. */
  readonly block: number;
}

/** The books of one such job. */
export class SpecialJob implements Timed {
  /** Who is told of the outcome. */
  readonly settler: Settler;
  /** The number to tell it under. */
  readonly index: number;
  /** The call's options with the pool's defaults filled in. */
  readonly options: SubmitOptions;
  /** Number of the task function. */
  readonly fn: number;
  /** Number of the submission ring. */
  readonly ring: number;
  /** Whether it has come to its end, or was given up. */
  isSettled = false;
  deadline = Infinity;
  place = -1;
  /** Attempts that may follow this one. */
  attemptsLeft: number;
  /** Gets what the job reports, with the caller's context. */
  readonly onProgress: ((value: unknown) => void) | undefined;
  /** The encoded arguments, where a further attempt may need them, and their kind. */
  again: { readonly kind: number; readonly bytes: Uint8Array } | undefined;
  /** What travels beside its arguments, if anything does. */
  parcel: Parcel | undefined;
  /** What its `onProgress` has thrown: the job fails with that, though it may have done. */
  failure: { readonly error: unknown } | undefined;
  /** Why it was to end when it had done so and was not settled yet: for a result that does not come. */
  lateEnd: { readonly error: unknown } | undefined;
  /** Its reports that were taken and whose telling has not begun, where somebody wants them. */
  readonly reports: Queue<Report> | undefined;
  /** How many of its reports were taken and not told. */
  untold = 0;
  /** What brings it to its end once there are none. */
  whenTold: (() => void) | undefined;
  /** The slot that it lives in, -1 while it waits. */
  slot = -1;
  readonly #watch: JobWatch;
  /** Takes it out of the backlog that it waits in. */
  dropFromBacklog: (() => void) | undefined;

  /**
   * @param settler Who is told of the outcome.
   * @param index The number to tell it under.
   * @param options The call's options with the pool's defaults filled in.
   * @param fn Number of the task function.
   * @param watch Who watches over it.
   */
  constructor(
    settler: Settler,
    index: number,
    options: SubmitOptions,
    fn: number,
    watch: JobWatch,
  ) {
    this.#watch = watch;
    this.settler = settler;
    this.index = index;
    this.options = options;
    this.fn = fn;
    this.ring = options.worker !== undefined
      ? ringOfWorker(options.worker)
      : RINGS[options.priority ?? "normal"];
    this.attemptsLeft = options.retry ?? 0;
    this.onProgress = options.onProgress && asCaller(options.onProgress);
    this.reports = options.onProgress && new Queue();
  }

  /** What its slot says in EXTRAS while it is begun. */
  get extras(): number {
    const attempt = (this.options.retry ?? 0) - this.attemptsLeft;
    const reports = this.onProgress === undefined ? 0 : WANTS_REPORTS;
    return attempt | reports | flowMark(this.options.flow ?? 0);
  }

  /** Its time is over. */
  due(): void {
    this.#watch.timeOut(this);
  }

  /** It has settled. */
  ended(): void {
    this.isSettled = true;
    this.#watch.forget(this);
    this.parcel?.close();
  }

  /** Notes that it waits, and what takes it from there. */
  waits(drop: () => void): void {
    this.slot = -1;
    this.dropFromBacklog = drop;
  }

  /** Notes the slot that it lives in. */
  livesIn(slot: number): void {
    this.slot = slot;
    this.dropFromBacklog = undefined;
  }
}
