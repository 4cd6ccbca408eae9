/**
 * When to read the clock, which costs as much as much else on a small job's way:
 * the more rarely, the less time passes between two readings.
 *
 * @module
 */

import { now } from "../base/clock.ts";

/** Counts events up to the next reading of the clock. */
export class Readings {
  readonly #most: number;
  readonly #short: number;
  #interval = 1;
  #left = 1;
  #last = 0;

  /**
   * @param most Most events between two readings.
   * @param short Where less time than this has passed, in milliseconds, twice as many may pass next.
   */
  constructor(most: number, short: number) {
    this.#most = most;
    this.#short = short;
  }

  /** Whether the clock is read at each event, since much time passes between them. */
  get atEach(): boolean {
    return this.#interval === 1;
  }

  /** Counts an event. @returns Whether the clock is to be read. */
  count(): boolean {
    return --this.#left === 0;
  }

  /** @returns The time in milliseconds. */
  read(): number {
    const time = now();
    this.#interval = time - this.#last < this.#short ? Math.min(2 * this.#interval, this.#most) : 1;
    this.#left = this.#interval;
    this.#last = time;
    return time;
  }

  /** Lets the next event be one that reads the clock. */
  hurry(): void {
    this.#left = 1;
  }
}
