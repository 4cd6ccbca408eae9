/**
 * Takes jobs from wherever they are: out of the backlog, off the ring, or away
 * from the worker that runs them. The steps "cancel" and "abandon" of
 * `transport/README.md`, which a lane's owner competes for with the workers' "claim"
 * and "complete".
 * Model: `tests/model/job.pml`, steps cancel and abandon.
 *
 * @module
 */
import type { Lane } from "../transport/lane.ts";
import {
  ABANDONED,
  DONE,
  EXTRAS,
  FREE,
  generationOf,
  NOBODY,
  phaseOf,
  READY,
  REASON_SHIFT,
  runnerOf,
  RUNNING,
  SLOT_WORDS,
  stateOf,
} from "../transport/slot.ts";
import type { Settler } from "./engine.ts";
import type { Progress } from "./progress.ts";
import type { Results } from "./results.ts";
import type { Settlement } from "./settlement.ts";
import { shareError } from "./shared_errors.ts";
import type { SlotBook } from "./slot_book.ts";
import type { SlotlessJobs } from "./slotless.ts";
import type { SpecialJob } from "./special_job.ts";
import type { Stragglers } from "./stragglers.ts";
import type { Submitter } from "./submitter.ts";

/** Gives jobs up. Slots and places that this frees are the caller's to fill. */
export class Cancellation {
  readonly #lane: Lane;
  readonly #slots: SlotBook;
  readonly #submitter: Submitter;
  readonly #slotless: SlotlessJobs;
  readonly #settlement: Settlement;
  readonly #progress: Pick<Progress, "take" | "dropOf">;
  readonly #results: Pick<Results, "dropHeldUp">;
  readonly #stragglers: Stragglers;

  /**
   * @param lane The lane.
   * @param slots The books of the jobs in slots.
   * @param submitter Has the jobs that wait for one.
   * @param slotless The books of those that have begun without one.
   * @param settlement Told of jobs that are given up together.
   * @param progress Has the reports that are still to be told.
   * @param results Has the jobs whose results need what is not here yet.
   * @param stragglers Watches over those who run what was given up.
   */
  constructor(
    lane: Lane,
    slots: SlotBook,
    submitter: Submitter,
    slotless: SlotlessJobs,
    settlement: Settlement,
    progress: Pick<Progress, "take" | "dropOf">,
    results: Pick<Results, "dropHeldUp">,
    stragglers: Stragglers,
  ) {
    this.#lane = lane;
    this.#slots = slots;
    this.#submitter = submitter;
    this.#slotless = slotless;
    this.#settlement = settlement;
    this.#progress = progress;
    this.#results = results;
    this.#stragglers = stragglers;
  }

  /**
   * Takes a job from wherever it is; who waits for it is the caller's to tell.
   *
   * @param reason Why, for the job itself: TIMED_OUT, ABORTED or CLOSED.
   * @returns Whether it had not come to its end already.
   */
  takeAway(job: SpecialJob, reason: number): boolean {
    return this.#submitter.withdraw(job) || this.#slotless.withdraw(job, reason) ||
      (job.slot >= 0 && this.#abandon(job.slot, reason));
  }

  /** Whether a job has come to its end, and only its outcome, or reports of it, are to be told. */
  hasEnded(job: SpecialJob): boolean {
    return job.slot >= 0 && phaseOf(this.#lane.state(job.slot)) === DONE;
  }

  /** A job has settled: what it has reported and nobody was told yet concerns nobody. */
  dropReports(job: SpecialJob): void {
    if (job.untold > 0) this.#progress.dropOf(job);
  }

  /**
   * Gives up every job of a settler.
   *
   * @param whose The settler; `undefined` for all.
   * @param error What each of the jobs fails with.
   * @param reason Why, for the jobs themselves.
   * @param grace How long in milliseconds they may go on in synchronous code.
   */
  cancelAll(
    whose: Settler | undefined,
    error: unknown,
    reason: number,
    grace?: number,
  ): void {
    shareError(error);
    this.#submitter.withdrawAll(whose, (settler, index, special) => {
      this.#settlement.tell(settler, index, special, true, error);
    });
    this.#slotless.withdrawAll(whose, reason, ({ settler, index, special }) => {
      this.#settlement.tell(settler, index, special, true, error);
    });
    for (let slot = 0; slot < this.#slots.size; slot++) {
      const settler = this.#slots.settlers[slot];
      if (settler === undefined || (whose !== undefined && settler !== whose)) continue;
      const special = this.#slots.specials[slot];
      if (!this.#abandon(slot, reason, grace)) continue;
      this.#settlement.tell(settler, this.#slots.indexes[slot]!, special, true, error);
    }
  }

  /** READY to FREE, or RUNNING to ABANDONED. @returns Whether the job was still to be had. */
  #abandon(slot: number, reason: number, grace?: number): boolean {
    for (;;) {
      const state = this.#lane.state(slot);
      const generation = generationOf(state);
      switch (phaseOf(state)) {
        case READY:
          if (!this.#lane.changeState(slot, state, stateOf(generation, NOBODY, FREE))) continue;
          this.#slots.unsettle(slot);
          this.#slots.release(slot);
          return true;
        case RUNNING: {
          const abandoned = stateOf(generation, runnerOf(state), ABANDONED);
          // Published by the exchange; the runner reads it only after that.
          this.#lane.words[slot * SLOT_WORDS + EXTRAS]! |= reason << REASON_SHIFT;
          if (!this.#lane.changeState(slot, state, abandoned)) continue;
          // What it has reported so far is told if a further attempt follows.
          if (this.#slots.specials[slot]?.reports !== undefined) this.#progress.take();
          this.#slots.unsettle(slot);
          this.#stragglers.watch(slot, abandoned, grace);
          return true;
        }
        default: {
          // It has come to its end. Its completion settles it, unless something is waited for first.
          if (this.#results.dropHeldUp(slot)) return true;
          const job = this.#slots.specials[slot];
          if (job?.onProgress === undefined) return false;
          this.#slots.unsettle(slot);
          this.#progress.dropOf(job);
          return true;
        }
      }
    }
  }
}
