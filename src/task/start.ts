/**
 * What a worker is started with: the one message that it ever gets.
 *
 * @module
 */
import type { LaneSize } from "../transport/lane.ts";

/** How long a thread without work waits in which way; times in milliseconds. */
export interface IdleTimes {
  /** Longest time to spin. */
  readonly spin: number;
  /** Longest time to block the thread, timers and all, before its event loop goes on. */
  readonly block: number;
}

/** Everything that a worker needs to take part in its pool. */
export interface WorkerStart {
  /** Its place in the pool, from 0. */
  readonly index: number;
  /** Its runner number, see `memory/layout.ts`. */
  readonly runner: number;
  /** Control memory. */
  readonly control: SharedArrayBuffer;
  /** The host's lane. */
  readonly lane: SharedArrayBuffer;
  /** Its size. */
  readonly size: LaneSize;
  /** The host's arena, to read arguments from. */
  readonly hostArena: SharedArrayBuffer;
  /** The host's object shapes. */
  readonly hostShapes: SharedArrayBuffer;
  /** The table of task functions. */
  readonly functions: SharedArrayBuffer;
  /** The worker's own arena, for its results. */
  readonly arena: SharedArrayBuffer;
  /** The worker's own object shapes. */
  readonly shapes: SharedArrayBuffer;
  /** Bytes of the largest payload. */
  readonly largest: number;
  /** How it waits. */
  readonly idle: IdleTimes;
  /** Modules that it imports before it reports itself ready. */
  readonly preload: readonly string[];
}

/** What a worker reports, once, when it has loaded. */
export interface WorkerReport {
  /** Why it cannot work, where it cannot. */
  readonly error: string | undefined;
}

const KEY = "multicore.report";

/** @returns A message with a report in it: code of the user's may send messages of its own. */
export function reportMessage(report: WorkerReport): unknown {
  return { [KEY]: report };
}

/** @returns The report in a message, `undefined` where it is none. */
export function reportIn(message: unknown): WorkerReport | undefined {
  return (message as { [KEY]?: WorkerReport } | null | undefined)?.[KEY];
}
