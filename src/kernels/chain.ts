/**
 * The stages of a parallel iterator, as they run over one chunk: each value goes
 * through all of them before the next one does, and nothing is kept in between.
 * A stage is a function that knows the next one, so that engines can inline them.
 *
 * @module
 */
import { show } from "../base/checks.ts";
import { iteratorOf, stepOf } from "../base/iterator_step.ts";
import { isThenable } from "../base/thenable.ts";
import { Checkpoints } from "./checkpoints.ts";
import { type AnyFunction, callable, type SentFunction } from "./functions.ts";

/** Puts a function's result in place of the value. */
export const MAP = 0;
/** Lets pass the values for which a function returns something truthy. */
export const FILTER = 1;
/** Puts all values that a function's result iterates over in place of the value. */
export const FLAT_MAP = 2;
/** Leaves out the first values of all. */
export const DROP = 3;

/** One stage as it is sent: what it does, and with what. */
export type SentStage =
  | readonly [kind: typeof MAP | typeof FILTER | typeof FLAT_MAP, fn: SentFunction]
  | readonly [kind: typeof DROP, count: number];

/** Where the values end up that have passed all stages. */
export interface Sink {
  /** Whether it wants no more. */
  readonly full: boolean;
  /** Takes a value. */
  readonly put: Put;
}

/** Takes a value on. */
export type Put = (value: unknown) => Step;

/** In place of a promise: the sink wants no more. A loop would look at `full` for each value. */
export const FULL = Symbol("full");

/** What any step gives: a promise where there was something to await. */
export type Step = PromiseLike<unknown> | typeof FULL | undefined;

/** The stages in front of a sink. */
export class Chain {
  readonly #sink: Sink;
  readonly #put: Put;
  /** After how many numbers of a range it made way for others, if it did. */
  endedAfter: number | undefined;

  /**
   * @param stages The stages.
   * @param start How many values went through in chunks before this one.
   * @param sink Where values end up.
   */
  constructor(stages: readonly SentStage[], start: number, sink: Sink) {
    this.#sink = sink;
    // Behind a filter nobody knows: functions that look at their index get segments of their own.
    const starts = stages.map((_, place) => passedOf(stages.slice(0, place), start));
    this.#put = stages.reduceRight<Put>(
      (put, stage, place) => makeStage(stage, starts[place]!, put, sink),
      sink.put,
    );
  }

  /**
   * Lets values through.
   *
   * @param items The values; where they are whole numbers in a row, the first of them.
   * @param count How many there are.
   * @returns A promise where there was something to await.
   */
  run(items: ArrayLike<unknown> | number, count: number): Promise<void> | undefined {
    const put = this.#put;
    // Items that were moved to this thread cannot be sent to another.
    const checkpoints = new Checkpoints(count, typeof items === "number");
    for (let i = 0; i < count;) {
      const end = checkpoints.pass(i);
      if (end === i) return this.#end(i);
      for (; i < end; i++) {
        const step = put(typeof items === "number" ? items + i : items[i]);
        if (step === undefined) continue;
        if (step === FULL) return undefined;
        return this.#goOn(step, checkpoints, items, i + 1, count);
      }
    }
    return undefined;
  }

  async #goOn(
    step: PromiseLike<unknown>,
    checkpoints: Checkpoints,
    items: ArrayLike<unknown> | number,
    from: number,
    count: number,
  ): Promise<void> {
    await step;
    for (let i = from; i < count && !this.#sink.full; i++) {
      if (checkpoints.pass(i) === i) return this.#end(i);
      await this.#put(typeof items === "number" ? items + i : items[i]);
    }
  }

  #end(after: number): undefined {
    this.endedAfter = after;
  }
}

/** @returns How many values have come out of stages that leave out the first of them, of so many. */
export function passedOf(stages: readonly SentStage[], start: number): number {
  let passed = start;
  for (const [kind, given] of stages) if (kind === DROP) passed = Math.max(0, passed - given);
  return passed;
}

/**
 * @param stage The stage.
 * @param start How many values came to it in chunks before this one.
 * @param put Takes what comes out of it.
 * @param sink Where that ends up at last.
 * @returns What takes a value to the stage.
 */
