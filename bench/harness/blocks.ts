/**
 * Measuring in blocks: every entrant warms up, then all take turns, a block each,
 * beginning with another one every time. What disturbs the machine for a while
 * disturbs all of them, and the median over the blocks forgets it. Ratios are
 * taken within one turn, then their median.
 *
 * @module
 */
import { collectGarbage } from "./platform.ts";
import { summarize, type Summary } from "./statistics.ts";

/** Who takes part in a row. */
export interface Entrant {
  readonly name: string;
  /**
   * Does the row's work so many times.
   *
   * @returns Milliseconds that count, where not all of the time does.
   */
  run(times: number): Promise<number | void> | void;
  /** Checks, once, that the work is really done; throws where it is not. */
  check?(): Promise<void> | void;
}

/** How long to measure, in milliseconds. */
export interface Effort {
  /** One block. */
  readonly block: number;
  /** How many blocks at most; there are at least five, where that many are allowed. */
  readonly blocks: number;
  /** All blocks of a row together, beyond the fifth. */
  readonly row: number;
  /** One entrant's warm-up. */
  readonly warmUp: number;
  /** What runs just before each block, at least once, not timed: threads that slept have found their processors. */
  readonly leadIn: number;
}

/** What a row's measuring has given. */
export interface Measured {
  /** Milliseconds for doing the work once, by entrant. */
  readonly times: Record<string, Summary>;
  /** Times of the others by that of the first entrant in the same turn. */
  readonly ratios: Record<string, Summary>;
  /** Time of the last entrant by those of the others in the same turn. */
  readonly speedUps: Record<string, Summary>;
  /** Who takes too long to be measured more than once. */
  readonly slow: readonly string[];
  /** Why an entrant is missing. */
  readonly failures: Record<string, string>;
}

/** An entrant that takes longer for one block is given up, in milliseconds. */
const TOO_LONG = 20_000;
/** One that takes longer to do the work once has that as its only sample. */
const SLOW = 1_000;
const LEAST_BLOCKS = 5;
/** Who takes so many times as long as in the run after that was not warm. */
const FASTER = 1.5;
/** A warm-up ends after so many times its length, steady or not. */
const LONGEST_WARM_UP = 10;

/** Says what is running, so that whoever started this process knows what hung or crashed. */
export type Announce = (name: string) => void;

/** Measures a row. */
export async function measure(
  entrants: readonly Entrant[],
  effort: Effort,
  announce: Announce,
): Promise<Measured> {
  const failures: Record<string, string> = {};
  const slow: Record<string, number> = {};
  const fit: { entrant: Entrant; times: number; samples: number[] }[] = [];
  for (const entrant of entrants) {
    announce(entrant.name);
    try {
      const began = performance.now();
      await inTime(entrant.check?.());
      if (performance.now() - began < SLOW) await inTime(entrant.run(1));
      const took = performance.now() - began;
      if (took < SLOW) fit.push({ entrant, times: await warmUp(entrant, effort), samples: [] });
      else slow[entrant.name] = took;
    } catch (error) {
      failures[entrant.name] = reasonOf(error);
    }
  }

  let spent = 0;
  for (let turn = 0; turn < effort.blocks; turn++) {
    if (turn >= LEAST_BLOCKS && spent * (1 + 1 / turn) > effort.row) break;
    for (let place = 0; place < fit.length; place++) {
      const one = fit[(turn + place) % fit.length]!;
      if (Object.hasOwn(failures, one.entrant.name)) continue;
      announce(one.entrant.name);
      collectGarbage();
      try {
        const lead = Math.max(1, Math.round(one.times * effort.leadIn / effort.block));
        await inTime(one.entrant.run(lead));
        const began = performance.now();
        const counted = await inTime(one.entrant.run(one.times));
        const took = performance.now() - began;
        one.samples.push((counted ?? took) / one.times);
        spent += took;
      } catch (error) {
        failures[one.entrant.name] = reasonOf(error);
      }
    }
  }

  const whole = fit.filter(({ entrant }) => !Object.hasOwn(failures, entrant.name));
  const times = Object.fromEntries(
    whole.map(({ entrant, samples }) => [entrant.name, summarize(samples)]),
  );
  const first = whole.find(({ entrant }) => entrant === entrants[0])?.samples;
  const last = whole.find(({ entrant }) => entrant === entrants.at(-1))?.samples;
  const ratios: Record<string, Summary> = {};
  const speedUps: Record<string, Summary> = {};
  for (const { entrant: { name }, samples } of whole) {
    if (first) ratios[name] = summarize(samples.map((time, turn) => time / first[turn]!));
    if (last) speedUps[name] = summarize(samples.map((time, turn) => last[turn]! / time));
  }
  for (const [name, took] of Object.entries(slow)) {
    times[name] = summarize([took]);
    if (first) ratios[name] = summarize([took / summarize(first).median]);
    if (last) speedUps[name] = summarize([summarize(last).median / took]);
  }
  return { times, ratios, speedUps, slow: Object.keys(slow), failures };
}

/**
 * Runs an entrant for a while, and until it gets no faster: what is compiled meanwhile may do
 * many times as much in a block.
 *
 * @returns How many times fill a block.
 */
async function warmUp(entrant: Entrant, effort: Effort): Promise<number> {
  let times = 1;
  let spent = 0;
  let before = Infinity;
  for (;;) {
    const began = performance.now();
    await inTime(entrant.run(times));
    const took = performance.now() - began;
    spent += took;
    const each = Math.max(took / times, 1e-5);
    const fill = Math.max(1, Math.round(effort.block / each));
    const isSteady = fill <= 2 * times && before < FASTER * each;
    const isLong = spent >= LONGEST_WARM_UP * effort.warmUp;
    if (spent >= effort.warmUp && (isSteady || isLong)) return fill;
    before = each;
    times = Math.min(fill, times * 4);
  }
}

/**
 * Gives up waiting after a while.
 *
 * @throws {Error} Where the work is not done by then.
 */
export async function inTime<T>(
  work: Promise<T> | void,
  longest: number = TOO_LONG,
): Promise<T | undefined> {
  if (work === undefined) return undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`did not finish within ${longest / 1000} s`)),
      longest,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @returns The first line of an error. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split("\n", 1)[0]!;
}
