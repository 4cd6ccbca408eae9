/**
 * Items that need not be sent: whole numbers.
 *
 * @module
 */
import type { Batch, Source } from "./source.ts";

/** Whole numbers in a row. */
export class RangeSource implements Source {
  readonly #first: number;
  readonly #end: number;
  #next: number;

  /**
   * @param first The first one.
   * @param end What comes behind the last; it may be `Infinity`.
   */
  constructor(first: number, end: number) {
    this.#first = first;
    this.#end = end;
    this.#next = first;
  }

  get ended(): boolean {
    return this.#next >= this.#end;
  }

  get remaining(): number {
    return this.ended ? 0 : this.#end - this.#next;
  }

  take(most: number): Batch {
    const items = this.#next;
    const count = Math.min(most, this.#end - items);
    this.#next += count;
    return { start: items - this.#first, count, items };
  }

  close(): void {
    this.#next = this.#end;
  }
}
