/**
 * Where the values of a parallel iterator end up in a chunk, and what becomes of
 * them there.
 *
 * @module
 */
import { isThenable } from "../base/thenable.ts";
import { FULL, type Sink, type Step } from "./chain.ts";
import { callable, type SentFunction } from "./functions.ts";

/** Keeps the values: gives all of them, up to a number. */
export const COLLECT = 0;
/** Counts them, up to a number. */
export const COUNT = 1;
/** Calls a function for each. */
export const FOR_EACH = 2;
/** Looks for one for which a function returns something truthy: gives whether there is one. */
export const SOME = 3;
/** Looks for one for which it does not: gives whether there is none. */
export const EVERY = 4;
/** Looks for one for which it does: gives it in an array. */
export const FIND = 5;
/** Folds them: gives what comes of it in an array, which is empty where there were none. */
export const REDUCE = 6;

/** Kinds of sinks that call a function with each value, and its place. */
type Calling = typeof FOR_EACH | typeof SOME | typeof EVERY | typeof FIND;

/** A sink as it is sent: what it does, and with what. */
export type SentSink =
  | readonly [kind: typeof COLLECT | typeof COUNT, most: number]
  | readonly [kind: Calling, fn: SentFunction]
  | readonly [kind: typeof REDUCE, fn: SentFunction, seed: readonly unknown[], everywhere: boolean];

/** A sink, and what has come of it. */
export interface OutputSink extends Sink {
  /** @returns What the host gets of the chunk. */
  output(): unknown;
}

/**
 * @param sent The sink.
 * @param start How many values have come to it in chunks before this one.
 * @param isFirst Whether there is no chunk before this one.
 * @returns The sink of one chunk.
 */
export function makeSink(sent: SentSink, start: number, isFirst: boolean): OutputSink {
  switch (sent[0]) {
    case COLLECT:
      return collector(sent[1]);
    case COUNT:
      return counter(sent[1]);
    case REDUCE: {
      const [, fn, seed, everywhere] = sent;
      return reducer(fn, everywhere || isFirst ? seed : [], start);
    }
    default:
      return caller(sent[0], sent[1], start);
  }
}

// All of one shape, which `Chain` reads for each value: classes would be told apart each time.

function collector(most: number): OutputSink {
  const values: unknown[] = [];
  const sink = {
    full: false,
    put(value: unknown): Step {
      if (values.push(value) < most) return undefined;
      sink.full = true;
      return FULL;
    },
    output: () => values,
  };
  return sink;
}

function counter(most: number): OutputSink {
  let count = 0;
  const sink = {
    full: false,
    put(): Step {
      if (++count < most) return undefined;
      sink.full = true;
      return FULL;
    },
    output: () => count,
  };
  return sink;
}

function caller(kind: Calling, sent: SentFunction, start: number): OutputSink {
  const fn = callable(sent);
  let index = start;
  let output: unknown = kind === FIND ? [] : kind === FOR_EACH ? undefined : kind === EVERY;
  const hear = (value: unknown, answer: unknown): void => {
    if (kind === FOR_EACH || Boolean(answer) === (kind === EVERY)) return;
    sink.full = true;
    output = kind === FIND ? [value] : kind === SOME;
  };
  const sink = {
    full: false,
    put(value: unknown): Step {
      const answer = fn(value, index++);
      if (isThenable(answer)) return answer.then((settled) => hear(value, settled));
      hear(value, answer);
      return sink.full ? FULL : undefined;
    },
    output: () => output,
  };
  return sink;
}

function reducer(sent: SentFunction, seed: readonly unknown[], start: number): OutputSink {
  const fn = callable(sent);
  let index = start;
  let any = seed.length > 0;
  let result = seed[0];
  const sink = {
    full: false,
    put(value: unknown): Step {
      const place = index++;
      const next = any ? fn(result, value, place) : value;
      any = true;
      if (isThenable(next)) {
        return next.then((settled) => {
          result = settled;
        });
      }
      result = next;
      return undefined;
    },
    output: () => any ? [result] : [],
  };
  return sink;
}
