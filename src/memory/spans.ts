/**
 * Small blocks: pieces of equal size cut from spans of pages. A span of which
 * nothing is in use goes back to the pages, so that a flood of small values
 * never keeps the room from a large one.
 *
 * The idea is that of mimalloc's pages (Leijen et al., "Mimalloc: Free List
 * Sharding in Action", 2019).
 *
 * @module
 */
import type { PageRuns } from "./page_runs.ts";

/** Bytes in a page. */
export const PAGE = 4096;
/** Pages in a span of small blocks. */
export const SPAN_PAGES = 16;
/** The largest block that is cut from a span, in bytes. */
export const LARGEST_SMALL = 16384;
const SMALLEST = 256;
const SMALLEST_BIN = 8;

/**
 * @returns The number of the page that a byte offset is in, as an integer of the engine's: a
 * quotient is a double, and so would be all that is counted from there.
 */
export function pageOf(offset: number): number {
  return (offset / PAGE) | 0;
}

/** @returns How many pages so many bytes take, likewise. */
export function pagesFor(size: number): number {
  return Math.ceil(size / PAGE) | 0;
}

class Span {
  readonly first: number;
  readonly size: number;
  /** Blocks given back, as byte offsets. */
  readonly free: number[] = [];
  /** Blocks in use. */
  live = 0;
  /** The next block that was never in use. */
  fresh: number;
  readonly end: number;
  /** Its place among the spans of its size that have room, or -1. */
  place = -1;

  constructor(first: number, size: number) {
    this.first = first;
    this.size = size;
    this.fresh = first * PAGE;
    this.end = (first + SPAN_PAGES) * PAGE;
  }
}

/** An allocator of blocks of 256 bytes to 16 KiB, on top of {@linkcode PageRuns}. */
export class Spans {
  readonly #runs: PageRuns;
  /** The span that a page belongs to. */
  readonly #spanAt: (Span | undefined)[] = [];
  /** For each size: the spans that have room. */
  readonly #withRoom: Span[][] = [[], [], [], [], [], [], []];

  /** @param runs Where the spans come from. */
  constructor(runs: PageRuns) {
    this.#runs = runs;
  }

  /**
   * Takes a block.
   *
   * @param size Bytes, at most {@linkcode LARGEST_SMALL}.
   * @returns Its byte offset, or -1 where a new span is needed and no pages are free for it.
   */
  take(size: number): number {
    const bin = size <= SMALLEST ? 0 : 32 - Math.clz32(size - 1) - SMALLEST_BIN;
    const spans = this.#withRoom[bin]!;
    const span = spans.length > 0 ? spans[spans.length - 1]! : this.#open(bin);
    if (span === undefined) return -1;
    span.live++;
    let block: number;
    if (span.free.length > 0) {
      block = span.free.pop()!;
    } else {
      block = span.fresh;
      span.fresh += span.size;
    }
    if (span.free.length === 0 && span.fresh === span.end) this.#delist(span, spans);
    return block;
  }

  /** @returns Whether the block was one of these; if so it is given back. */
  give(block: number): boolean {
    const span = this.#spanAt[pageOf(block)];
    if (span === undefined) return false;
    // Only a thread that writes nonsense gives back more than there is.
    if (span.live === 0) return true;
    const spans = this.#withRoom[31 - Math.clz32(span.size) - SMALLEST_BIN]!;
    span.free.push(block);
    span.live--;
    if (span.place === -1) span.place = spans.push(span) - 1;
    // The last span with room stays, so that one block taken and given in turn costs no span.
    if (span.live === 0 && spans.length > 1) this.#close(span, spans);
    return true;
  }

  /** Gives back every span of which nothing is in use. */
  trim(): void {
    for (const spans of this.#withRoom) {
      for (const span of [...spans]) if (span.live === 0) this.#close(span, spans);
    }
  }

  #open(bin: number): Span | undefined {
    const first = this.#runs.take(SPAN_PAGES);
    if (first < 0) return undefined;
    const span = new Span(first, SMALLEST << bin);
    for (let page = first; page < first + SPAN_PAGES; page++) this.#spanAt[page] = span;
    span.place = this.#withRoom[bin]!.push(span) - 1;
    return span;
  }

  #close(span: Span, spans: Span[]): void {
    this.#delist(span, spans);
    for (let page = span.first; page < span.first + SPAN_PAGES; page++) {
      this.#spanAt[page] = undefined;
    }
    this.#runs.give(span.first);
  }

  #delist(span: Span, spans: Span[]): void {
    const last = spans.pop()!;
    if (last !== span) {
      spans[span.place] = last;
      last.place = span.place;
    }
    span.place = -1;
  }
}
