/**
 * The load average, or the best that can be said in its place.
 *
 * @module
 */
import { now } from "../base/clock.ts";

/** What the estimate looks at. */
export interface LoadSource {
  /** The system's one-minute load average, `undefined` where there is none. */
  loadAverage(): number | undefined;
  /** Processor time that this process has used, in seconds, where it can be known. */
  processorTime(): number | undefined;
}

/** The time over which a load average forgets, in seconds. */
const MINUTE = 60;

/**
 * Load over the last minute. Where the system keeps no load average (Windows,
 * browsers, Deno without the permission), an estimate takes its place: how many
 * processors this process kept busy, smoothed as the system would smooth it,
 * `load += (busy - load) * (1 - e^(-t/60))` over each stretch of `t` seconds
 * between two looks (the exponentially damped average of Unix's load). It sees
 * this process alone: other programs' load is not in it.
 */
export class LoadMeter {
  readonly #source: LoadSource;
  readonly #busyWorkers: () => number;
  readonly #clock: () => number;
  #estimate = 0;
  #lastTime: number;
  #lastProcessorTime: number | undefined;

  /**
   * @param source What tells load and processor time.
   * @param busyWorkers How many workers are busy just now, for where neither is known.
   * @param clock Seconds from any beginning.
   */
  constructor(
    source: LoadSource,
    busyWorkers: () => number,
    clock: () => number = () => now() / 1000,
  ) {
    this.#source = source;
    this.#busyWorkers = busyWorkers;
    this.#clock = clock;
    this.#lastTime = clock();
    this.#lastProcessorTime = source.processorTime();
  }

  /** @returns The load, in processors; never throws for want of a permission. */
  read(): number {
    return this.#source.loadAverage() ?? this.#estimated();
  }

  #estimated(): number {
    const now = this.#clock();
    const elapsed = now - this.#lastTime;
    if (elapsed <= 0) return this.#estimate;
    const busy = this.#busy(elapsed);
    this.#lastTime = now;
    this.#estimate += (busy - this.#estimate) * (1 - Math.exp(-elapsed / MINUTE));
    return this.#estimate;
  }

  #busy(elapsed: number): number {
    const used = this.#source.processorTime();
    if (used === undefined || this.#lastProcessorTime === undefined) return this.#busyWorkers();
    const busy = (used - this.#lastProcessorTime) / elapsed;
    this.#lastProcessorTime = used;
    return busy;
  }
}
