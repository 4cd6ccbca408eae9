/**
 * Some ways of doing the same, measured in turns, so that a machine that is slow
 * for a while is slow for all of them.
 *
 * @module
 */
import { collectGarbage } from "./platform.ts";
import { summarize } from "./statistics.ts";

/** What a way has taken in each round, in milliseconds. */
export type Times = number[];

/** @returns The times of each way. */
export async function inTurns(
  rounds: number,
  ways: readonly (() => unknown)[],
): Promise<Times[]> {
  const times: Times[] = ways.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      // Each follows each other one in some rounds: what was done before leaves its traces.
      const i = order(round, turn, ways.length);
      const way = ways[i]!;
      collectGarbage();
      const began = performance.now();
      await way();
      times[i]!.push(performance.now() - began);
    }
  }
  return times;
}

/** @returns Whose turn it is: the first round goes through the ways in their order, the next one back. */
function order(round: number, turn: number, ways: number): number {
  return round % 2 === 0 ? turn : ways - 1 - turn;
}

/** @returns The shortest of them. */
export const best = (times: Times): number => summarize(times).min;

/** @returns The middle one of them. */
export const median = (times: Times): number => summarize(times).median;
