/**
 * A function over all items of an input.
 *
 * @module
 */
import { abortSignal, checkKnown, integer, show } from "../base/checks.ts";
import type { Engine } from "../dispatch/engine.ts";
import { Collection } from "./collection.ts";
import { mapFlow } from "./map_flow.ts";
import { checkInput, lengthOf } from "./sources.ts";
import { sentTo } from "./task_function.ts";
import { Failure, joinStack } from "./trace.ts";

/** How far a map has come. */
export interface Progress {
  /** Items whose results are there. */
  readonly done: number;
  /** All items; `undefined` for as long as an input that has no length has not ended. */
  readonly total: number | undefined;
}

/** Options of `pool.map`. */
export interface MapOptions {
  /** How many items go out at a time; `"auto"`, the default, measures what they take. */
  readonly chunk?: number | "auto";
  /** Gives up what is not done, and rejects with its reason. */
  readonly signal?: AbortSignal;
  /**
   * Called whenever more items are done; the last call has all of them, `done` being `total`.
   * What it throws rejects the map.
   */
  readonly onProgress?: (progress: Progress) => void;
}

/** Most items in a chunk of a size that the user sets. */
const MOST_ITEMS = 2 ** 24;

/**
 * Calls a function for each item of an input, on the engine's workers.
 *
 * @returns The results, in the order of the items.
 */
export async function mapOn<R>(
  engine: Engine,
  fn: unknown,
  input: unknown,
  options: MapOptions = {},
): Promise<R[]> {
  const sent = sentTo(engine, fn);
  checkInput(input);
  checkKnown("map", options, ["chunk", "signal", "onProgress"]);
  const chunk = checkChunk(options.chunk);
  const { signal, onProgress } = options;
  if (signal !== undefined) abortSignal(signal);
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new TypeError(`Cannot use onProgress ${show(onProgress)}: it must be a function`);
  }
  if (engine.closedBy !== undefined) throw engine.closedBy;
  signal?.throwIfAborted();
  const progress = onProgress && new ProgressCount(onProgress, () => lengthOf(input));
  const flow = mapFlow({ engine, sent, input, chunk }, {
    ordered: true,
    window: Infinity,
    ahead: Infinity,
    signal,
    onDone: progress && ((count) => progress.add(count)),
  });
  const results = new Collection<R>();
  for (;;) {
    const delivery = await flow.next();
    if (delivery === undefined) break;
    if (delivery instanceof Failure) throw joinStack(delivery.error);
    results.add(delivery.output as R[]);
  }
  progress?.end();
  return results.all();
}

/** @returns The size that chunks are to have, `undefined` where it is to be measured. */
export function checkChunk(chunk: number | "auto" = "auto"): number | undefined {
  if (chunk === "auto") return undefined;
  if (typeof chunk === "number") return integer("chunk", chunk, 1, MOST_ITEMS);
  throw new TypeError(
    `Cannot use chunk ${show(chunk)}: it must be "auto" or a number of items`,
  );
}

/** Tells how far a map has come. */
class ProgressCount {
  readonly #tell: (progress: Progress) => void;
  readonly #total: () => number | undefined;
  #done = 0;
  #lastTotal: number | undefined;

  constructor(tell: (progress: Progress) => void, total: () => number | undefined) {
    this.#tell = tell;
    this.#total = total;
  }

  add(count: number): void {
    this.#done += count;
    const total = this.#total();
    // An input may become shorter meanwhile.
    this.#call(total === undefined ? undefined : Math.max(total, this.#done));
  }

  /** All is done: says so unless the last call has. */
  end(): void {
    if (this.#lastTotal !== this.#done) this.#call(this.#done);
  }

  #call(total: number | undefined): void {
    this.#lastTotal = total;
    this.#tell({ done: this.#done, total });
  }
}
