/**
 * The way of jobs back to their owner: a linked stack of slots. Workers push; the
 * owner takes nothing off, but reads on from the top to where the top was when it
 * looked last, and so writes nothing that workers would have to wait for. A link
 * says which slot it is of and, in the bits above, how many were pushed before: no
 * two links among half a million are the same, so that the owner finds its place
 * again. Nothing is popped singly, which is what Treiber's stack (R. K. Treiber,
 * 1986) has the ABA problem from. Model: `tests/model/job.pml`, steps push and take all.
 *
 * @module
 */
import type { Watched } from "../sync/spinner.ts";
import { MAX_SLOTS, NEXT, SLOT_WORDS } from "./slot.ts";

/** Added to a link for each push; below it are the bits of the slot's number. */
const PUSH = MAX_SLOTS;
const SLOT = MAX_SLOTS - 1;
/** A link is never negative: what NEXT says of running jobs is. */
const LINK = 0x7fffffff;

/** The link by which a slot is pushed on what lies below. */
export const linkOn = (below: number, slot: number): number =>
  (((below & ~SLOT) + PUSH) & LINK) | slot;

/** The completion stack of one lane. */
export class CompletionStack implements Watched {
  /** Its top, a word that changes with each push. */
  readonly words: Int32Array;
  readonly #slots: Int32Array;
  /** The owner's last look at the top: what lies from there on down was taken. */
  #taken = 0;

  /**
   * Its owner makes one only, over zeroed memory.
   *
   * @param head Shared words of which the first is the top, on a line of their own.
   * @param slots The words of the lane's slots.
   */
  constructor(head: Int32Array, slots: Int32Array) {
    this.words = head;
    this.#slots = slots;
  }

  get at(): number {
    return 0;
  }

  /** Worker: pushes a slot that it has brought to its end. */
  push(slot: number): void {
    const next = slot * SLOT_WORDS + NEXT;
    // A guess, which the exchange puts right.
    let top = this.words[0]!;
    for (;;) {
      this.#slots[next] = top;
      // Publishes the link to what lies below together with the slot.
      const found = Atomics.compareExchange(this.words, 0, top, linkOn(top, slot));
      if (found === top) return;
      top = found;
    }
  }

  /** Owner: whether anything is to be taken. */
  get isEmpty(): boolean {
    return Atomics.load(this.words, 0) === this.#taken;
  }

  /**
   * Owner: takes everything that was pushed since it did so last. What is no link ends it, and
   * what does not follow from the link below, whoever has written that.
   *
   * @param into Receives the slots, oldest first; as long as the lane has slots.
   * @returns How many there were.
   */
  takeAll(into: Int32Array): number {
    const top = Atomics.load(this.words, 0);
    let count = 0;
    let link = top;
    while (link !== this.#taken && link >= 0 && count < into.length) {
      const slot = link & SLOT;
      if (slot >= into.length) break;
      into[count++] = slot;
      const below = this.#slots[slot * SLOT_WORDS + NEXT]!;
      if (linkOn(below, slot) !== link) break;
      link = below;
    }
    this.#taken = top;
    for (let low = 0, high = count - 1; low < high; low++, high--) {
      const slot = into[low]!;
      into[low] = into[high]!;
      into[high] = slot;
    }
    return count;
  }
}
