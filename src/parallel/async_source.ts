/**
 * Items that come when they come.
 *
 * @module
 */
import { stepOf } from "../base/iterator_step.ts";
import type { Batch, Source, SourceOptions } from "./source.ts";

/** What an async source reads: an iterator over items, or over arrays of them. */
export interface AsyncInput {
  next(): Promise<IteratorResult<unknown>>;
  return?(): Promise<unknown> | undefined;
}

/** The items of an async iterator, which is asked for one thing at a time. */
export class AsyncSource implements Source {
  readonly #iterator: AsyncInput;
  readonly #options: SourceOptions;
  readonly #inArrays: boolean;
  /** Items that have come and were not taken. */
  #items: unknown[] = [];
  #next = 0;
  /** How many of the next ones to leave out. */
  #skip: number;
  /** How many items to have in hand. */
  #wanted = 0;
  /** Whether a single one would do. */
  #eager = false;
  #pulling = false;
  #closed = false;
  #exhausted = false;
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param iterator The iterator.
   * @param options How to read it.
   * @param inArrays Whether it gives arrays of items.
   */
  constructor(iterator: AsyncInput, options: SourceOptions, inArrays: boolean = false) {
    this.#iterator = iterator;
    this.#options = options;
    this.#inArrays = inArrays;
    this.#skip = options.skip ?? 0;
  }

  get ended(): boolean {
    return this.#closed ||
      (this.#exhausted && this.#items.length === 0 && this.#failure === undefined);
  }

  get remaining(): number | undefined {
    return this.#exhausted ? this.#items.length : undefined;
  }

  take(most: number, eager: boolean): Batch | undefined {
    const { length } = this.#items;
    this.#wanted = most;
    this.#eager = eager && !this.#options.exact;
    const least = this.#eager || this.#exhausted ? 1 : most;
    if (length < least) {
      if (this.#failure !== undefined && length === 0) {
        const { error } = this.#failure;
        this.#failure = undefined;
        throw error;
      }
      if (!this.#exhausted) void this.#pull();
      return undefined;
    }
    this.#wanted = 0;
    const items = length > most ? this.#items.splice(0, most) : this.#items;
    if (items === this.#items) this.#items = [];
    const start = this.#next;
    this.#next += items.length;
    return { start, count: items.length, items };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#items = [];
    if (this.#exhausted) return;
    const returned = this.#iterator.return?.();
    // A generator that waits for its next item hears of this only then, which may be never.
    if (!this.#pulling) await returned;
    else returned?.catch?.(() => {});
  }

  async #pull(): Promise<void> {
    if (this.#pulling) return;
    this.#pulling = true;
    while (!this.#exhausted && !this.#closed && this.#items.length < this.#wanted) {
      try {
        const { done, value } = stepOf(await this.#iterator.next());
        if (done) this.#exhausted = true;
        else if (this.#closed) break;
        else if (this.#skip > 0) this.#skip--;
        else if (this.#inArrays) { for (const item of value as unknown[]) this.#items.push(item); }
        else this.#items.push(value);
      } catch (error) {
        this.#exhausted = true;
        if (!this.#closed) this.#failure = { error };
      }
      if (this.#eager || this.#exhausted) this.#options.onMore();
    }
    this.#pulling = false;
    this.#options.onMore();
  }
}
