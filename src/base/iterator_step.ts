/**
 * What iterators give.
 *
 * @module
 */
import { show } from "./checks.ts";

/**
 * @param step What an iterator's `next` gave.
 * @returns The same.
 * @throws {TypeError} Where it is no object, which a loop of the language refuses as well:
 * it has no `done`, and would never end.
 */
export function stepOf(step: IteratorResult<unknown>): IteratorResult<unknown> {
  if ((typeof step === "object" && step !== null) || typeof step === "function") return step;
  throw new TypeError(
    `Cannot take items from an iterator whose next() gives ${show(step)}: it must give an object`,
  );
}

/**
 * @param iterator What an input's method that makes iterators gave.
 * @param method The method.
 * @returns The same.
 * @throws {TypeError} Where it is no iterator.
 */
export function iteratorOf<I>(iterator: I, method: symbol): I {
  const isObject = (typeof iterator === "object" && iterator !== null) ||
    typeof iterator === "function";
  if (isObject && typeof (iterator as { next?: unknown }).next === "function") return iterator;
  const given = isObject ? "an object without a method next" : show(iterator);
  throw new TypeError(
    `Cannot take items from an input whose [${method.description}]() gives ${given}: ` +
      "it must give an iterator",
  );
}
