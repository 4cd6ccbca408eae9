/**
 * The owner's side of its lane's rings: which job stands where on them.
 *
 * @module
 */
import type { Lane } from "../transport/lane.ts";
import { NOBODY, READY, referenceTo, slotOf, stateIn, stateOf } from "../transport/slot.ts";
import type { SlotBook } from "./slot_book.ts";

/** Puts jobs on the rings of one lane, and puts them there again where that is needed. */
export class Rings {
  readonly #lane: Lane;
  readonly #slots: SlotBook;
  readonly #wakeFor: (ring: number) => void;
  /** Where on which ring a slot's reference was put. */
  readonly #positions: Int32Array;
  readonly #rings: Int32Array;
  /** References to jobs that are to be put on their ring again, once it has room. */
  readonly #stranded: number[] = [];

  /**
   * @param lane The lane.
   * @param slots The owner's books of its slots.
   * @param wakeFor Sees to it that somebody takes a job that was put on a ring.
   */
  constructor(lane: Lane, slots: SlotBook, wakeFor: (ring: number) => void) {
    this.#lane = lane;
    this.#slots = slots;
    this.#wakeFor = wakeFor;
    this.#positions = new Int32Array(slots.size);
    this.#rings = new Int32Array(slots.size);
  }

  /** Whether a ring has room. Jobs that were given up may fill it with references that lead nowhere. */
  hasRoom(number: number): boolean {
    const ring = this.#lane.rings[number]!;
    if (ring.hasRoom) return true;
    ring.dropStale((reference) => this.#isStale(reference));
    return ring.hasRoom;
  }

  /** Puts a READY job on a ring that has room. */
  put(slot: number, ring: number): void {
    const reference = referenceTo(slot, this.#slots.generation(slot));
    this.#rings[slot] = ring;
    this.#positions[slot] = this.#lane.rings[ring]!.push(reference);
    this.#wakeFor(ring);
  }

  /**
   * Puts a job on its ring again if it is READY though the ring's head has passed
   * it. It was in the hands of a runner that is gone, or is in those of one that
   * is about to claim it: both references lead to the same exchange, which
   * succeeds once.
   */
  requeue(slot: number): void {
    const ring = this.#rings[slot]!;
    if (!this.#lane.rings[ring]!.isTaken(this.#positions[slot]!)) return;
    if (this.hasRoom(ring)) this.put(slot, ring);
    else this.#stranded.push(referenceTo(slot, this.#slots.generation(slot)));
  }

  /** Puts a job that came back unbegun, and is in nobody's hands, on another ring than before. */
  sendAgain(slot: number, ring: number): void {
    this.#lane.setState(slot, stateOf(this.#slots.generation(slot), NOBODY, READY));
    this.#rings[slot] = ring;
    this.#positions[slot] = this.#lane.rings[ring]!.lastTaken;
    this.requeue(slot);
  }

  /** Tries again for jobs that their ring had no room for. */
  requeueStranded(): void {
    if (this.#stranded.length === 0) return;
    for (const reference of this.#stranded.splice(0)) {
      if (!this.#isStale(reference)) this.requeue(slotOf(reference));
    }
  }

  /** Whether a reference leads nowhere any more: its job was claimed, or given up. */
  #isStale(reference: number): boolean {
    const ready = stateIn(reference, NOBODY, READY);
    return this.#lane.state(slotOf(reference)) !== ready;
  }
}
