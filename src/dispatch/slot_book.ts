/**
 * The owner's books of its slots: which are free, in which generation each is,
 * and who waits for the jobs in them.
 *
 * @module
 */
import type { Arena } from "../memory/arena.ts";
import { UNIT } from "../memory/returns.ts";
import { BLOCK, formOf } from "../task/payload_kind.ts";
import type { Lane } from "../transport/lane.ts";
import {
  ARGUMENTS_BLOCK,
  ARGUMENTS_KIND,
  awaitingMark,
  FREE,
  generationOf,
  NEXT,
  nextGeneration,
  NOBODY,
  phaseOf,
  READY,
  referenceTo,
  runnerOf,
  RUNNING,
  SLOT_WORDS,
  slotOf,
  stateOf,
} from "../transport/slot.ts";
import type { Settler } from "./engine.ts";
import type { OwnerHandles } from "./handles.ts";
import type { SpecialJob } from "./special_job.ts";

/** The books of one lane's slots. */
export class SlotBook {
  readonly #lane: Lane;
  readonly #arena: Arena;
  /** Free slots. The one that was freed last is taken first: it is still in the cache. */
  readonly #free: Int32Array;
  #freeCount: number;
  readonly #capacity: number;
  readonly #generations: Int32Array;
  /** The same of slots that are in use, -1 of others: what no worker can write. */
  readonly #lives: Int32Array;
  readonly #handles: OwnerHandles;
  /** Who waits for the job in a slot; `undefined` where nobody does (any more). */
  readonly settlers: (Settler | undefined)[];
  /** The numbers to tell them. */
  readonly indexes: number[];
  /** What more is to be remembered of a slot's job. */
  readonly specials: (SpecialJob | undefined)[];
  /** Jobs in slots for which somebody waits. */
  awaited = 0;

  /**
   * @param lane The lane.
   * @param arena The owner's arena, which the jobs' arguments are in.
   * @param slots Number of slots of the lane.
   * @param capacity How many jobs in them may be awaited at a time.
   * @param handles What may come beside results.
   */
  constructor(
    lane: Lane,
    arena: Arena,
    slots: number,
    capacity: number,
    handles: OwnerHandles,
  ) {
    this.#lane = lane;
    this.#handles = handles;
    handles.follow((reference) => this.#generations[slotOf(reference)] === generationOf(reference));
    this.#arena = arena;
    this.#free = new Int32Array(slots);
    for (let i = 0; i < slots; i++) this.#free[i] = slots - 1 - i;
    this.#freeCount = slots;
    this.#capacity = capacity;
    this.#generations = new Int32Array(slots);
    this.#lives = new Int32Array(slots).fill(-1);
    this.settlers = new Array(slots).fill(undefined);
    this.indexes = new Array(slots).fill(0);
    this.specials = new Array(slots).fill(undefined);
  }

  /** Number of slots. */
  get size(): number {
    return this.settlers.length;
  }

  /** Whether one more job may go into a slot. */
  get hasFree(): boolean {
    return this.#freeCount > 0 && this.awaited < this.#capacity;
  }

  /** Whether no slot is in use. */
  get allFree(): boolean {
    return this.#freeCount === this.size;
  }

  /** @returns A free slot; there must be one. It is the caller's until `occupy` or `putBack`. */
  take(): number {
    return this.#free[--this.#freeCount]!;
  }

  /** Gives back a slot that was taken and not occupied. */
  putBack(slot: number): void {
    this.#free[this.#freeCount++] = slot;
  }

  /** How many jobs in slots no worker has claimed. Looks at each slot. */
  get unclaimed(): number {
    let count = 0;
    for (let slot = 0; slot < this.size; slot++) {
      if (this.settlers[slot] === undefined) continue;
      if (phaseOf(this.#lane.state(slot)) === READY) count++;
    }
    return count;
  }

  /**
   * Whether a job of a settler is in the hands of a runner, or has returned a promise
   * to whichever. Looks at each slot.
   */
  anyHeldUp(runner: number, settler: Settler): boolean {
    for (let slot = 0; slot < this.size; slot++) {
      if (this.settlers[slot] !== settler) continue;
      const state = this.#lane.state(slot);
      if (phaseOf(state) !== RUNNING) continue;
      if (runnerOf(state) === runner) return true;
      const mark = Atomics.load(this.#lane.words, slot * SLOT_WORDS + NEXT);
      if (mark === awaitingMark(generationOf(state))) return true;
    }
    return false;
  }

  /** The generation of a slot. */
  generation(slot: number): number {
    return this.#generations[slot]!;
  }

  /** Whether a slot is in use, and in the generation that a state word says. */
  isLive(slot: number, state: number): boolean {
    return this.#lives[slot] === generationOf(state);
  }

  /** Whether a slot is in use, whatever its state word says. */
  isInUse(slot: number): boolean {
    return this.#lives[slot] !== -1;
  }

  /** Puts a job into a slot that was taken: FREE to READY. */
  occupy(
    slot: number,
    settler: Settler,
    index: number,
    special: SpecialJob | undefined,
  ): void {
    this.settlers[slot] = settler;
    this.indexes[slot] = index;
    this.specials[slot] = special;
    special?.livesIn(slot);
    this.awaited++;
    this.#lives[slot] = this.#generations[slot]!;
    this.#lane.setState(slot, stateOf(this.#generations[slot]!, NOBODY, READY));
  }

  /** Takes the one who waits from a slot: it is settled, or given up. The slot stays in use. */
  unsettle(slot: number): void {
    this.settlers[slot] = undefined;
    this.specials[slot] = undefined;
    this.awaited--;
  }

  /** To FREE in a new generation; a reference that is still on a ring leads nowhere then. */
  release(slot: number): void {
    const base = slot * SLOT_WORDS;
    if (formOf(this.#lane.words[base + ARGUMENTS_KIND]!) === BLOCK) {
      this.#arena.give((this.#lane.words[base + ARGUMENTS_BLOCK]! >>> 0) * UNIT);
    }
    if (this.#handles.anyArrived) {
      this.#handles.forget(referenceTo(slot, this.#generations[slot]!));
    }
    const generation = nextGeneration(this.#generations[slot]!);
    this.#generations[slot] = generation;
    this.#lives[slot] = -1;
    this.#lane.setState(slot, stateOf(generation, NOBODY, FREE));
    this.#free[this.#freeCount++] = slot;
  }
}
