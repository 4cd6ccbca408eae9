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
