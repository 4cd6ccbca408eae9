/**
 * Parallel iterators.
 *
 * @module
 */
import { show } from "../base/checks.ts";
import type { Engine } from "../dispatch/engine.ts";
import { COLLECT, COUNT, EVERY, FIND, FOR_EACH, REDUCE, SOME } from "../kernels/mod.ts";
import type { Bound, Ending, Stage } from "./chain_plan.ts";
import { type ChainInput, type Run, runChain } from "./chain_run.ts";
import { mayUse } from "./parameters.ts";
import { Collection } from "./collection.ts";
import { Reduction } from "./reduction.ts";
import { checkInput } from "./sources.ts";
import { sentTo } from "./task_function.ts";

/**
 * An iterator whose stages run on all workers, with the names and the results of the
 * language's iterator helpers.
 *
 * - Nothing runs before one of the methods that give a promise is called. Every call of
 *   one runs the stages anew, over the items as they are then.
 * - Workers take ranges of items, and run all stages over each value before the next one:
 *   nothing is kept in between, but at the places that the guide names.
 * - Order is kept. `take`, `find`, `some` and `every` stop early; values behind the place
 *   where they stop may have been worked on by then.
 * - Functions are registered, or closures. Promises that they return are awaited, one after
 *   another in each range.
 * - What a function throws rejects the promise, for the first value in order that fails.
 *
 * @typeParam T What it iterates over.
 *
 * @example
 * ```ts
 * import { closure, Pool } from "@multicore/multicore";
 *
 * await using pool = new Pool({ workers: 2 });
 * const squares = pool.iter(1000).map(closure((n: number) => n * n));
 * const odd = squares.filter(closure((n: number) => n % 2 === 1));
 * console.log(await odd.take(3).toArray(), await odd.count()); // [1, 9, 25] 500
 * ```
 */
export class ParallelIterator<T> {
  readonly #engine: Engine;
  readonly #input: ChainInput;
  readonly #stages: readonly Stage[];

  /**
   * For the library's own use: `pool.iter` makes iterators.
   *
   * @param engine What runs the stages.
   * @param input The items, or how many numbers.
   * @param stages What was asked for so far.
   */
  constructor(engine: Engine, input: ChainInput, stages: readonly Stage[] = []) {
    this.#engine = engine;
    this.#input = input;
    this.#stages = stages;
  }

  /**
   * Puts what a function returns in place of each value.
   *
   * @param fn A registered function, or a closure; it gets a value and how many came before.
   * @returns The iterator over the results.
   * @throws {UnregisteredFunctionError} Where workers do not know the function.
   */
  map<U>(fn: (value: T, index: number) => U): ParallelIterator<Awaited<U>> {
    return this.#withFunction("map", fn);
  }

  /**
   * Lets pass the values for which a function returns something truthy.
   *
   * @param fn A registered function, or a closure; it gets a value and how many came before.
   * @returns The iterator over what passes.
   * @throws {UnregisteredFunctionError} Where workers do not know the function.
   */
  filter<S extends T>(fn: (value: T, index: number) => value is S): ParallelIterator<S>;
  /**
   * Lets pass the values for which a function returns something truthy.
   *
   * @param fn A registered function, or a closure; it gets a value and how many came before.
   */
  filter(fn: (value: T, index: number) => unknown): ParallelIterator<T>;
  filter(fn: (value: T, index: number) => unknown): ParallelIterator<T> {
    return this.#withFunction("filter", fn);
  }

  /**
   * Puts all values that a function's result iterates over in place of each value.
   *
   * @param fn A registered function, or a closure; it gets a value and how many came before,
   * and returns an iterable object: a generator, for instance.
   * @returns The iterator over all of them.
   * @throws {UnregisteredFunctionError} Where workers do not know the function.
   */
  flatMap<U>(
    fn: (
      value: T,
      index: number,
    ) => Iterable<U> | Iterator<U> | PromiseLike<Iterable<U> | Iterator<U>>,
  ): ParallelIterator<U> {
    return this.#withFunction("flatMap", fn);
  }

