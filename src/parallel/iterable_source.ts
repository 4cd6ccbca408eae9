/**
 * Items that come one by one, whenever they are asked for.
 *
 * @module
 */
import { stepOf } from "../base/iterator_step.ts";
import type { Batch, Source } from "./source.ts";

/** Code of the user's makes items: at so many of them the clock is read. */
const ITEMS_PER_READING = 16;
/** How long in milliseconds a batch may take to come out of an iterator, unless its size is fixed. */
const LONGEST_PULL = 1;

/** The items of an iterator. */
export class IterableSource implements Source {
  readonly #iterator: Iterator<unknown>;
  readonly #exact: boolean;
  readonly #length: () => number | undefined;
  readonly #skip: number;
  /** Place of the next item; those before 0 are left out. */
  #next: number;
  #failure: { readonly error: unknown } | undefined;
  ended = false;

  /**
   * @param iterable The items.
   * @param exact Whether batches have to be as large as asked for.
   * @param skip How many of the first items to leave out.
   */
  constructor(iterable: Iterable<unknown>, exact: boolean, skip: number) {
    this.#length = () => sizeOf(iterable);
    this.#iterator = iterable[Symbol.iterator]();
    this.#exact = exact;
    this.#skip = skip;
    this.#next = 0 - skip; // never -0
  }

  get remaining(): number | undefined {
    if (this.ended) return 0;
    const length = this.#length();
    return length === undefined
      ? undefined
      : Math.max(0, length - this.#skip - Math.max(0, this.#next));
  }

  take(most: number): Batch | undefined {
    if (this.#failure !== undefined) {
      this.ended = true;
      throw this.#failure.error;
    }
    const items: unknown[] = [];
    const began = performance.now();
    while (items.length < most && !this.ended) {
      const isLong = !this.#exact && items.length > 0 &&
        items.length % ITEMS_PER_READING === 0 &&
        performance.now() - began > LONGEST_PULL;
      if (isLong) break;
      try {
        const { done, value } = stepOf(this.#iterator.next());
        if (done) this.ended = true;
        else if (this.#next < 0) this.#next++;
        else items.push(value);
      } catch (error) {
        if (items.length === 0) {
          this.ended = true;
          throw error;
        }
        // Those before it come first.
        this.#failure = { error };
        break;
      }
    }
    if (items.length === 0) return undefined;
    const start = this.#next;
    this.#next += items.length;
    return { start, count: items.length, items };
  }

  close(): void {
    if (this.ended || this.#failure !== undefined) return;
    this.ended = true;
    this.#iterator.return?.();
  }
}

/** @returns How many items an input has, where it can tell. */
export function sizeOf(input: unknown): number | undefined {
  return input instanceof Set || input instanceof Map ? input.size : undefined;
}
