/**
 * Which inputs there are, and what reads them.
 *
 * @module
 */
import { show } from "../base/checks.ts";
import { iteratorOf } from "../base/iterator_step.ts";
import { elementsOf, isPlainArray, isTypedArray } from "./array_source.ts";
import { type AsyncInput, AsyncSource } from "./async_source.ts";
import { IterableSource, sizeOf } from "./iterable_source.ts";
import type { Source, SourceOptions } from "./source.ts";

/**
 * @param input An array, or any iterable or async iterable.
 * @param options How to read it.
 * @returns Its items, read as they are needed.
 * @throws {TypeError} Where it is none of these.
 */
export function sourceOf(input: unknown, options: SourceOptions): Source {
  const { skip = 0 } = options;
  if (isPlainArray(input) || isTypedArray(input)) return elementsOf(input, skip);
  const iterable = Object(input) as AsyncIterable<unknown> & Iterable<unknown>;
  if (typeof iterable[Symbol.asyncIterator] === "function") {
    const iterator = iterable[Symbol.asyncIterator]() as AsyncInput;
    return new AsyncSource(iteratorOf(iterator, Symbol.asyncIterator), options);
  }
  if (typeof iterable[Symbol.iterator] === "function") {
    return new IterableSource(iterable, options);
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
  return sizeOf(input);
}

function notIterable(input: unknown): TypeError {
  return new TypeError(
    `Cannot take items from ${show(input)}: it must be an iterable or an async iterable`,
  );
}
