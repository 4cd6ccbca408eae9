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
}

/** The books of such jobs that have begun. */
export class SlotlessJobs {
  readonly #begun = new Set<SlotlessJob>();
  readonly #bySpecial = new Map<SpecialJob, SlotlessJob>();
  /** How many are under way. */
  count = 0;

  /** Notes that a job has begun. */
  begin(job: SlotlessJob): void {
    this.#begun.add(job);
    if (job.special !== undefined) this.#bySpecial.set(job.special, job);
    this.count = this.#begun.size;
  }

  /** Whether anybody still waits for a job that has begun. */
  isWanted(job: SlotlessJob): boolean {
    return this.#begun.has(job);
  }

  /** Forgets a job. @returns Whether anybody still waited for it. */
  end(job: SlotlessJob): boolean {
    // Called once more of one that was given up, which may have begun anew by then.
    if (!this.#begun.delete(job)) return false;
    if (job.special !== undefined) this.#bySpecial.delete(job.special);
    this.count = this.#begun.size;
    return true;
  }

  /** Whether a settler waits for one of them. */
  has(settler: Settler): boolean {
    for (const job of this.#begun) if (job.settler === settler) return true;
    return false;
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
    for (const job of this.#begun) {
      if (whose !== undefined && job.settler !== whose) continue;
      if (this.#giveUp(job, reason)) tell(job);
    }
  }

  #giveUp(job: SlotlessJob, reason: number): boolean {
    job.givenUpFor = reason;
    job.onGivenUp?.();
    return this.end(job);
  }
}
