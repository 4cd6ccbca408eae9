/**
 * The stages of a parallel iterator, as they run over one chunk: each value goes
 * through all of them before the next one does, and nothing is kept in between.
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
  put(value: unknown): Step;
}

/** What any step gives: a promise where there was something to await. */
export type Step = PromiseLike<void> | undefined;

/** A stage at work. */
interface Stage {
  readonly kind: SentStage[0];
  readonly fn: AnyFunction;
  /** Of a stage that leaves values out, how many. */
  readonly drops: number;
  /** Values that have come to it: the index that its function gets. */
  count: number;
}

/** The stages in front of a sink. */
export class Chain {
  readonly #stages: readonly Stage[];
  /** The first stage, where it is one that `#begin` knows. */
  readonly #first: Stage | undefined;
  readonly #sink: Sink;

  /**
   * @param stages The stages.
   * @param start How many values went through in chunks before this one.
   * @param sink Where values end up.
   */
  constructor(stages: readonly SentStage[], start: number, sink: Sink) {
    this.#sink = sink;
    let count = start;
    this.#stages = stages.map(([kind, given]) => {
      if (kind !== DROP) return { kind, fn: callable(given), drops: 0, count };
      const stage = { kind, fn: dropping, drops: given, count };
      // Behind a filter nobody knows: functions that look at their index get segments of their own.
      count = Math.max(0, count - given);
      return stage;
    });
    const first = this.#stages[0];
    this.#first = first?.kind === FILTER || first?.kind === MAP ? first : undefined;
  }

  /** Lets a range of numbers through. @returns A promise where there was something to await. */
  range(start: number, end: number): Step {
    const sink = this.#sink;
    const checkpoints = new Checkpoints(end - start);
    for (let i = start; i < end && !sink.full; i++) {
      checkpoints.pass(i);
      const step = this.#begin(i);
      if (step !== undefined) return this.#goOn(step, checkpoints, i + 1, end, (place) => place);
    }
    return undefined;
  }

  /** Lets items through. @returns A promise where there was something to await. */
  items(items: ArrayLike<unknown>): Step {
    const sink = this.#sink;
    const checkpoints = new Checkpoints(items.length);
    for (let i = 0; i < items.length && !sink.full; i++) {
      checkpoints.pass(i);
      const step = this.#begin(items[i]);
      if (step !== undefined) {
        return this.#goOn(step, checkpoints, i + 1, items.length, (place) => items[place]);
      }
    }
    return undefined;
  }

  /** The first stage sees all values, and often ends the way of most: it has no loop around it. */
  #begin(value: unknown): Step {
    const first = this.#first;
    if (first === undefined) return this.#run(value, 0);
    const result = first.fn(value, first.count++);
    if (isThenable(result)) return this.#runLater(first.kind, value, result, 1);
    if (first.kind === FILTER) return result ? this.#run(value, 1) : undefined;
    return this.#run(result, 1);
  }

  async #goOn(
    step: PromiseLike<void>,
    checkpoints: Checkpoints,
    from: number,
    end: number,
    at: (place: number) => unknown,
  ): Promise<void> {
    await step;
    for (let i = from; i < end && !this.#sink.full; i++) {
      checkpoints.pass(i);
      await this.#begin(at(i));
    }
  }

  #run(value: unknown, from: number): Step {
    const stages = this.#stages;
    for (let i = from; i < stages.length; i++) {
      const stage = stages[i]!;
      const index = stage.count++;
      if (stage.kind === DROP) {
        if (index < stage.drops) return undefined;
        continue;
      }
      const result = stage.fn(value, index);
      if (isThenable(result)) return this.#runLater(stage.kind, value, result, i + 1);
      if (stage.kind === MAP) value = result;
      else if (stage.kind === FLAT_MAP) return this.#flatten(innerOf(result), i + 1);
      else if (!result) return undefined;
    }
    return this.#sink.put(value);
  }

  async #runLater(
    kind: number,
    value: unknown,
    waiting: PromiseLike<unknown>,
    next: number,
  ): Promise<void> {
    const result = await waiting;
    if (kind === MAP) await this.#run(result, next);
    else if (kind === FLAT_MAP) await this.#flatten(innerOf(result), next);
    else if (result) await this.#run(value, next);
  }

  /** Lets all values of an iterator through, and closes it where they are not all wanted. */
  #flatten(inner: Iterator<unknown>, next: number): Step {
    for (;;) {
      const { done, value } = stepOf(inner.next());
      if (done) return undefined;
      let step: Step;
      try {
        step = this.#run(value, next);
      } catch (error) {
        closeQuietly(inner);
        throw error;
      }
      if (step !== undefined) return this.#flattenLater(step, inner, next);
      if (this.#sink.full) {
        inner.return?.();
        return undefined;
      }
    }
  }

  async #flattenLater(
    step: PromiseLike<void>,
    inner: Iterator<unknown>,
    next: number,
  ): Promise<void> {
    let waiting: Step = step;
    for (;;) {
      try {
        await waiting;
        if (!this.#sink.full) {
          const { done, value } = stepOf(inner.next());
          if (done) return;
          waiting = this.#run(value, next);
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
}

/** @returns How many values have come out of stages that leave out the first of them, of so many. */
export function passedOf(stages: readonly SentStage[], start: number): number {
  let passed = start;
  for (const [kind, given] of stages) if (kind === DROP) passed = Math.max(0, passed - given);
  return passed;
}

/** Stands for the function of a stage that has none. */
function dropping(): void {}

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
