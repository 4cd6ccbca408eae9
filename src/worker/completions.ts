/**
 * A worker's results: written to their slots, then handed back to the host.
 *
 * @module
 */
import type { Format } from "../codec/mod.ts";
import type { Arena } from "../memory/arena.ts";
import { UNIT } from "../memory/returns.ts";
import type { Parker } from "../sync/parker.ts";
import type { Outbox } from "../task/outbox.ts";
import {
  BLOCK,
  FAILED,
  FALSE,
  FORMAT_SHIFT,
  FORMATS,
  INLINE,
  kindOfNumbers,
  NULL,
  TRUE,
  UNDEFINED,
} from "../task/payload_kind.ts";
import { inlineOf } from "../transport/lane.ts";
import type { Lane } from "../transport/lane.ts";
import {
  ABANDONED,
  ARGUMENTS_KIND,
  DONE,
  generationOf,
  INLINE_BYTES,
  RESULT_BLOCK,
  RESULT_KIND,
  RESULT_LENGTH,
  RETIRED,
  RUNNING,
  SLOT_WORDS,
  slotOf,
  stateOf,
} from "../transport/slot.ts";

/** A result that waits in private memory until the arena has room for it. */
interface Held {
  readonly reference: number;
  readonly kind: number;
  readonly bytes: Uint8Array;
}

const ONE_NUMBER = kindOfNumbers(1);

/** The way of results from one worker to the host. */
export class Completions {
  readonly #lane: Lane;
  readonly #arena: Arena;
  readonly #outbox: Outbox;
  readonly #host: Parker;
  readonly #runner: number;
  readonly #held: Held[] = [];
  /** Whether the host was woken, since the loop last asked. */
  wokeHost = false;

  /**
   * @param lane The host's lane.
   * @param arena This worker's arena.
   * @param outbox What encodes into it.
   * @param host The host's parking place.
   * @param runner This worker's runner number.
   */
  constructor(lane: Lane, arena: Arena, outbox: Outbox, host: Parker, runner: number) {
    this.#lane = lane;
    this.#arena = arena;
    this.#outbox = outbox;
    this.#host = host;
    this.#runner = runner;
  }

  /** Whether results wait for room. */
  get holding(): boolean {
    return this.#held.length > 0;
  }

  /** Whether blocks have come back since the last look. */
  get roomCame(): boolean {
    return this.#arena.returns.any;
  }

  /** Whether the host still waits for a job that this worker has claimed. */
  isWanted(reference: number): boolean {
    const running = stateOf(generationOf(reference), this.#runner, RUNNING);
    return this.#lane.state(slotOf(reference)) === running;
  }

  /** Gives back the slot of a job that was given up before it was called. */
  retire(reference: number): void {
    this.#complete(reference, -1);
  }

  /** Brings a claimed job to its end with what its function returned. */
  succeed(reference: number, value: unknown): void {
    const slot = slotOf(reference);
    const base = slot * SLOT_WORDS;
    const words = this.#lane.words;
    const format = words[base + ARGUMENTS_KIND]! >>> FORMAT_SHIFT;
    if (format === 0) {
      if (typeof value === "number") {
        this.#lane.numbers[inlineOf(slot) >>> 3] = value;
        words[base + RESULT_KIND] = ONE_NUMBER;
        return this.#complete(reference, -1);
      }
      if (value === undefined || value === null || typeof value === "boolean") {
        words[base + RESULT_KIND] = value === undefined
          ? UNDEFINED
          : value === null
          ? NULL
          : value
          ? TRUE
          : FALSE;
        return this.#complete(reference, -1);
      }
    }
    const outbox = this.#outbox.toSlot(this.#lane, slot);
    try {
      outbox.value(FORMATS[format] as Format, value);
    } catch (error) {
      return this.fail(reference, error);
    }
    this.#deliver(reference, 0);
  }

  /** Brings a claimed job to its end with what its function threw. */
  fail(reference: number, thrown: unknown): void {
    const slot = slotOf(reference);
    try {
      this.#outbox.toSlot(this.#lane, slot).error(thrown);
    } catch (tooLarge) {
      this.#outbox.toSlot(this.#lane, slot).error(tooLarge);
    }
    this.#deliver(reference, FAILED);
  }

  /** Sends on what waits for room, as far as there is room now. */
  flush(): void {
    if (this.#held.length === 0) return;
    while (this.#held.length > 0) {
      const { reference, kind, bytes } = this.#held[0]!;
      const block = this.#arena.take(bytes.length);
      if (block < 0) return;
      this.#arena.views.bytes.set(bytes, block);
      this.#held.shift();
      this.#describe(slotOf(reference), BLOCK | kind, block, bytes.length);
      this.#complete(reference, block);
    }
    this.#arena.returns.wanted = false;
  }

  #deliver(reference: number, kind: number): void {
    const { block, bytes, length } = this.#outbox;
    const slot = slotOf(reference);
    if (bytes === undefined) {
      this.#describe(slot, kind | (block < 0 ? INLINE : BLOCK), block, length);
      return this.#complete(reference, block);
    }
    if (length <= INLINE_BYTES) {
      this.#lane.bytes.set(bytes, inlineOf(slot));
      this.#describe(slot, kind | INLINE, -1, length);
      return this.#complete(reference, -1);
    }
    this.#held.push({ reference, kind, bytes: bytes.slice() });
    this.#arena.returns.wanted = true;
    // Blocks may have come back before the host could see that they are wanted.
    this.flush();
  }

  #describe(slot: number, kind: number, block: number, length: number): void {
    const words = this.#lane.words;
    const base = slot * SLOT_WORDS;
    words[base + RESULT_KIND] = kind;
    words[base + RESULT_BLOCK] = block < 0 ? -1 : block / UNIT;
    words[base + RESULT_LENGTH] = length;
  }

  /**
   * RUNNING to DONE; where the host has abandoned the job, ABANDONED to RETIRED. It
   * may even have released the slot, if it was told that this worker had ended while
   * some of its code still ran: then there is nothing to say any more.
   */
  #complete(reference: number, block: number): void {
    const slot = slotOf(reference);
    const generation = generationOf(reference);
    const runner = this.#runner;
    const running = stateOf(generation, runner, RUNNING);
    if (!this.#lane.changeState(slot, running, stateOf(generation, runner, DONE))) {
      if (block >= 0) this.#arena.give(block);
      const abandoned = stateOf(generation, runner, ABANDONED);
      const retired = stateOf(generation, runner, RETIRED);
      if (!this.#lane.changeState(slot, abandoned, retired)) return;
    }
    this.#lane.completed.push(slot);
    if (this.#host.unpark()) this.wokeHost = true;
  }
}
