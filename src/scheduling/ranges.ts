/**
 * Even ranges.
 *
 * @module
 */

/**
 * Divides a length into ranges, one for each worker: each is
 * `ceil(length / numberOfWorkers)` long, or `minRangeSize` if that is more, and
 * the last one as long as is left.
 *
 * @param length How many items.
 * @param minRangeSize Least length of a range.
 * @param numberOfWorkers How many ranges at most.
 * @returns Pairs of a range's first index and the one behind its last, lazily.
 */
export function* rangesOf(
  length: number,
  minRangeSize: number,
  numberOfWorkers: number,
): Generator<[start: number, end: number], void> {
  const size = Math.max(Math.ceil(length / numberOfWorkers), minRangeSize);
  for (let start = 0; start < length; start += size) yield [start, Math.min(start + size, length)];
}
