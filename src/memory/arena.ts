/**
 * Payload memory of one thread: a growable buffer from which its owner takes
 * blocks without a lock, and to which every other thread gives them back.
 *
 * @module
 */
import { PayloadTooLargeError } from "../base/errors.ts";
import { PageRuns } from "./page_runs.ts";
import { Returns } from "./returns.ts";
import { LARGEST_SMALL, PAGE, pageOf, pagesFor, SPAN_PAGES, Spans } from "./spans.ts";
import { Views } from "./views.ts";

/** Room for an encoding's own few bytes, so that a value of just `max` bytes fits. */
const SLACK = PAGE;

/**
 * Makes the memory of an arena.
 *
 * @param initial Bytes to begin with.
 * @param max Bytes that the largest payload may have.
 * @returns Zeroed shared memory that can grow.
 */
export function arenaBuffer(initial: number, max: number): SharedArrayBuffer {
  // The first page holds the return stack; one span of small blocks always fits beside the largest payload.
  const most = (1 + SPAN_PAGES + pagesFor(max + SLACK)) * PAGE;
  const first = (1 + pagesFor(Math.min(initial, max))) * PAGE;
  return new SharedArrayBuffer(Math.min(first, most), { maxByteLength: most });
}

/** The owner's end of an arena. Only the thread that owns it may use it. */
export class Arena {
  readonly #buffer: SharedArrayBuffer;
  readonly #max: number;
  readonly #runs = new PageRuns();
  readonly #spans = new Spans(this.#runs);
  readonly #cameBack = (block: number): void => {
    if (this.#lent.size > 0) this.#lent.delete(block);
    this.give(block);
  };
  /** Blocks in the hands of threads that may die before they give them back, and whose. */
  readonly #lent = new Map<number, object>();
  /** The owner's views. */
  readonly views: Views;
  /** The stack on which other threads give blocks back. */
  readonly returns: Returns;
  /** Whether a block has become free since whoever waits for room last set this to false. */
  freed = false;

  /**
   * @param buffer What {@linkcode arenaBuffer} made.
   * @param max The `max` that it was made with.
   */
  constructor(buffer: SharedArrayBuffer, max: number) {
    this.#buffer = buffer;
    this.#max = max;
    this.views = new Views(buffer);
    this.returns = new Returns(this.views);
    this.#runs.extend(pageOf(buffer.byteLength));
    this.#runs.take(1);
  }

  /** Bytes that the memory has grown to. */
  get bytes(): number {
    return this.#buffer.byteLength;
  }

  /** Bytes of whole pages that are in use. */
  get used(): number {
    this.#spans.trim();
    return (this.#runs.pages - this.#runs.free - 1) * PAGE;
  }

  /**
   * Takes a block.
   *
   * @param size Bytes.
   * @returns Its byte offset, a multiple of 256, or -1 while there is no room: blocks in use must come back first.
   * @throws {PayloadTooLargeError} Where it could never fit.
   */
  take(size: number): number {
    this.check(size);
    // Large blocks that came back are used again at once, while they are in the cache.
    if (size > LARGEST_SMALL) this.returns.takeAll(this.#cameBack);
    let block = this.#takeHere(size);
    if (block >= 0) return block;
    this.returns.takeAll(this.#cameBack);
    block = this.#takeHere(size);
    if (block >= 0) return block;
    this.#spans.trim();
    block = this.#takeHere(size);
    if (block >= 0) return block;
    this.#grow(size);
    return this.#takeHere(size);
  }

  /** Owner: gives a block back. */
  give(block: number): void {
    this.freed = true;
    if (this.#spans.give(block)) return;
    // Only a thread that writes nonsense gives back what lies within a page.
    if (block % PAGE === 0) this.#runs.give(pageOf(block));
  }

  /** Owner: remembers that a block is in the hands of a thread that may die before it gives it back. */
  lend(block: number, thread: object): void {
    this.#lent.set(block, thread);
  }

  /** Owner: takes back what it has lent to a thread that has died. */
  takeBackFrom(thread: object): void {
    // First what that one has given back itself, which is nobody's any more.
    this.returns.takeAll(this.#cameBack);
    for (const [block, holder] of this.#lent) if (holder === thread) this.#cameBack(block);
  }

  /** @throws {PayloadTooLargeError} Where a payload of this size could never fit. */
  check(size: number): void {
    if (size > this.largest) throw new PayloadTooLargeError(size, this.#max);
  }

  /** Bytes of the largest block that can ever be taken. */
  get largest(): number {
    return this.#max + SLACK;
  }

  #takeHere(size: number): number {
    if (size <= LARGEST_SMALL) return this.#spans.take(size);
    const first = this.#runs.take(pagesFor(size), true);
    return first < 0 ? -1 : first * PAGE;
  }

  /** At least doubles the memory, if a block of this size fits into what may be added. */
  #grow(size: number): void {
    const needed = size > LARGEST_SMALL ? pagesFor(size) : SPAN_PAGES;
    const most = pageOf(this.#buffer.maxByteLength) - this.#runs.pages;
    const shortage = this.#runs.shortage(needed);
    if (shortage === 0 || shortage > most) return;
    const pages = Math.min(most, Math.max(shortage, this.#runs.pages));
    this.#buffer.grow((this.#runs.pages + pages) * PAGE);
    this.#runs.extend(pages);
    this.views.cover(this.#buffer.byteLength);
  }
}