function makeStage([kind, given]: SentStage, start: number, put: Put, sink: Sink): Put {
  switch (kind) {
    case MAP:
      return mapping(callable(given), start, put);
    case FILTER:
      return filtering(callable(given), start, put);
    case FLAT_MAP:
      return flattening(callable(given), start, put, sink);
    case DROP:
      return dropping(given, start, put);
  }
}

function mapping(fn: AnyFunction, start: number, put: Put): Put {
  let index = start;
  return (value) => {
    const result = fn(value, index++);
    return isThenable(result) ? putLater(result, put) : put(result);
  };
}

async function putLater(waiting: PromiseLike<unknown>, put: Put): Promise<void> {
  await put(await waiting);
}

function filtering(fn: AnyFunction, start: number, put: Put): Put {
  let index = start;
  return (value) => {
    const result = fn(value, index++);
    if (isThenable(result)) return filterLater(result, value, put);
    return result ? put(value) : undefined;
  };
}

async function filterLater(
  waiting: PromiseLike<unknown>,
  value: unknown,
  put: Put,
): Promise<void> {
  if (await waiting) await put(value);
}

function flattening(fn: AnyFunction, start: number, put: Put, sink: Sink): Put {
  let index = start;
  return (value) => {
    const result = fn(value, index++);
    if (isThenable(result)) return flattenAwaited(result, put, sink);
    return flatten(innerOf(result), put, sink);
  };
}

async function flattenAwaited(
  waiting: PromiseLike<unknown>,
  put: Put,
  sink: Sink,
): Promise<void> {
  await flatten(innerOf(await waiting), put, sink);
}

/** Lets all values of an iterator through, and closes it where they are not all wanted. */
function flatten(inner: Iterator<unknown>, put: Put, sink: Sink): Step {
  for (;;) {
    const { done, value } = stepOf(inner.next());
    if (done) return undefined;
    let step: Step;
    try {
      step = put(value);
    } catch (error) {
      closeQuietly(inner);
      throw error;
    }
    if (step === FULL) {
      inner.return?.();
      return FULL;
    }
    if (step !== undefined) return flattenLater(step, inner, put, sink);
  }
}

async function flattenLater(
  step: PromiseLike<unknown>,
  inner: Iterator<unknown>,
  put: Put,
  sink: Sink,
): Promise<void> {
  let waiting: Step = step;
  for (;;) {
    try {
      await waiting;
      if (!sink.full) {
        const { done, value } = stepOf(inner.next());
        if (done) return;
        waiting = put(value);
        continue;
      }
    } catch (error) {
      closeQuietly(inner);
      throw error;
    }
    inner.return?.();
    return;
  }
}

function dropping(count: number, start: number, put: Put): Put {
  let index = start;
  return (value) => index++ < count ? undefined : put(value);
}

/** An error goes before what the iterator says to its being closed. */
function closeQuietly(iterator: Iterator<unknown>): void {
  try {
    iterator.return?.();
  } catch {
    // See above.
  }
}

/** @returns What iterates over the result of a `flatMap` function; as there, not over strings. */
function innerOf(result: unknown): Iterator<unknown> {
  if (typeof result !== "object" || result === null) {
    const what = typeof result === "function" ? "a function" : show(result);
    throw new TypeError(
      `Cannot flatten ${what}: the function of flatMap must return an iterable object`,
    );
  }
  const { [Symbol.iterator]: iterate } = result as Partial<Iterable<unknown>>;
  // What its next() gives is a promise, which is never done.
  if (iterate === undefined && Symbol.asyncIterator in result) {
    throw new TypeError(
      "Cannot flatten an async iterable: the function of flatMap must return an iterable object, " +
        "or a promise of one",
    );
  }
  if (iterate !== undefined && iterate !== null) {
    return iteratorOf(iterate.call(result) as Iterator<unknown>, Symbol.iterator);
  }
  if (typeof (result as Partial<Iterator<unknown>>).next === "function") {
    return result as Iterator<unknown>;
  }
  throw new TypeError(
    "Cannot flatten an object that is neither iterable nor an iterator: " +
      "the function of flatMap must return an iterable object",
  );
}
