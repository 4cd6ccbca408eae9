/**
 * Where a chunk ends early: nobody waits for it any more, or others wait for its worker.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { findCurrentJob } from "../dispatch/current_job.ts";

/** Most items between two looks: a look costs as much as some dozen tiny ones. */
const MOST_ITEMS = 256;
/** Where less time than this has passed since the last look, twice as many items may go before the next. */
const CLOSE = 0.125;
/** Where more time has passed, each item is looked at. */
const FAR = 1;

/** Milliseconds that a chunk has while others wait for its worker. */
const SLICE = 32;
/** Milliseconds from there on between two looks whether they do, which take a microsecond. */
const PAUSE = 1;
/** Milliseconds that a chunk has at most: its items may take longer than those before them did. */
const LONGEST = 256;

/** Looks, between items, whether to go on with a chunk. */
export class Checkpoints {
  readonly #job = findCurrentJob();
  readonly #items: number;
  readonly #mayEnd: boolean;
  readonly #clock: () => number;
  readonly #began: number;
  #lastLook: number;
  #askAt: number;
  /** Items up to the next look. */
  #stride = 1;

  /**
   * @param items How many items the chunk has.
   * @param mayEnd Whether it may end early and leave the other items to another chunk.
   * @param clock The time in milliseconds.
   */
  constructor(items: number, mayEnd: boolean, clock: () => number = now) {
    this.#items = items;
    this.#mayEnd = mayEnd;
    this.#clock = clock;
    this.#began = this.#lastLook = clock();
    this.#askAt = this.#began + SLICE;
  }

  /**
   * Comes before an item.
   *
   * @param item Its number, from 0.
   * @returns Before which item to come again; the same one where the chunk is to end, which is
   * never so at the first.
   * @throws The job's reason to end.
   */
  pass(item: number): number {
    this.#job?.throwIfAborted();
    if (item > 0) {
      const time = this.#clock();
      if (this.#mayEnd && this.#isOver(time)) return item;
      this.#learn(time - this.#lastLook);
      this.#lastLook = time;
    }
    return Math.min(item + this.#stride, this.#items);
  }

  #learn(passed: number): void {
    if (passed < CLOSE) this.#stride = Math.min(2 * this.#stride, MOST_ITEMS);
    else if (passed > FAR) this.#stride = 1;
  }

  #isOver(time: number): boolean {
    if (time < this.#askAt) return false;
    this.#askAt = time + PAUSE;
    return time - this.#began >= LONGEST || this.#job?.othersWait === true;
  }
}
