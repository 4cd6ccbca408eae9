/**
 * The last step of every job, whichever way it has come to its end: whoever waits
 * for it is told. That this happens once for each job is argued in
 * `transport/README.md`; here it is counted.
 *
 * @module
 */
import type { Settler } from "./engine.ts";
import type { SlotBook } from "./slot_book.ts";
import type { SlotlessJobs } from "./slotless.ts";
import type { SpecialJob } from "./special_job.ts";
import type { Submitter } from "./submitter.ts";

/** Tells of outcomes, and knows how many are still to be told. */
export class Settlement {
  readonly #slots: SlotBook;
  readonly #submitter: Submitter;
  readonly #slotless: SlotlessJobs;
  #whenIdle: (() => void) | undefined;
  /** Jobs that were settled. */
  settled = 0;

  /**
   * @param slots The books of the jobs in slots.
   * @param submitter Knows the jobs that wait for one.
   * @param slotless The books of those that have begun without one.
   */
  constructor(slots: SlotBook, submitter: Submitter, slotless: SlotlessJobs) {
    this.#slots = slots;
    this.#slotless = slotless;
    this.#submitter = submitter;
  }

  /** Jobs that are accepted and not settled. */
  get unsettled(): number {
    return this.#slots.awaited + this.#submitter.waiting + this.#slotless.count;
  }

  /** Tells the one who waits for a job that is in no book any more. */
  tell(
    settler: Settler,
    index: number,
    special: SpecialJob | undefined,
    failed: boolean,
    outcome: unknown,
  ): void {
    special?.ended();
    this.settled++;
    settler.settle(index, failed, outcome);
    if (this.#whenIdle !== undefined && this.unsettled === 0) this.#whenIdle();
  }

  /** @returns A promise of the moment when all jobs have settled. */
  allSettled(): Promise<void> {
    if (this.unsettled === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
    });
  }
}
