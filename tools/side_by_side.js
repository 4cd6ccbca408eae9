/**
 * Does independent things side by side, one for each processor.
 *
 * @module
 */

import { availableParallelism } from "node:os";

/**
 * @template T, R
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<R>} fn
 * @returns {Promise<R[]>} The results, in the order of the items.
 */
export async function sideBySide(items, fn) {
  /** @type {R[]} */
  const results = new Array(items.length);
  let next = 0;
  const lanes = Array.from({ length: availableParallelism() }, async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await fn(items[index]);
    }
  });
  await Promise.all(lanes);
  return results;
}
