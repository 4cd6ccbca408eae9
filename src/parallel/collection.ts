/**
 * Many small arrays made into a large one.
 *
 * @module
 */
import { isV8 } from "../codec/engine.ts";

/** Most arrays that are put together at a time: they are arguments of one call. */
const MOST_PARTS = 1024;

/**
 * Collects what chunks have made. Engines put arrays together many times faster than
 * elements, each by a method of its own.
 */
export class Collection<T> {
  #parts: (readonly T[])[] = [];

  /** Takes the next values, in an array without holes. */
  add(values: readonly T[]): void {
    this.#parts.push(values);
  }

  /** @returns All of them, in one array. What was added is forgotten. */
  all(): T[] {
    let parts = this.#parts;
    this.#parts = [];
    if (!isV8) return parts.flat() as T[];
    while (parts.length > MOST_PARTS) {
      const fewer: T[][] = [];
      for (let i = 0; i < parts.length; i += MOST_PARTS) {
        fewer.push(joined(parts.slice(i, i + MOST_PARTS)));
      }
      parts = fewer;
    }
    return joined(parts);
  }
}

function joined<T>(parts: readonly (readonly T[])[]): T[] {
  return ([] as T[]).concat(...parts);
}
