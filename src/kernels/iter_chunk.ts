/**
 * The worker's part of `iter`.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { Chain, passedOf, type SentStage } from "./chain.ts";
import { callable, type SentFunction } from "./functions.ts";
import { broken, type ChunkReport, complete } from "./report.ts";
import { makeSink, type OutputSink, type SentSink } from "./sinks.ts";

/** What to do with the items of each chunk. */
export type SentChain = readonly [stages: readonly SentStage[], sink: SentSink];

/**
 * Runs stages over a chunk, and lets them end in a sink.
 *
 * @param chain The stages, and the sink.
 * @param items The items; where they are whole numbers in a row, the first of them.
 * @param start The first one's place.
 * @param count How many there are.
 * @returns The sink's output: up to the first failure, or to where the chunk has made way for others.
 */
export function iterChunk(
  [stages, sent]: SentChain,
  items: ArrayLike<unknown> | number,
  start: number,
  count: number,
): ChunkReport | Promise<ChunkReport> {
  const began = now();
  let sink: OutputSink | undefined;
  try {
    sink = makeSink(sent, passedOf(stages, start), start === 0);
    const chain = new Chain(stages, start, sink);
    const step = chain.run(items, count);
    if (step !== undefined) return later(began, chain, sink, step);
    return complete(began, sink.output(), chain.endedAfter);
  } catch (error) {
    return broken(began, sink?.output(), error);
  }
}

async function later(
  began: number,
  chain: Chain,
  sink: OutputSink,
  step: PromiseLike<void>,
): Promise<ChunkReport> {
  try {
    await step;
  } catch (error) {
    return broken(began, sink.output(), error);
  }
  return complete(began, sink.output(), chain.endedAfter);
}

/**
 * Combines what several chunks were reduced to.
 *
 * @param sent The function that combines two.
 * @param parts Two or more, in order.
 * @returns What all of them come to.
 */
export async function foldParts(sent: SentFunction, parts: readonly unknown[]): Promise<unknown> {
  const fn = callable(sent);
  let result = parts[0];
  for (let i = 1; i < parts.length; i++) result = await fn(result, parts[i]);
  return result;
}
