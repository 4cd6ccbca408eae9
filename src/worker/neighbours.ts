/**
 * The other workers of the pool, as one worker knows them: whose jobs it may take,
 * and where the results of its own jobs come from that they ran.
 *
 * @module
 */
import type { ResultSource } from "../dispatch/runners.ts";
import { AppendLog } from "../memory/append_log.ts";
import { KNOWN, LIFE, LINE, runnerCounters } from "../memory/layout.ts";
import { Returns } from "../memory/returns.ts";
import { Views } from "../memory/views.ts";
import type { Sleepers } from "../sync/sleepers.ts";
import { Inbox } from "../task/inbox.ts";
import type { PayloadContext } from "../task/outbox.ts";
import { ShapeReader } from "../task/shapes.ts";
import type { Neighbour, WorkerStart } from "../task/start.ts";
import type { Lane, LaneSize } from "../transport/lane.ts";
import { ServedLane } from "./served_lane.ts";

/** What a worker keeps of another one. */
interface Acquaintance {
  readonly neighbour: Neighbour;
  readonly counters: Int32Array;
  lane: ServedLane | undefined;
  source: ResultSource | undefined;
}

/**
 * The acquaintances of one worker, by runner number.
 *
 * Two workers deal with each other only once each can reach the other's memory: a
 * thief reads the owner's lane and arguments, the owner the thief's results. A
 * worker is started with the memory of all who live then; those are told of it by
 * a message, and say in the word KNOWN that they have heard.
 */
export class Neighbours {
  readonly #start: WorkerStart;
  readonly #sleepers: Sleepers;
  readonly #context: PayloadContext;
  readonly #all: (Acquaintance | undefined)[] = [];
  readonly #counters: Int32Array;
  #placeOf: number[] = [];

  /**
   * @param start What this worker was started with.
   * @param sleepers The pool's parking places.
   * @param context What both ends of payloads know.
   */
  constructor(start: WorkerStart, sleepers: Sleepers, context: PayloadContext) {
    this.#start = start;
    this.#sleepers = sleepers;
    this.#context = context;
    this.#counters = this.#countersOf(start.runner);
    for (const other of start.others) this.#add(other);
  }

  /** Gets to know a worker that has begun its life. */
  introduce(neighbour: Neighbour): void {
    this.#add(neighbour);
    Atomics.store(this.#counters, KNOWN, neighbour.life);
  }

  /** @returns The lane of a runner, if this worker may take jobs from it; else `undefined`. */
  lane(runner: number): ServedLane | undefined {
    const other = this.#all[runner];
    if (other === undefined) return undefined;
    const { neighbour, counters } = other;
    // Its number may be another one's by now.
    if (Atomics.load(counters, LIFE) !== neighbour.life) return undefined;
    if (Atomics.load(counters, KNOWN) < this.#start.life) return undefined;
    return (other.lane ??= this.#serve(neighbour));
  }

  /** @returns Where the results come from that a runner has put into jobs of this worker's lane. */
  source(runner: number, lane: Lane): ResultSource {
    const other = this.#all[runner]!;
    return (other.source ??= this.#sourceOf(other.neighbour, lane));
  }

  /** @returns A runner's counters. */
  counters(runner: number): Int32Array {
    return this.#all[runner]?.counters ?? this.#countersOf(runner);
  }

  /** @returns The runner that was last heard to be in a place of the pool; -1 for none. */
  runnerAt(index: number): number {
    return this.#placeOf[index] ?? -1;
  }

  /** @returns Which life of a worker a runner is. */
  lifeOf(runner: number): number {
    return this.#all[runner]?.neighbour.life ?? 0;
  }

  #add(neighbour: Neighbour): void {
    const counters = this.#countersOf(neighbour.runner);
    this.#all[neighbour.runner] = { neighbour, counters, lane: undefined, source: undefined };
    this.#placeOf[neighbour.index] = neighbour.runner;
  }

  #countersOf(runner: number): Int32Array {
    return new Int32Array(this.#start.control, runnerCounters(runner) * 4, LINE);
  }

  #serve({ runner, life, memory }: Neighbour): ServedLane {
    const owner = { runner, life, wake: () => this.#sleepers.wake(runner) };
    const size: LaneSize = this.#start.ownSize;
    return new ServedLane(owner, memory, size, this.#context);
  }

  #sourceOf({ runner, memory }: Neighbour, lane: Lane): ResultSource {
    const views = new Views(memory.results);
    const shapes = new ShapeReader(new AppendLog(memory.shapes));
    const returns = new Returns(views);
    return {
      inbox: new Inbox(lane, views, shapes, this.#context),
      giveBack: (block) => {
        returns.push(block);
        if (returns.wanted) this.#sleepers.wake(runner);
      },
    };
  }
}
