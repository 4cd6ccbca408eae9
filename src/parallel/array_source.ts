/**
 * Items that are read by ranges: those of arrays and typed arrays.
 *
 * @module
 */
import type { Batch, Source } from "./source.ts";

const viewPrototype = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array;
const arrayIterator = Array.prototype[Symbol.iterator];
const viewIterator = viewPrototype[Symbol.iterator];

/** @returns Whether an input is an array that iterates over its elements: others may do otherwise. */
export function isPlainArray(input: unknown): input is readonly unknown[] {
  return Array.isArray(input) && Object.getPrototypeOf(input) === Array.prototype &&
    input[Symbol.iterator] === arrayIterator;
}

/** @returns Whether an input is a typed array that iterates over its elements. */
export function isTypedArray(input: unknown): input is ArrayLike<unknown> {
  return ArrayBuffer.isView(input) && !(input instanceof DataView) &&
    (input as Uint8Array)[Symbol.iterator] === viewIterator;
}

function sliceArray(array: ArrayLike<unknown>, start: number, end: number): ArrayLike<unknown> {
  return (array as readonly unknown[]).slice(start, end);
}

/** The one place where a range of a typed array becomes an argument: shared memory itself, else a copy. */
function rangeOfView(view: ArrayLike<unknown>, start: number, end: number): ArrayLike<unknown> {
  const isShared = (view as Uint8Array).buffer instanceof SharedArrayBuffer;
  const range = isShared ? viewPrototype.subarray : viewPrototype.slice;
  return range.call(view, start, end);
}

/**
 * @param input What iterates over its elements.
 * @param skip How many of the first elements to leave out.
 * @returns A supply of the others.
 */
export function elementsOf(input: ArrayLike<unknown>, skip: number): Source {
  return new ArraySource(input, Array.isArray(input) ? sliceArray : rangeOfView, skip);
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
