/**
 * Bare workers that count primes: what the machine allows.
 *
 * @module
 */
import { startThread } from "./harness/threads.ts";

/** So many numbers a worker counts at a time, at most. */
const LARGEST_RANGE = 100_000;
/** So many ranges there are for each worker, at least, so that all end at about the same time. */
const RANGES = 32;

/** A bare worker, and what it is asked. */
export interface Counter {
  /** @returns How many primes there are from `start` to below `end`. */
  count(start: number, end: number): Promise<number>;
  end(): void;
}

/** Starts so many workers, and waits until they are ready. */
export function startCounters(workers: number): Promise<Counter[]> {
  return Promise.all(Array.from({ length: workers }, startCounter));
}

async function startCounter(): Promise<Counter> {
  let answer!: (message: unknown) => void;
  const next = () => new Promise<unknown>((resolve) => answer = resolve);
  const ready = next();
  const thread = await startThread(
    new URL("./item_worker.ts", import.meta.url),
    (message) => answer(message),
  );
  await ready;
  return {
    count(start, end) {
      const answered = next();
      thread.send([start, end]);
      return answered as Promise<number>;
    },
    end: () => thread.terminate(),
  };
}

/** @returns How many primes there are below `end`, by workers that take ranges as they are done. */
export async function countBare(counters: readonly Counter[], end: number): Promise<number> {
  const range = Math.min(LARGEST_RANGE, Math.ceil(end / RANGES / counters.length));
  let primes = 0;
  let start = 0;
  await Promise.all(counters.map(async (counter) => {
    while (start < end) {
      const from = start;
      start += range;
      const counted = await counter.count(from, Math.min(start, end));
      primes += counted;
    }
  }));
  return primes;
}
