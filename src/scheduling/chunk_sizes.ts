/**
 * How many items go out in one chunk.
 *
 * @module
 */

/** What sending one may hold the submitting thread for, in milliseconds. */
const SENDING = 0.5;
/** So many times as large as the largest one measured may the next chunk be. */
const GROWTH = 8;
/** Chunks at the end are not smaller than this part of a full one: they would cost more than they even out. */
const LEAST_PART = 1 / 40;
/** So many chunks for each worker are left of the rest, so that the last ones are small. */
const DIVISIONS = 2;
/** Most items of a chunk. */
const MOST_ITEMS = 2 ** 24;

/**
 * Sizes of chunks, learned from what earlier ones took: they begin with one item,
 * grow to what is aimed at, and shrink again where the end is known to be near,
 * so that all workers finish together.
 */
export class ChunkSizes {
  readonly #workers: number;
  readonly #fixed: number | undefined;
  readonly #target: number;
  #size = 1;
  #most = MOST_ITEMS;
  /** What part of a full chunk one item is. */
  #part: number | undefined;

  /**
   * @param workers How many chunks run at a time.
   * @param target What a chunk is to take in its worker, in milliseconds.
   * @param fixed Size of all chunks, where it is not to be learned.
   */
  constructor(workers: number, target: number, fixed?: number) {
    this.#workers = workers;
    this.#fixed = fixed;
    this.#target = target;
  }

  /**
   * @param remaining How many items are left; `undefined` where nobody knows.
   * @param most Most items that there is room for; it does not bind a fixed size.
   * @returns Size of the next chunk, at least 1.
   */
  next(remaining: number | undefined, most: number): number {
    if (this.#fixed !== undefined) return this.#fixed;
    let size = Math.min(this.#size, most);
    if (remaining !== undefined) {
      const share = Math.ceil(remaining / (DIVISIONS * this.#workers));
      size = Math.min(size, Math.max(share, Math.ceil(size * LEAST_PART)));
    }
    return Math.max(1, size);
  }

  /**
   * Chunks that are larger cannot be sent.
   *
   * @param items How many items are few enough, as far as that is known.
   */
  bound(items: number): void {
    this.#most = Math.min(this.#most, items);
    this.#size = Math.min(this.#size, items);
  }

  /**
   * Learns from a chunk.
   *
   * @param items How many items it had.
   * @param running Milliseconds that it took in its worker; 0 where the clock is coarse.
   * @param sending Milliseconds that sending it took.
   */
  learn(items: number, running: number, sending: number): void {
    const part = Math.max(running / this.#target, sending / SENDING, 0) / items;
    // What the first items take, before their code is compiled, is soon forgotten.
    this.#part = this.#part === undefined ? part : (this.#part + part) / 2;
    const ideal = Math.max(1, Math.floor(Math.min(1 / this.#part, this.#most)));
    const reachable = Math.max(this.#size, GROWTH * items);
    this.#size = Math.min(ideal, reachable);
  }
}
