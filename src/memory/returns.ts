/**
 * Blocks on their way back to the arena that they came from: a linked stack that
 * any thread pushes on and the owner takes whole, as mimalloc's thread-free
 * lists do. Nothing is ever popped singly, so that no address can come around
 * between a load and an exchange (the ABA problem). Model: `tests/model/returns.pml`.
 *
 * @module
 */
import type { Views } from "./views.ts";

/** Word at the arena's start: the block that was pushed last, over {@linkcode UNIT}, or 0. */
const HEAD = 0;
/** Word on the next line: not 0 while the owner waits for room. */
const WANTED = 32;
/** Blocks begin at multiples of this many bytes. */
export const UNIT = 256;

/** The return stack of one arena, seen from one thread. */
export class Returns {
  readonly #views: Views;

  /** @param views This thread's views on the arena. */
  constructor(views: Views) {
    this.#views = views;
  }

  /**
   * Any thread but the owner: gives a block back. The link stands in the block
   * itself; the exchange publishes it.
   *
   * @param block Its byte offset.
   */
  push(block: number): void {
    const words = this.#views.words;
    for (;;) {
      const head = Atomics.load(words, HEAD);
      words[block >>> 2] = head;
      if (Atomics.compareExchange(words, HEAD, head, block / UNIT) === head) return;
    }
  }

  /**
   * Owner: takes all blocks that came back and hands each to `give`. A word that names no
   * block ends it, whoever has written that, and so do more blocks than there are: the links
   * lead in a circle.
   */
  takeAll(give: (block: number) => void): void {
    let head = Atomics.load(this.#views.words, HEAD);
    if (head === 0) return;
    head = Atomics.exchange(this.#views.words, HEAD, 0);
    const end = this.#views.words.length / (UNIT / 4);
    for (let left = end; head > 0 && head < end && left > 0; left--) {
      const block = head * UNIT;
      head = this.#views.words[block >>> 2]!;
      give(block);
    }
  }

  /** Owner: whether it waits for room. It must look at the stack once more after saying so. */
  set wanted(wanted: boolean) {
    Atomics.store(this.#views.words, WANTED, wanted ? 1 : 0);
  }

  /** Others, after `push`: whether the owner waits for it. */
  get wanted(): boolean {
    return Atomics.load(this.#views.words, WANTED) !== 0;
  }

  /** Owner: whether any block came back. */
  get any(): boolean {
    return Atomics.load(this.#views.words, HEAD) !== 0;
  }
}
