/**
 * One owner's slots, submission rings and completion stack, laid out in one
 * piece of shared memory. Bytes and words only: what a payload means is not
 * known here. The job protocol is in this folder's README.
 *
 * @module
 */
import { CompletionStack } from "./completion_stack.ts";
import { ReportStack } from "./reports.ts";
import { INLINE_START, SLOT_BYTES, SLOT_WORDS, STATE } from "./slot.ts";
import { SubmissionRing } from "./submission_ring.ts";

/** How many rings all workers share: high, normal and low priority. */
export const SHARED_RINGS = 3;
/** Number of the ring that most jobs take. */
export const NORMAL_RING = 1;
/** Number of the ring that only one worker takes from. */
export const ringOfWorker = (worker: number): number => SHARED_RINGS + worker;

/** The size of a lane; the same on both sides. */
export interface LaneSize {
  /** Number of slots, at most 4096; also the entries of each ring. A power of two. */
  readonly slots: number;
  /** Number of workers. */
  readonly workers: number;
}

const STACK_WORDS = 32;

/** @returns Zeroed shared memory for a lane of this size. */
export function laneBuffer(size: LaneSize): SharedArrayBuffer {
  return new SharedArrayBuffer(ringsStart(size) + ringBytes(size) * (SHARED_RINGS + size.workers));
}

/** One thread's view of a lane. */
export class Lane {
  /** The words of the slots. */
  readonly words: Int32Array;
  /** The lane's memory as bytes: the inline room of slots. */
  readonly bytes: Uint8Array;
  /** The same for numbers at any offset. */
  readonly view: DataView;
  /** The same for numbers at offsets that are multiples of 8. */
  readonly numbers: Float64Array;
  /** Shared rings by priority, then one for each worker. */
  readonly rings: readonly SubmissionRing[];
  /** The way back. */
  readonly completed: CompletionStack;
  /** What jobs report before they end. */
  readonly reports: ReportStack;

  /**
   * @param buffer What {@linkcode laneBuffer} made.
   * @param size The size that it was made with.
   */
  constructor(buffer: SharedArrayBuffer, size: LaneSize) {
    this.words = new Int32Array(buffer, 0, size.slots * SLOT_WORDS);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.numbers = new Float64Array(buffer, 0, size.slots * (SLOT_BYTES / 8));
    const head = new Int32Array(buffer, size.slots * SLOT_BYTES, STACK_WORDS);
    this.completed = new CompletionStack(head, this.words);
    const reports = new Int32Array(buffer, size.slots * SLOT_BYTES + STACK_WORDS * 4, STACK_WORDS);
    this.reports = new ReportStack(reports);
    const rings: SubmissionRing[] = [];
    for (let i = 0; i < SHARED_RINGS + size.workers; i++) {
      const start = ringsStart(size) + i * ringBytes(size);
      const words = new Int32Array(buffer, start, ringBytes(size) / 4);
      rings.push(new SubmissionRing(words, size.slots));
    }
    this.rings = rings;
  }

  /** @returns A slot's state word. */
  state(slot: number): number {
    return Atomics.load(this.words, slot * SLOT_WORDS + STATE);
  }

  /** @returns The state word of a slot that has come back: the stack has published it. */
  finalState(slot: number): number {
    return this.words[slot * SLOT_WORDS + STATE]!;
  }

  /**
   * A transition by the slot's owner while no other thread can touch the slot: it
   * is free, or has come to its end. A plain store: the entry's mark publishes it.
   */
  setState(slot: number, state: number): void {
    this.words[slot * SLOT_WORDS + STATE] = state;
  }

  /** A transition that others compete for. @returns Whether this thread made it. */
  changeState(slot: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.words, slot * SLOT_WORDS + STATE, from, to) === from;
  }
}

/** @returns Byte offset of a slot's inline room. */
export const inlineOf = (slot: number): number => slot * SLOT_BYTES + INLINE_START;

function ringsStart(size: LaneSize): number {
  return size.slots * SLOT_BYTES + 2 * STACK_WORDS * 4;
}

function ringBytes(size: LaneSize): number {
  return SubmissionRing.words(size.slots) * 4;
}
