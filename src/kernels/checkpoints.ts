/**
 * Where a chunk ends early that nobody waits for any more.
 *
 * @module
 */
import { findCurrentJob } from "../dispatch/current_job.ts";

/** Of chunks with more items than this, items are small: not each of them is worth a look. */
const FEW = 1024;
const ITEMS_PER_LOOK = 64;

/** Looks, between items, whether the job is still waited for. */
export class Checkpoints {
  readonly #job = findCurrentJob();
  readonly #mask: number;

  /** @param items How many items the chunk has. */
  constructor(items: number) {
    this.#mask = items > FEW ? ITEMS_PER_LOOK - 1 : 0;
  }

  /**
   * Comes before each item.
   *
   * @param item Its number.
   * @throws The job's reason to end.
   */
  pass(item: number): void {
    if ((item & this.#mask) === 0) this.#job?.throwIfAborted();
  }
}
