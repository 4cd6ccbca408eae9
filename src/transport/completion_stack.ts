/**
 * The way of jobs back to their owner: a linked stack of slots. Workers push, the
 * owner takes all at once, so that nothing is ever popped singly and the ABA
 * problem of Treiber's stack (R. K. Treiber, 1986) cannot arise. Model:
 * `tests/model/job.pml`, steps push and take all.
 *
 * @module
 */
import { NEXT, SLOT_WORDS } from "./slot.ts";

/** The completion stack of one lane. */
export class CompletionStack {
  readonly #head: Int32Array;
  readonly #slots: Int32Array;

  /**
   * @param head One shared word, zeroed, on a line of its own.
   * @param slots The words of the lane's slots.
   */
  constructor(head: Int32Array, slots: Int32Array) {
    this.#head = head;
    this.#slots = slots;
  }

  /** Worker: pushes a slot that it has brought to its end. */
  push(slot: number): void {
    const link = slot * SLOT_WORDS + NEXT;
    // A guess, which the exchange puts right.
    let head = this.#head[0]!;
    for (;;) {
      this.#slots[link] = head;
      // Publishes the link together with the slot.
      const found = Atomics.compareExchange(this.#head, 0, head, slot + 1);
      if (found === head) return;
      head = found;
    }
  }

  /** Owner: whether anything is to be taken. */
  get isEmpty(): boolean {
    return Atomics.load(this.#head, 0) === 0;
  }

  /**
   * Owner: takes everything. A word that names no slot ends it, whoever has written that.
   *
   * @param into Receives the slots, oldest first; as long as the lane has slots.
   * @returns How many there were.
   */
  takeAll(into: Int32Array): number {
    if (this.isEmpty) return 0;
    let link = Atomics.exchange(this.#head, 0, 0);
    let count = 0;
    // The bottom, 0, is below the first slot, and so beyond the last as an unsigned number.
    while ((link - 1) >>> 0 < into.length && count < into.length) {
      into[count++] = link - 1;
      link = this.#slots[(link - 1) * SLOT_WORDS + NEXT]!;
    }
    for (let low = 0, high = count - 1; low < high; low++, high--) {
      const slot = into[low]!;
      into[low] = into[high]!;
      into[high] = slot;
    }
    return count;
  }
}
