/**
 * What `map` and `stream` have in common: chunks of an input's items on their way
 * through one function.
 *
 * @module
 */
import type { Engine } from "../dispatch/engine.ts";
import { mapChunk, type SentFunction } from "../kernels/mod.ts";
import { ChunkSizes } from "../scheduling/chunk_sizes.ts";
import { ChunkFlow } from "./chunk_flow.ts";
import { chunkTime, type FlowOptions, MOST_SENT } from "./flow_options.ts";
import { JobGroup } from "./job_group.ts";
import { sourceOf } from "./sources.ts";
import { nameOfSent } from "./task_function.ts";

/**
 * What a chunk is to take in its worker, in milliseconds. By the time that it is done, caches
 * have forgotten the code that brings the next one: half a millisecond on a busy machine, for
 * the worker and for the host each. Other jobs wait for the chunks before them.
 */
const CHUNK_TIME = 16;

/** What is mapped. */
export interface Mapping {
  /** What runs the chunks. */
  readonly engine: Engine;
  /** The user's function. */
  readonly sent: SentFunction;
  readonly input: unknown;
  /** Items in a chunk, where the user sets it. */
  readonly chunk: number | undefined;
}

/** How the results are wanted. */
export type MapFlowOptions = Pick<
  FlowOptions,
  "ordered" | "window" | "ahead" | "signal" | "onDone"
>;

/** @returns The chunks' flow, not begun. */
export function mapFlow(
  { engine, sent, input, chunk }: Mapping,
  options: MapFlowOptions,
): ChunkFlow {
  return new ChunkFlow({
    engine,
    group: new JobGroup(),
    kernel: mapChunk,
    name: nameOfSent(sent),
    isMap: true,
    args: ({ items, start }) => [sent, items, start],
    source: (onMore) => sourceOf(input, { exact: chunk !== undefined, onMore }),
    sizes: new ChunkSizes(engine.size, chunkTime(engine, CHUNK_TIME), chunk),
    most: MOST_SENT,
    ...options,
  });
}
