/**
 * What a worker is started with.
 *
 * @module
 */
import type { LaneSize } from "../transport/lane.ts";
import type { FunctionRecord } from "./function_table.ts";
import type { Package } from "./handed.ts";

/** How long a thread without work waits in which way; times in milliseconds. */
export interface IdleTimes {
  /** Longest time to spin. */
  readonly spin: number;
  /** Longest time to block the thread, timers and all, before its event loop goes on. */
  readonly block: number;
}

/** What others need to run the jobs of a lane's owner, and to read its payloads. */
export interface OwnerMemory {
  /** Its lane. */
  readonly lane: SharedArrayBuffer;
  /** Its arena for arguments. */
  readonly arena: SharedArrayBuffer;
  /** Its object shapes. */
  readonly shapes: SharedArrayBuffer;
  /** Its table of task functions. */
  readonly functions: SharedArrayBuffer;
}

/** A task function that workers run by themselves. */
export interface HookRecord {
  readonly fn: FunctionRecord;
  /** A closure's captured values. */
  readonly captured: Package | undefined;
}

/** The same of a worker, which has results as well. */
export interface WorkerMemory extends OwnerMemory {
  /**
   * Its arena for results, also those of its own jobs. Arguments stay for as long as their
   * jobs run: where results had no room beside them, two workers could wait for each other.
   */
  readonly results: SharedArrayBuffer;
}

/** One life of a worker, as other workers are told of it. */
export interface Neighbour {
  /** Its place in the pool. */
  readonly index: number;
  /** Its runner number, see `memory/layout.ts`. */
  readonly runner: number;
  /** Its number among all lives of the pool's workers, from 1. */
  readonly life: number;
  /** Its memory. */
  readonly memory: WorkerMemory;
}

/** Everything that a worker needs to take part in its pool. */
export interface WorkerStart extends Neighbour {
  /** Control memory. */
  readonly control: SharedArrayBuffer;
  /** The host's memory. */
  readonly host: OwnerMemory;
  /** Size of the host's lane. */
  readonly size: LaneSize;
  /** Size of the workers' own lanes. */
  readonly ownSize: LaneSize;
  /** The workers that are there already. */
  readonly others: readonly Neighbour[];
  /** Bytes of the largest payload. */
  readonly largest: number;
  /** How it waits. */
  readonly idle: IdleTimes;
  /** Modules that it imports before it reports itself ready. */
  readonly preload: readonly string[];
  /** What each worker runs before its first job. */
  readonly setup: HookRecord | undefined;
  /** What it runs after its last one. */
  readonly teardown: HookRecord | undefined;
  /** Whether closures may be run. */
  readonly takesClosures: boolean;
  /** Whether submissions carry a trace. */
  readonly traced: boolean;
  /** Options that every job has, also those that jobs begin. */
  readonly jobDefaults: { readonly timeout?: number; readonly retry?: number } | undefined;
}
