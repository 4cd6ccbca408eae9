/**
 * A lane as a worker sees it that runs the lane's jobs: the host's, its own, or
 * another worker's.
 *
 * @module
 */
import { AppendLog } from "../memory/append_log.ts";
import { Views } from "../memory/views.ts";
import { FunctionRecords } from "../task/function_table.ts";
import { Inbox } from "../task/inbox.ts";
import type { PayloadContext } from "../task/outbox.ts";
import { ShapeReader } from "../task/shapes.ts";
import type { OwnerMemory } from "../task/start.ts";
import { Lane, type LaneSize } from "../transport/lane.ts";

/** A function that runs jobs. */
export type TaskFunction = (...args: unknown[]) => unknown;

/** Whose lane it is. */
export interface Owner {
  /** Runner number, or HOST. */
  readonly runner: number;
  /** Which life of a worker, or HOST_LIFE. */
  readonly life: number;
  /** Whether it is gone, and nobody waits for its jobs any more. */
  readonly isGone: boolean;
  /** Whether it may die before this worker, so that account is kept of what is sent to it. */
  readonly isMortal: boolean;
  /** Whether it has died, and what it had been sent was taken back: nothing more may be. */
  readonly isReclaimed: boolean;
  /** Wakes the owner, if it sleeps. @returns Whether it did. */
  wake(): boolean;
  /** Tells the owner, if it blocks, that one of its jobs has returned a promise. */
  hearOfPromise(): void;
}

/** One lane that a worker serves. */
export class ServedLane {
  /** Whose it is. */
  readonly owner: Owner;
  /** The lane. */
  readonly lane: Lane;
  /** Where its jobs' arguments come from. */
  readonly inbox: Inbox;
  /** The owner's table of task functions. */
  readonly records: FunctionRecords;
  /** Task functions by number, as far as this worker has met them. */
  readonly functions: (TaskFunction | undefined)[] = [];

  /**
   * @param owner Whose lane it is.
   * @param memory The owner's memory.
   * @param size The lane's size.
   * @param context What both ends of payloads know.
   */
  constructor(owner: Owner, memory: OwnerMemory, size: LaneSize, context: PayloadContext) {
    this.owner = owner;
    this.lane = new Lane(memory.lane, size);
    const shapes = new ShapeReader(new AppendLog(memory.shapes));
    this.inbox = new Inbox(this.lane, new Views(memory.arena), shapes, context);
    this.records = new FunctionRecords(new AppendLog(memory.functions));
  }
}
