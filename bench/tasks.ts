/**
 * The work that is sent to workers: the same functions for every contender.
 *
 * Each takes one argument, since some pools send no more, and uses nothing but
 * its argument and globals, since some send functions by their source.
 *
 * @module
 */

/** Does nothing: what is left is the cost of the call. */
export function nothing(): void {}

/** Gives back what it was given: the payload travels both ways. */
export function same(value: unknown): unknown {
  return value;
}

/** Takes bytes, and gives back how many: the payload travels there. */
export function take(bytes: Uint8Array): number {
  return bytes.length;
}

/** Gives bytes that it keeps, so that nothing is allocated but by the way back. */
export function make(length: number): Uint8Array {
  const kept = globalThis as { benchBytes?: Map<number, Uint8Array> };
  kept.benchBytes ??= new Map();
  let bytes = kept.benchBytes.get(length);
  if (bytes === undefined) {
    bytes = new Uint8Array(length).fill(7);
    kept.benchBytes.set(length, bytes);
  }
  return bytes;
}

/** Processor work for a range of items that cost the same each, some 10 µs. */
export function even([start, end]: [start: number, end: number]): number {
  let x = start;
  for (let i = start; i < end; i++) {
    for (let n = 0; n < 10_000; n++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  }
  return x;
}

/** Processor work of some microseconds, as many as are asked for. */
export function work(microseconds: number): number {
  let x = 1;
  for (let n = 0; n < 1_000 * microseconds; n++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  return x;
}

/** As `even`, where the first item costs a hundred times what the others do. */
export function skewed([start, end]: [start: number, end: number]): number {
  let x = start;
  for (let i = start; i < end; i++) {
    const cost = i === 0 ? 1_000_000 : 10_000;
    for (let n = 0; n < cost; n++) x = (Math.imul(x, 1_664_525) + 1_013_904_223) | 0;
  }
  return x;
}

/** Keeps a processor busy for some milliseconds. */
export function busy(duration: number): number {
  const end = performance.now() + duration;
  let turns = 0;
  while (performance.now() < end) turns++;
  return turns;
}
