/**
 * The pool that tasks use unless told otherwise.
 *
 * @module
 */
import { show } from "../base/checks.ts";
import { currentEngine, setCurrentEngine } from "../parallel/current.ts";
import { runtime } from "../runtime/mod.ts";
import { rangesOf } from "../scheduling/ranges.ts";
import { inPoolWorker } from "../task/whereabouts.ts";
import type { PoolOptions } from "./options.ts";
import { Pool } from "./pool.ts";

let pool: Pool | undefined;
/** The end of one that is being shut down. */
let closing: Promise<void> | undefined;

/** How many workers a pool has unless told otherwise: the processors that this process may use. */
export const NUMBER_OF_WORKERS: number = runtime.parallelism;

/**
 * Starts the default pool, once: while it runs, further calls change nothing, and
 * after `shutdown` it starts afresh. Inside a pool's worker it does nothing.
 *
 * @param options The pool's options.
 * @returns A promise of its readiness; jobs may be submitted before that. With `lazy`
 * nothing starts yet, and it resolves at once.
 *
 * @example
 * ```ts
 * import { initialize, shutdown } from "@multicore/multicore";
 *
 * await initialize({ workers: 1 });
 * await shutdown();
 * ```
 */
export function initialize(options: PoolOptions = {}): Promise<void> {
  if (inPoolWorker()) return Promise.resolve();
  if (pool === undefined || !pool.engine.open) {
    try {
      pool = new Pool(options);
    } catch (error) {
      return Promise.reject(error);
    }
    setCurrentEngine(pool.engine);
  }
  return options.lazy ? Promise.resolve() : pool.ready;
}

/**
 * Finishes what the default pool has accepted, then stops it.
 *
 * @returns A promise of its end; resolved where no pool runs.
 */
export function shutdown(): Promise<void> {
  if (pool === undefined) return closing ?? Promise.resolve();
  setCurrentEngine(undefined);
  const end = closing = pool.close();
  pool = undefined;
  const over = () => {
    if (closing === end) closing = undefined;
  };
  end.then(over, over);
  return end;
}

/** What {@linkcode ranges} can divide: a length, or anything that has one. */
export type Sized = number | { readonly length: number } | { readonly size: number };

/**
 * Divides something into ranges, one for each worker.
 *
 * @param items A length, or an array, string, typed array, Map, Set: anything with a length or size.
 * @param minRangeSize Least length of a range. Default 0.
 * @param numberOfWorkers How many ranges at most. Default: the default pool's workers.
 * @returns Pairs of a range's first index and the one behind its last, lazily: each
 * `ceil(length / numberOfWorkers)` long, or `minRangeSize` if that is more.
 * @throws {TypeError | RangeError} Where there is no length, or a number makes no sense.
 *
 * @example
 * ```ts
 * import { ranges } from "@multicore/multicore";
 *
 * console.log([...ranges(10, 0, 3)]); // [[0, 4], [4, 8], [8, 10]]
 * ```
 */
export function ranges(
  items: Sized,
  minRangeSize: number = 0,
  numberOfWorkers: number = currentEngine()?.size ?? NUMBER_OF_WORKERS,
): Generator<[start: number, end: number], void> {
  const length = lengthOf(items);
  if (!Number.isInteger(length) || length < 0) {
    throw new RangeError(
      `Cannot make ranges of length ${length}: it must be a whole number, at least 0`,
    );
  }
  if (!(minRangeSize >= 0) || !Number.isInteger(minRangeSize)) {
    throw new RangeError(
      `Cannot use minRangeSize ${show(minRangeSize)}: it must be a whole number, at least 0`,
    );
  }
  if (!Number.isInteger(numberOfWorkers) || numberOfWorkers < 1) {
    throw new RangeError(
      `Cannot use numberOfWorkers ${show(numberOfWorkers)}: it must be a whole number, at least 1`,
    );
  }
  return rangesOf(length, minRangeSize, numberOfWorkers);
}

function lengthOf(items: unknown): number {
  if (typeof items === "number") return items;
  if (typeof items === "string") return items.length;
  const { length, size } = (items ?? {}) as { length?: unknown; size?: unknown };
  if (typeof length === "number") return length;
  if (typeof size === "number") return size;
  throw new TypeError(
    `Cannot make ranges of ${show(items)}: it has neither length nor size; pass an array of it`,
  );
}
