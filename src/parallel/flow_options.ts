/**
 * What a flow of chunks is told, and what it hands out.
 *
 * @module
 */
import type { Engine } from "../dispatch/engine.ts";
import type { ChunkSizes } from "../scheduling/chunk_sizes.ts";
import { FLOWS } from "../transport/slot.ts";
import type { JobGroup } from "./job_group.ts";
import type { Batch, Source } from "./source.ts";

/**
 * Most items, or outputs, that are sent at a time: V8 makes and frees arrays of up to some
 * 16,000 elements many times faster than longer ones.
 */
export const MOST_SENT = 4096;

/** What part of a pool's time limit for jobs a chunk is to take at most: some run before it. */
const PART_OF_TIMEOUT = 1 / 8;

/**
 * @param engine What runs chunks.
 * @param most How long they may be, in milliseconds.
 * @returns How long they are to be.
 */
export function chunkTime({ jobDefaults }: Engine, most: number): number {
  return Math.min(most, PART_OF_TIMEOUT * (jobDefaults?.timeout ?? Infinity));
}

let flows = 0;

/** @returns A number for a new flow. */
export function newFlow(): number {
  flows = flows % (FLOWS - 1) + 1;
  return flows;
}

/** How chunks flow. */
export interface FlowOptions {
  /** What runs them. */
  readonly engine: Engine;
  /** The jobs of the same call: the chunks, and whatever else it begins. */
  readonly group: JobGroup;
  /** The library's function that does the work of one. */
  readonly kernel: unknown;
  /** How errors name what the user has asked for. */
  readonly name: string;
  /** Whether it gives a result for each item: errors then tell of which. */
  readonly isMap: boolean;
  /** The function's arguments. */
  readonly args: (batch: Batch) => readonly unknown[];
  /** Where the items come from. */
  readonly source: (onMore: () => void) => Source;
  readonly sizes: ChunkSizes;
  /** Most items of a chunk whose size is measured; see `MOST_SENT`. */
  readonly most: number;
  /** The flow's number, where chunks may end early: workers then tell them from other jobs. */
  readonly flow?: number | undefined;
  /** Whether outputs come in the order of the items, or as they are done. */
  readonly ordered: boolean;
  /** Most items that are taken from the input and not read. */
  readonly window: number;
  /** Most chunks that are taken from the input and not read. */
  readonly ahead: number;
  readonly signal: AbortSignal | undefined;
  /** Called with the size of each chunk that is done; what it throws ends the flow. */
  readonly onDone?: (count: number) => void;
}

/** What a chunk has made. */
export interface Delivery {
  readonly output: unknown;
}
