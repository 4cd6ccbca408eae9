/**
 * Workers that do not come back from a job that was given up: after a grace they
 * are replaced.
 *
 * @module
 */
import type { Lane } from "../transport/lane.ts";
import { ABANDONED, phaseOf, runnerOf, RUNNING } from "../transport/slot.ts";
import type { Deadlines } from "./deadlines.ts";
import type { Runners } from "./runners.ts";
import type { SlotBook } from "./slot_book.ts";

/**
 * How long in milliseconds an abandoned job may go on before its worker is replaced, as a rule.
 * On a busy machine a thread may not run for a tenth of a second, whatever it would do.
 */
const GRACE = 200;

/** Watches over the runners of jobs that were given up. */
export class Stragglers {
  readonly #lane: Lane;
  readonly #slots: SlotBook;
  readonly #runners: Runners;
  readonly #deadlines: Deadlines;

  /**
   * @param lane The lane.
   * @param slots The books of its slots.
   * @param runners Who runs its jobs.
   * @param deadlines Tell when a grace is over, also while this thread blocks.
   */
  constructor(lane: Lane, slots: SlotBook, runners: Runners, deadlines: Deadlines) {
    this.#lane = lane;
    this.#slots = slots;
    this.#runners = runners;
    this.#deadlines = deadlines;
  }

  /**
   * Synchronous code cannot be told to stop: a worker that goes on with it is
   * replaced. Code that runs after an `await` is known to be the job's own only
   * where the worker has no other job under way.
   *
   * @param slot The slot of a job that was given up while it ran.
   * @param abandoned The slot's state since then.
   * @param grace How long in milliseconds the job may go on.
   */
  watch(slot: number, abandoned: number, grace: number = GRACE): void {
    const runner = runnerOf(abandoned);
    const beat = this.#runners.askForSign(runner);
    const goesOn = () => this.#lane.state(slot) === abandoned;
    const look = () => {
      if (!goesOn()) return;
      const isInside = this.#runners.isInside(runner, slot);
      const isLowest = this.#runners.isLowest(runner, slot);
      const isStuck = isLowest || !this.#runners.gaveSign(runner, beat);
      if (isInside || (isStuck && !this.#hasOthers(runner, slot, isLowest))) {
        return this.#runners.replace(runner, goesOn);
      }
      // Else what runs on top of it is somebody's who waits for it.
      if (isLowest) this.#deadlines.doLater(look, GRACE);
    };
    this.#deadlines.doLater(look, grace);
  }

  /**
   * Whether a runner has begun other jobs than the one in a slot, and ones that are wanted.
   *
   * @param isOnStack Whether that one is in synchronous code, and so not among those that await.
   */
  #hasOthers(runner: number, slot: number, isOnStack: boolean): boolean {
    let here = isOnStack ? -1 : 0;
    for (let other = 0; other < this.#slots.size; other++) {
      const state = this.#lane.state(other);
      const phase = phaseOf(state);
      if (runnerOf(state) !== runner || (phase !== RUNNING && phase !== ABANDONED)) continue;
      if (phase === RUNNING && other !== slot) return true;
      here++;
    }
    return this.#runners.isElsewhere(runner, here);
  }
}
