/**
 * How much of the input a worker gets at once.
 *
 * @module
 */
import type { BatchSize } from "./batches.ts";
import type { BatchResult } from "./lines.ts";

/** Milliseconds that a batch should take: long next to the cost of a job, short next to a run. */
const GOAL = 20;
/** Most bytes of a batch, unless a single line is longer. */
const MOST_BYTES = 2 ** 16;
/** Most bytes of its output. */
const MOST_OUTPUT = 2 ** 18;
/** Most by which one batch may be larger than those that are known. */
const GROWTH = 8;
const NEWLINE = 10;

/** A fixed number of lines. */
export class FixedSize implements BatchSize {
  readonly #lines: number;

  /** @param lines How many. */
  constructor(lines: number) {
    this.#lines = lines;
  }

  /** Learns nothing: it is fixed. */
  learn(): void {}

  /** @returns Where so many lines end, or the block. */
  cut(block: Uint8Array, from: number): number {
    let to = from;
    for (let line = 0; line < this.#lines && to < block.length; line++) to = lineEnd(block, to);
    return to;
  }
}

/** As much as takes about {@linkcode GOAL}: a line to begin with, then what the last batches tell. */
export class MeasuredSize implements BatchSize {
  #bytes = 1;

  /** @param result What became of a batch. */
  learn({ bytes, time, output }: BatchResult): void {
    const inTime = bytes * GOAL / Math.max(time, 1e-3);
    const inRoom = bytes * MOST_OUTPUT / Math.max(output.length, 1);
    this.#bytes = Math.max(1, Math.min(inTime, inRoom, bytes * GROWTH, MOST_BYTES));
  }

  /** @returns Where the line ends that reaches the size. */
  cut(block: Uint8Array, from: number): number {
    return lineEnd(block, Math.min(from + Math.ceil(this.#bytes) - 1, block.length));
  }
}

function lineEnd(block: Uint8Array, from: number): number {
  return block.indexOf(NEWLINE, from) + 1 || block.length;
}
