/**
 * Random numbers that a seed repeats.
 *
 * @module
 */

/** A sequence of numbers: mulberry32, by Tommy Ettinger (public domain). */
export class Random {
  #state: number;

  /** @param seed Where the sequence begins. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** @returns The next number, at least 0 and under 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** @returns A whole number, at least 0 and under `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }
}

/** @returns A seed for this run, printed so that a failure can be repeated. */
export function seed(name: string): number {
  const given = globalThis.process?.env["MULTICORE_SEED"];
  const value = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  console.log(`${name}: MULTICORE_SEED=${value}`);
  return value;
}
