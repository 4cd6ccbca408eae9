/**
 * Counts what takes arrays the longer, the longer they are.
 *
 * @module
 */

/** How many elements a method looks at or moves: by the array's length, what it gave, where it began. */
const STEPS: Record<string, (length: number, found: number, start: number) => number> = {
  indexOf: (length, found) => found < 0 ? length : found + 1,
  lastIndexOf: (length, found) => found < 0 ? length : length - found,
  includes: (length) => length,
  shift: (length) => length,
  unshift: (length) => length,
  slice: (length, _found, start) => length - start,
  splice: (length, _found, start) => length - start,
};

/** @returns How many elements arrays have looked for or moved, one by one, during a call. */
export function arraySteps(action: () => void): number {
  const prototype = Array.prototype as unknown as Record<string, unknown>;
  const originals = new Map(Object.keys(STEPS).map((method) => [method, prototype[method]]));
  let steps = 0;
  for (const [method, original] of originals) {
    prototype[method] = function (this: unknown[], ...args: unknown[]): unknown {
      const { length } = this;
      const result = Reflect.apply(original as () => unknown, this, args);
      steps += STEPS[method]!(length, result as number, args[0] as number);
      return result;
    };
  }
  try {
    action();
  } finally {
    for (const [method, original] of originals) prototype[method] = original;
  }
  return steps;
}