  /**
   * Ends after the first values.
   *
   * @param limit How many there are to be at most: a whole number, or `Infinity`.
   * @returns The iterator over these.
   * @throws {RangeError} Where it is no such number.
   */
  take(limit: number): ParallelIterator<T> {
    return this.#with(bound("take", limit));
  }

  /**
   * Leaves out the first values.
   *
   * @param limit How many of them: a whole number, or `Infinity`.
   * @returns The iterator over the rest.
   * @throws {RangeError} Where it is no such number.
   */
  drop(limit: number): ParallelIterator<T> {
    return this.#with(bound("drop", limit));
  }

  /**
   * Collects all values.
   *
   * @returns A promise of them, in order.
   */
  toArray(): Promise<T[]> {
    const values = new Collection<T>();
    return this.#run({
      ending: () => ({ sink: [COLLECT, Infinity], usesIndex: false, runs: false }),
      take: (output) => values.add(output as T[]),
      result: () => values.all(),
    });
  }

  /**
   * Counts the values.
   *
   * @returns A promise of how many there are.
   */
  count(): Promise<number> {
    let count = 0;
    return this.#run({
      ending: () => ({ sink: [COUNT, Infinity], usesIndex: false, runs: false }),
      take(output) {
        count += output as number;
      },
      result: () => count,
    });
  }

  /**
   * Calls a function for each value, on the workers.
   *
   * @param fn A registered function, or a closure; it gets a value and how many came before.
   * @returns A promise of the end of all calls.
   */
  forEach(fn: (value: T, index: number) => unknown): Promise<void> {
    return this.#run({
      ending: () => calling(this.#engine, FOR_EACH, fn),
      take: () => false,
      result: () => {},
    });
  }

  /**
   * Tells whether there is a value for which a function returns something truthy.
   *
   * @param fn A registered function, or a closure; it gets a value and how many came before.
   * @returns A promise of the answer.
   */
  some(fn: (value: T, index: number) => unknown): Promise<boolean> {
    let any = false;
    return this.#run({
      ending: () => calling(this.#engine, SOME, fn),
      take: (output) => any = output as boolean,
      result: () => any,
    });
  }

  /**
   * Tells whether a function returns something truthy for every value.
   *
   * @param fn A registered function, or a closure; it gets a value and how many came before.
   * @returns A promise of the answer.
   */
  every(fn: (value: T, index: number) => unknown): Promise<boolean> {
    let all = true;
    return this.#run({
      ending: () => calling(this.#engine, EVERY, fn),
      take: (output) => !(all = output as boolean),
      result: () => all,
    });
  }

  /**
   * Looks for a value.
   *
   * @param fn A registered function, or a closure; it gets a value and how many came before.
   * @returns A promise of the first value for which it returns something truthy; of `undefined`
   * where there is none.
   */
  find<S extends T>(fn: (value: T, index: number) => value is S): Promise<S | undefined>;
  /**
   * Looks for a value.
   *
   * @param fn A registered function, or a closure; it gets a value and how many came before.
   */
  find(fn: (value: T, index: number) => unknown): Promise<T | undefined>;
  find(fn: (value: T, index: number) => unknown): Promise<T | undefined> {
    let found: T[] = [];
    return this.#run({
      ending: () => calling(this.#engine, FIND, fn),
      take: (output) => (found = output as T[]).length > 0,
      result: () => found[0],
    });
  }

  /**
   * Folds all values into one. Each worker folds those of a range, and what comes of the ranges
   * is folded in order: so the function must be associative, `f(f(a, b), c)` the same as
   * `f(a, f(b, c))`, as sums, joins and maxima are.
   *
   * @param fn A registered function, or a closure, of two values.
   * @returns A promise of what comes of it.
   * @throws {TypeError} Where there are no values.
   */
  reduce(fn: (a: T, b: T) => T | PromiseLike<T>): Promise<T>;
  /**
   * Folds all values into one, beginning with a value of the same kind.
   *
   * @param fn A registered function, or a closure, of two values; it must be associative.
   * @param initial What comes before the first value, and of none.
   */
  reduce(fn: (a: T, b: T) => T | PromiseLike<T>, initial: T): Promise<T>;
  /**
   * Folds all values into something of another kind. Every range begins with a copy of
   * `initial`; what comes of the ranges is combined in order. So `initial` must be neutral,
   * `combine(initial, a)` the same as `a`, and `combine` associative.
   *
   * @param fn A registered function, or a closure; it gets what came of the values so far, a
   * value, and how many came before it.
   * @param initial What each range begins with, and what comes of no values.
   * @param combine A registered function, or a closure, that makes one of two that `fn` has made.
   */
  reduce<A>(
    fn: (accumulator: A, value: T, index: number) => A | PromiseLike<A>,
    initial: A,
    combine: (a: A, b: A) => A | PromiseLike<A>,
  ): Promise<A>;
  reduce(
    fn: (accumulator: never, value: never, index: number) => unknown,
    ...rest: [initial?: unknown, combine?: unknown]
  ): Promise<unknown> {
    const seed = rest.slice(0, 1);
    const combine = rest[1];
    const parts = new Reduction(
      this.#engine,
      () => sentTo(this.#engine, combine === undefined ? fn : combine),
      seed,
    );
    return this.#run({
      group: parts.group,
      ending: () => ({
        sink: [REDUCE, sentTo(this.#engine, fn), seed, combine !== undefined],
        usesIndex: combine !== undefined && mayUse(fn, 2),
        runs: true,
      }),
      take: (output) => parts.add(output as unknown[]),
      result: () => parts.end(),
    });
  }

  #with<U>(stage: Stage): ParallelIterator<U> {
    return new ParallelIterator<U>(this.#engine, this.#input, [...this.#stages, stage]);
  }

  #withFunction<U>(kind: "map" | "filter" | "flatMap", fn: object): ParallelIterator<U> {
    sentTo(this.#engine, fn);
    return this.#with({ kind, fn });
  }

  #run<R>(run: Run<R>): Promise<R> {
    return runChain(this.#engine, this.#input, this.#stages, run);
  }
}

