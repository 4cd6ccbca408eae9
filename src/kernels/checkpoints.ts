/**
 * Where a chunk ends early: nobody waits for it any more, or others wait for its worker.
 *
 * @module
 */
import { findCurrentJob } from "../dispatch/current_job.ts";

/** Of chunks with more items than this, items are small: not each of them is worth a look. */
const FEW = 1024;
const ITEMS_PER_LOOK = 64;
/** Nor each look one at the clock. */
const LOOKS_PER_READING = 16;

/** Milliseconds that a chunk has while others wait for its worker. */
const SLICE = 32;
/** Milliseconds that a chunk has at most: its items may take longer than those before them did. */
const LONGEST = 256;

/** Looks, between items, whether to go on with a chunk. */
export class Checkpoints {
  readonly #job = findCurrentJob();
  readonly #items: number;
  readonly #mayEnd: boolean;
  readonly #itemsPerLook: number;
  readonly #looksPerReading: number;
  #looks = 0;
  /** When the clock was read first. */
  #began = 0;

  /**
   * @param items How many items the chunk has.
   * @param mayEnd Whether it may end early and leave the other items to another chunk.
   */
  constructor(items: number, mayEnd: boolean) {
    this.#items = items;
    this.#mayEnd = mayEnd;
    this.#itemsPerLook = items > FEW ? ITEMS_PER_LOOK : 1;
    this.#looksPerReading = items > FEW ? LOOKS_PER_READING : 1;
  }

  /**
   * Comes before an item.
   *
   * @param item Its number.
   * @returns Before which item to come again; the same one where the chunk is to end, which is
   * never so at the first.
   * @throws The job's reason to end.
   */
  pass(item: number): number {
    this.#job?.throwIfAborted();
    if (this.#mayEnd && this.#looks++ % this.#looksPerReading === 0 && this.#isOver()) return item;
    return Math.min(item + this.#itemsPerLook, this.#items);
  }

  #isOver(): boolean {
    const now = performance.now();
    if (this.#looks === 1) this.#began = now;
    const spent = now - this.#began;
    return spent >= SLICE && (spent >= LONGEST || this.#job?.othersWait === true);
  }
}
