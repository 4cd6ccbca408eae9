/**
 * Items that come one by one, whenever they are asked for.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { iteratorOf, stepOf } from "../base/iterator_step.ts";
import { runtime } from "../runtime/mod.ts";
import type { Batch, Source, SourceOptions } from "./source.ts";

/** Code of the user's makes items: at so many of them the clock is read. */
const ITEMS_PER_READING = 16;
/**
 * How long in milliseconds a batch may take to come out of an iterator, unless its size is fixed;
 * and how long at a time items are left out.
 */
const LONGEST_PULL = 1;

/** The items of an iterator. */
export class IterableSource implements Source {
  readonly #iterator: Iterator<unknown>;
  readonly #exact: boolean;
  readonly #onMore: () => void;
  readonly #length: () => number | undefined;
  readonly #skip: number;
  /** Place of the next item; those before 0 are left out. */
  #next: number;
  #failure: { readonly error: unknown } | undefined;
  /** Whether it goes on by itself to leave items out. */
  #goesOn = false;
  ended = false;

  /**
   * @param iterable The items.
   * @param options How to read it.
   */
  constructor(iterable: Iterable<unknown>, { exact, onMore, skip = 0 }: SourceOptions) {
    this.#length = () => sizeOf(iterable);
    this.#iterator = iteratorOf(iterable[Symbol.iterator](), Symbol.iterator);
    this.#exact = exact;
    this.#onMore = onMore;
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
    const began = now();
    let pulled = 0;
    while (items.length < most && !this.ended) {
      const isLong = !this.#exact && pulled > 0 && pulled % ITEMS_PER_READING === 0 &&
        now() - began > LONGEST_PULL;
      if (isLong) break;
      pulled++;
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
    if (items.length === 0) {
      if (!this.ended) this.#goOn();
      return undefined;
    }
    const start = this.#next;
    this.#next += items.length;
    return { start, count: items.length, items };
  }

  close(): void {
    if (this.ended || this.#failure !== undefined) return;
    this.ended = true;
    this.#iterator.return?.();
  }

  /** Timers and I/O have their turn, however many items there are to leave out. */
  #goOn(): void {
    if (this.#goesOn) return;
    this.#goesOn = true;
    runtime.turn(() => {
      this.#goesOn = false;
      this.#onMore();
    });
  }
}

/** @returns How many items an input has, where it can tell. */
export function sizeOf(input: unknown): number | undefined {
  return input instanceof Set || input instanceof Map ? input.size : undefined;
}
