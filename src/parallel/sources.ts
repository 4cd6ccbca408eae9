/**
 * Where the items of chunks come from: arrays by ranges, other iterables item by
 * item, async ones as their items arrive.
 *
 * @module
 */
import { show } from "../base/checks.ts";

/** Some items in a row. */
export interface Batch {
  /** The first one's index. */
  readonly start: number;
  /** How many there are. */
  readonly count: number;
  /** The items; where they are whole numbers in a row, the first of them. */
  readonly items: ArrayLike<unknown> | number;
}

/** A supply of batches. */
export interface Source {
  /** Whether there is no more to take. */
  readonly ended: boolean;
  /** How many items are left, where that is known. */
  readonly remaining: number | undefined;
  /**
   * Takes the next items. Runs code of the user's, and throws what that throws.
   *
   * @param most Most of them.
   * @param eager Whether fewer that are there now are better than more later.
   * @returns The batch; `undefined` where there is none, or not yet.
   */
  take(most: number, eager: boolean): Batch | undefined;
  /** Takes no more: lets the input know, once, unless it has ended. */
  close(): void | Promise<void>;
}

/** What a batch may hold: a clock is read at so many items, since user code makes them. */
const ITEMS_PER_READING = 16;
/** How long in milliseconds a batch may take to come out of an iterator, unless its size is fixed. */
const LONGEST_PULL = 1;

/** How an input is read. */
export interface SourceOptions {
  /** Items at the beginning that are left out; the one behind them has place 0. Default 0. */
  readonly skip?: number;
  /** Whether batches have to be as large as asked for, but for the last. */
  readonly exact: boolean;
  /** Called when more can be taken than at the last time. */
  readonly onMore: () => void;
}

/** What an async source reads: an iterator over items, or over arrays of them. */
export interface AsyncInput {
  next(): Promise<IteratorResult<unknown>>;
  return?(): Promise<unknown> | undefined;
}

/**
 * @param input An array, or any iterable or async iterable.
 * @param options How to read it.
 * @returns Its items, read as they are needed.
 * @throws {TypeError} Where it is none of these.
 */
export function sourceOf(input: unknown, options: SourceOptions): Source {
  const { exact, skip = 0 } = options;
  if (isPlainArray(input)) return new ArraySource(input, sliceArray, skip);
  if (isTypedArray(input)) return new ArraySource(input, rangeOfView, skip);
  const iterable = Object(input) as AsyncIterable<unknown> & Iterable<unknown>;
  if (typeof iterable[Symbol.asyncIterator] === "function") {
    return new AsyncSource(iterable[Symbol.asyncIterator]() as AsyncInput, options);
  }
  if (typeof iterable[Symbol.iterator] === "function") {
    return new IterableSource(iterable, exact, skip);
  }
  throw notIterable(input);
}

/** @throws {TypeError} Where a value can be no input. */
export function checkInput(input: unknown): void {
  const iterable = Object(input);
  if (typeof iterable[Symbol.asyncIterator] === "function") return;
  if (typeof iterable[Symbol.iterator] !== "function") throw notIterable(input);
}

/** @returns How many items an input has, where it can tell. */
export function lengthOf(input: unknown): number | undefined {
  if (isPlainArray(input) || isTypedArray(input)) return input.length;
  if (input instanceof Set || input instanceof Map) return input.size;
  return undefined;
}

function notIterable(input: unknown): TypeError {
  return new TypeError(
    `Cannot take items from ${show(input)}: it must be an iterable or an async iterable`,
  );
}

const viewPrototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
const arrayIterator = Array.prototype[Symbol.iterator];
const viewIterator = viewPrototype[Symbol.iterator];

/** Others may iterate over something else than their elements. */
function isPlainArray(input: unknown): input is readonly unknown[] {
  return Array.isArray(input) && Object.getPrototypeOf(input) === Array.prototype &&
    input[Symbol.iterator] === arrayIterator;
}

function isTypedArray(input: unknown): input is ArrayLike<unknown> {
  return ArrayBuffer.isView(input) && !(input instanceof DataView) &&
    (input as Uint8Array)[Symbol.iterator] === viewIterator;
}

function sliceArray(array: ArrayLike<unknown>, start: number, end: number): ArrayLike<unknown> {
  return (array as readonly unknown[]).slice(start, end);
}

/** The one place where a range of a typed array becomes an argument: for now a copy, also of shared memory. */
function rangeOfView(view: ArrayLike<unknown>, start: number, end: number): ArrayLike<unknown> {
  return viewPrototype.slice.call(view, start, end);
}

/** The elements of an array, as it is at the time. */
class ArraySource implements Source {
  readonly #array: ArrayLike<unknown>;
  readonly #slice: typeof sliceArray;
  readonly #skip: number;
  #next: number;
  ended = false;

  constructor(array: ArrayLike<unknown>, slice: typeof sliceArray, skip: number) {
    this.#array = array;
    this.#slice = slice;
    this.#skip = skip;
    this.#next = skip;
  }

  get remaining(): number {
    return this.ended ? 0 : Math.max(0, this.#array.length - this.#next);
  }

  take(most: number): Batch | undefined {
    const start = this.#next;
    const end = Math.min(start + most, this.#array.length);
    if (end <= start) {
      this.ended = true;
      return undefined;
    }
    this.#next = end;
    this.ended = end === this.#array.length;
    const items = this.#slice(this.#array, start, end);
    return { start: start - this.#skip, count: end - start, items };
  }

  close(): void {
    this.ended = true;
  }
}

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

/** So many items of another source, which is closed behind them. */
export class LimitedSource implements Source {
  readonly #source: Source;
  #left: number;

  /**
   * @param source The other source.
   * @param most How many items to take from it.
   */
  constructor(source: Source, most: number) {
    this.#source = source;
    this.#left = most;
  }

  get ended(): boolean {
    return this.#left === 0 || this.#source.ended;
  }

  get remaining(): number | undefined {
    const { remaining } = this.#source;
    return remaining === undefined ? undefined : Math.min(remaining, this.#left);
  }

  take(most: number, eager: boolean): Batch | undefined {
    const batch = this.#source.take(Math.min(most, this.#left), eager);
    this.#left -= batch?.count ?? 0;
    if (this.#left === 0) void this.#source.close();
    return batch;
  }

  close(): void | Promise<void> {
    return this.#source.close();
  }
}

/** The items of an iterator. */
class IterableSource implements Source {
  readonly #iterator: Iterator<unknown>;
  readonly #exact: boolean;
  readonly #length: () => number | undefined;
  readonly #skip: number;
  /** Place of the next item; those before 0 are left out. */
  #next: number;
  #failure: { readonly error: unknown } | undefined;
  ended = false;

  constructor(iterable: Iterable<unknown>, exact: boolean, skip: number) {
    this.#length = () => lengthOf(iterable);
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
      const isLong = items.length % ITEMS_PER_READING === 0 && !this.#exact &&
        performance.now() - began > LONGEST_PULL;
      if (isLong) break;
      try {
        const { done, value } = this.#iterator.next();
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

/** The items of an async iterator, which is asked for one thing at a time. */
export class AsyncSource implements Source {
  readonly #iterator: AsyncInput;
  readonly #options: SourceOptions;
  readonly #inArrays: boolean;
  /** Items that have come and were not taken. */
  #items: unknown[] = [];
  #next = 0;
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
        const { done, value } = await this.#iterator.next();
        if (done) this.#exhausted = true;
        else if (this.#closed) break;
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