/**
 * @param engine What is to run the stages.
 * @param items The items, or how many numbers.
 * @returns An iterator over them.
 * @throws {TypeError | RangeError} Where they are neither.
 */
export function iterOn<T>(engine: Engine, items: unknown): ParallelIterator<T> {
  if (typeof items === "number") checkLength(items);
  else checkInput(items);
  return new ParallelIterator<T>(engine, items as ChainInput);
}

/** What ends a chain with a function that gets each value and its place. */
function calling(
  engine: Engine,
  kind: typeof FOR_EACH | typeof SOME | typeof EVERY | typeof FIND,
  fn: object,
): Ending {
  return { sink: [kind, sentTo(engine, fn)], usesIndex: mayUse(fn, 1), runs: true };
}

function bound(kind: "take" | "drop", count: number): Bound {
  checkWhole(kind, count);
  return { kind, count };
}

/** Beyond these numbers not each one is there. */
function checkLength(length: number): void {
  checkWhole("a length of", length);
  if (length === Infinity || length <= Number.MAX_SAFE_INTEGER) return;
  throw new RangeError(
    `Cannot use a length of ${length}: numbers are exact up to ${Number.MAX_SAFE_INTEGER} only, or ` +
      "pass Infinity and take as many as are needed",
  );
}

function checkWhole(what: string, value: number): void {
  if (typeof value === "number" && value >= 0 && (Number.isInteger(value) || value === Infinity)) {
    return;
  }
  throw new RangeError(
    `Cannot use ${what} ${show(value)}: it must be a whole number, at least 0, or Infinity`,
  );
}
