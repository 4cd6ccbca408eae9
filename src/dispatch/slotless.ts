/**
 * Jobs of a worker's own lane that found no slot, or no room for their arguments:
 * the worker runs them itself, from private memory, so that no depth of nesting
 * waits for a slot that only its own end would free.
 *
 * @module
 */
import type { Settler } from "./engine.ts";
import type { SpecialJob } from "./special_job.ts";

/** One such job, which nobody but this thread knows of any more. */
export class SlotlessJob {
  /** Number of the task function. */
  readonly fn: number;
  /** What the arguments are, see `task/payload_kind.ts`. */
  readonly kind: number;
  /** The encoded arguments. */
  readonly bytes: Uint8Array;
  /** Who is told of the outcome. */
  readonly settler: Settler;
  /** The number to tell it under. */
  readonly index: number;
  /** What more is to be remembered of it. */
  readonly special: SpecialJob | undefined;
  /** Why nobody waits for it any more: TIMED_OUT, ABORTED or CLOSED; 0 before that. */
  givenUpFor = 0;
  /** Called when that comes about. */
  onGivenUp: (() => void) | undefined;

  /**
   * @param fn Number of the task function.
   * @param kind What the arguments are.
   * @param bytes The encoded arguments.
   * @param settler Who is told of the outcome.
   * @param index The number to tell it under.
   * @param special What more is to be remembered of it.
   */
  constructor(
    fn: number,
    kind: number,
    bytes: Uint8Array,
    settler: Settler,
    index: number,
    special: SpecialJob | undefined,
  ) {
    this.fn = fn;
    this.kind = kind;
    this.bytes = bytes;
    this.settler = settler;
    this.index = index;
    this.special = special;
  }

  /** Nobody waits for it any more. */
  giveUp(reason: number): void {
    this.givenUpFor = reason;
    this.onGivenUp?.();
  }
}

/** The books of such jobs that have begun. */
export class SlotlessJobs {
  readonly #bySettler = new Map<Settler, Set<SlotlessJob>>();
  readonly #bySpecial = new Map<SpecialJob, SlotlessJob>();
  /** How many are under way. */
  count = 0;

  /** Notes that a job has begun. */
  begin(job: SlotlessJob): void {
    const { settler, special } = job;
    const jobs = this.#bySettler.get(settler);
    if (jobs === undefined) this.#bySettler.set(settler, new Set([job]));
    else jobs.add(job);
    if (special !== undefined) this.#bySpecial.set(special, job);
    this.count++;
  }

  /** Whether anybody still waits for a job that has begun. */
  isWanted(job: SlotlessJob): boolean {
    return this.#bySettler.get(job.settler)?.has(job) === true;
  }

  /** Forgets a job. @returns Whether anybody still waited for it. */
  end(job: SlotlessJob): boolean {
    const { settler, special } = job;
    const jobs = this.#bySettler.get(settler);
    // Called once more of one that was given up, which may have begun anew by then.
    if (jobs === undefined || !jobs.delete(job)) return false;
    if (jobs.size === 0) this.#bySettler.delete(settler);
    if (special !== undefined) this.#bySpecial.delete(special);
    this.count--;
    return true;
  }

  /** Whether a settler waits for one of them. */
  has(settler: Settler): boolean {
    return this.#bySettler.has(settler);
  }

  /** Gives up a job. @returns Whether it was one of these. */
  withdraw(special: SpecialJob, reason: number): boolean {
    const job = this.#bySpecial.get(special);
    return job !== undefined && this.#giveUp(job, reason);
  }

  /** Gives up all jobs of a settler, or of all, and tells of each. */
  withdrawAll(
    whose: Settler | undefined,
    reason: number,
    tell: (job: SlotlessJob) => void,
  ): void {
    for (const settler of whose === undefined ? this.#bySettler.keys() : [whose]) {
      for (const job of this.#bySettler.get(settler) ?? []) {
        if (this.#giveUp(job, reason)) tell(job);
      }
    }
  }

  #giveUp(job: SlotlessJob, reason: number): boolean {
    job.giveUp(reason);
    return this.end(job);
  }
}
