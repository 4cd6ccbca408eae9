/**
 * What running jobs report to their owner before they end: a linked stack of blocks
 * in the runners' arenas, pushed singly and taken whole.
 *
 * @module
 */
import { MAX_RUNNERS } from "../memory/layout.ts";
import { UNIT } from "../memory/returns.ts";

/** Words at the start of a report's block: the report below, the job's reference, the length. */
const NEXT = 0;
const REFERENCE = 1;
const LENGTH = 2;
/** Bytes before a report's payload; a multiple of 8. */
export const REPORT_HEADER = 16;

const RUNNER_SHIFT = 24;
const BLOCK_MASK = (1 << RUNNER_SHIFT) - 1;

/** One report, as its owner finds it. */
export interface Report {
  /** The runner in whose arena it lies. */
  readonly runner: number;
  /** Byte offset of its block. */
  readonly block: number;
}

/** The reports of one lane's jobs. A word names a report: its runner plus one, and its block over UNIT. */
export class ReportStack {
  readonly #head: Int32Array;

  /** @param head One shared word, zeroed, on a line of its own. */
  constructor(head: Int32Array) {
    this.#head = head;
  }

  /**
   * Runner: pushes a report that stands in a block of its arena.
   *
   * @param runner Its number.
   * @param words The words of its arena.
   * @param block Byte offset of the block; the payload begins `REPORT_HEADER` behind it.
   * @param reference The job's slot and generation.
   * @param length Bytes of the payload.
   */
  push(runner: number, words: Int32Array, block: number, reference: number, length: number): void {
    const base = block >>> 2;
    words[base + REFERENCE] = reference;
    words[base + LENGTH] = length;
    const name = ((runner + 1) << RUNNER_SHIFT) | (block / UNIT);
    for (;;) {
      const head = Atomics.load(this.#head, 0);
      words[base + NEXT] = head;
      // Publishes the link together with the report.
      if (Atomics.compareExchange(this.#head, 0, head, name) === head) return;
    }
  }

  /** Owner: whether there are any. */
  get isEmpty(): boolean {
    return Atomics.load(this.#head, 0) === 0;
  }

  /**
   * Owner: takes all of them. A word that names none ends it, whoever has written that, and
   * so does a report more than a runner's arena has blocks: the links lead in a circle.
   *
   * @param wordsOf Gives the words of a runner's arena, if there is one that reaches to an
   * offset in bytes.
   * @returns The reports, the oldest first.
   */
  takeAll(wordsOf: (runner: number, end: number) => Int32Array | undefined): Report[] {
    const reports: Report[] = [];
    const counts = new Uint32Array(MAX_RUNNERS);
    let name = Atomics.exchange(this.#head, 0, 0);
    while (name !== 0) {
      const runner = (name >>> RUNNER_SHIFT) - 1;
      const block = (name & BLOCK_MASK) * UNIT;
      const words = wordsOf(runner, block + REPORT_HEADER);
      if (words === undefined || ++counts[runner]! > words.length / (UNIT / 4)) break;
      reports.push({ runner, block });
      name = words[(block >>> 2) + NEXT]!;
    }
    return reports.reverse();
  }
}

/** @returns The job that a report is of. */
export const reportReference = (words: Int32Array, block: number): number =>
  words[(block >>> 2) + REFERENCE]!;
/** @returns The length of its payload in bytes. */
export const reportLength = (words: Int32Array, block: number): number =>
  words[(block >>> 2) + LENGTH]! >>> 0;
