/**
 * A function over the items of an input, as its results are read.
 *
 * @module
 */
import { abortSignal, checkKnown, flag, integer } from "../base/checks.ts";
import type { Engine } from "../dispatch/engine.ts";
import type { ChunkFlow } from "./chunk_flow.ts";
import { checkChunk } from "./map.ts";
import { mapFlow } from "./map_flow.ts";
import { checkInput } from "./sources.ts";
import { sentTo } from "./task_function.ts";
import { Failure, joinStack } from "./trace.ts";

/** Options of `pool.stream`. */
export interface StreamOptions {
  /** Whether results come in the order of the items, or as they are done. Default `true`. */
  readonly ordered?: boolean;
  /** Most items that are taken from the input and whose results are not read. Default: 512 for each worker. */
  readonly window?: number;
  /** How many items go out at a time; `"auto"`, the default, measures what they take. */
  readonly chunk?: number | "auto";
  /** Gives up what is not done; reading throws its reason. */
  readonly signal?: AbortSignal;
}

/** Items in a window for each worker, unless told otherwise. */
const WINDOW = 512;
/** Chunks in a window for each worker: those of large items have few. */
const AHEAD = 8;

/**
 * Calls a function for each item of an input, on the engine's workers, as far ahead
 * of the reader as the window is wide.
 *
 * @returns An iterator over the results.
 */
export function streamOn<R>(
  engine: Engine,
  fn: unknown,
  input: unknown,
  options: StreamOptions = {},
): AsyncIterableIterator<R> {
  const sent = sentTo(engine, fn);
  checkInput(input);
  checkKnown("stream", options, ["ordered", "window", "chunk", "signal"]);
  const { ordered = true } = options;
  flag("ordered", ordered);
  const chunk = checkChunk(options.chunk);
  const window = options.window === undefined
    ? Math.max(WINDOW, 2 * (chunk ?? 0)) * engine.size
    : integer("window", options.window, chunk ?? 1, Number.MAX_SAFE_INTEGER);
  if (options.signal !== undefined) abortSignal(options.signal);
  if (engine.closedBy !== undefined) throw engine.closedBy;
  return new ResultStream<R>(() =>
    mapFlow({ engine, sent, input, chunk }, {
      ordered,
      window,
      ahead: AHEAD * engine.size,
      signal: options.signal,
    })
  );
}

/** Hands out results one by one. Nothing runs before the first is asked for. */
class ResultStream<R> implements AsyncIterableIterator<R> {
  readonly #makeFlow: () => ChunkFlow;
  #flow: ChunkFlow | undefined;
  #values: readonly R[] = [];
  #next = 0;
  #done = false;
  /** Calls of `next` that wait, and the last of them: the next one waits for it. */
  #waiting = 0;
  #last: Promise<unknown> | undefined;

  constructor(makeFlow: () => ChunkFlow) {
    this.#makeFlow = makeFlow;
  }

  next(): Promise<IteratorResult<R>> {
    if (this.#waiting === 0 && this.#next < this.#values.length) {
      return Promise.resolve({ done: false, value: this.#values[this.#next++]! });
    }
    const before = this.#waiting++ === 0 ? undefined : this.#last;
    const call = this.#advance(before);
    this.#last = call;
    return call;
  }

  async return(): Promise<IteratorResult<R>> {
    this.#end();
    await this.#flow?.close();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Nothing else may react to the promise of this: engines then show who awaits it in stacks. */
  async #advance(before: Promise<unknown> | undefined): Promise<IteratorResult<R>> {
    try {
      await before?.catch(() => {}); // whoever asked for that has heard of it
      while (this.#next === this.#values.length) {
        if (this.#done) return { done: true, value: undefined };
        const delivery = await this.#read();
        if (delivery instanceof Failure) throw joinStack(delivery.error);
        if (delivery === undefined) this.#end();
        else if (!this.#done) {
          this.#values = delivery.output as R[];
          this.#next = 0;
        }
      }
      return { done: false, value: this.#values[this.#next++]! };
    } finally {
      this.#waiting--;
    }
  }

  async #read(): Promise<Awaited<ReturnType<ChunkFlow["next"]>>> {
    try {
      const delivery = await (this.#flow ??= this.#makeFlow()).next();
      if (delivery instanceof Failure) this.#end();
      return delivery;
    } catch (error) {
      this.#end();
      throw error;
    }
  }

  #end(): void {
    this.#done = true;
    this.#values = [];
    this.#next = 0;
  }
}
