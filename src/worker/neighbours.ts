/**
 * The other workers of the pool, as one worker knows them: whose jobs it may take,
 * and where the results of its own jobs come from that they ran.
 *
 * @module
 */
import type { ResultSource } from "../dispatch/runners.ts";
import { AppendLog } from "../memory/append_log.ts";
import type { Arena } from "../memory/arena.ts";
import {
  BLOCKED,
  BLOCKS,
  BLOCKS_IN_VAIN,
  countersOf,
  DEATHS,
  GONE,
  KNOWN,
  LIFE,
  OUT,
} from "../memory/layout.ts";
import { Returns } from "../memory/returns.ts";
import { Views } from "../memory/views.ts";
import type { Sleepers } from "../sync/sleepers.ts";
import { Inbox } from "../task/inbox.ts";
import type { PayloadContext } from "../task/outbox.ts";
import { ShapeReader } from "../task/shapes.ts";
import type { Neighbour, WorkerStart } from "../task/start.ts";
import type { Lane } from "../transport/lane.ts";
import { type Owner, ServedLane } from "./served_lane.ts";

/** What a worker keeps of another one's life. */
class Acquaintance implements Owner {
  readonly neighbour: Neighbour;
  readonly counters: Int32Array;
  readonly #sleepers: Sleepers;
  /** Its lane, once this worker has taken from it. */
  lane: ServedLane | undefined;
  /** Where its results come from, once there was one. */
  source: ResultSource | undefined;
  readonly isMortal = true;
  isReclaimed = false;

  constructor(neighbour: Neighbour, counters: Int32Array, sleepers: Sleepers) {
    this.neighbour = neighbour;
    this.counters = counters;
    this.#sleepers = sleepers;
  }

  get runner(): number {
    return this.neighbour.runner;
  }

  get life(): number {
    return this.neighbour.life;
  }

  /** It says so itself, or the host does, or its number is another one's by now. */
  get isGone(): boolean {
    return Atomics.load(this.counters, OUT) !== 0 || this.isBuried;
  }

  /** Whether its thread has ended as well: it touches nothing any more, whatever it has said. */
  get isBuried(): boolean {
    return Atomics.load(this.counters, GONE) !== 0 ||
      Atomics.load(this.counters, LIFE) !== this.life;
  }

  wake(): boolean {
    return this.#sleepers.wake(this.runner);
  }

  hearOfPromise(): void {
    // Who blocks no more must not be marked: that would stay.
    const blocked = Atomics.compareExchange(this.counters, BLOCKED, BLOCKS, BLOCKS_IN_VAIN);
    if (blocked !== 0) this.wake();
  }
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
  readonly #placeOf: number[] = [];
  readonly #control: Int32Array;
  readonly #results: Arena;
  #deathsSeen = 0;

  /**
   * @param start What this worker was started with.
   * @param sleepers The pool's parking places.
   * @param context What both ends of payloads know.
   * @param results This worker's arena for results.
   */
  constructor(
    start: WorkerStart,
    sleepers: Sleepers,
    context: PayloadContext,
    results: Arena,
  ) {
    this.#start = start;
    this.#sleepers = sleepers;
    this.#context = context;
    this.#results = results;
    this.#counters = this.#countersOf(start.runner);
    this.#control = new Int32Array(start.control);
    for (const other of start.others) this.#add(other);
  }

  /** Gets to know a worker that has begun its life. Whoever had its number before is forgotten. */
  introduce(neighbour: Neighbour): void {
    // It has died, though its words may not say so any more, and not yet whose they are.
    this.#reclaimFrom(this.#all[neighbour.runner]);
    this.#add(neighbour);
    Atomics.store(this.#counters, KNOWN, neighbour.life);
  }

  /** @returns The lane of a runner, if this worker may take jobs from it; else `undefined`. */
  lane(runner: number): ServedLane | undefined {
    const other = this.#all[runner];
    if (other === undefined || other.isReclaimed || other.isGone) return undefined;
    if (Atomics.load(other.counters, KNOWN) < this.#start.life) return undefined;
    const { memory } = other.neighbour;
    return (other.lane ??= new ServedLane(other, memory, this.#start.ownSize, this.#context));
  }

  /** @returns Where the results come from that a runner, if it is known, has put into jobs of this worker's lane. */
  source(runner: number, lane: Lane): ResultSource | undefined {
    const other = this.#all[runner];
    return other && (other.source ??= this.#sourceOf(other.neighbour, lane));
  }

  /** Whether somebody has died since `reclaim` last looked. */
  get anyDeath(): boolean {
    return Atomics.load(this.#control, DEATHS) !== this.#deathsSeen;
  }

  /** Takes back what this worker has sent to owners that have died. */
  reclaim(): void {
    // Before it looks: whoever is counted has its GONE.
    this.#deathsSeen = Atomics.load(this.#control, DEATHS);
    for (const other of this.#all) if (other?.isBuried) this.#reclaimFrom(other);
  }

  /** Takes back, once, what one that has died was sent. Nothing more is sent to it. */
  #reclaimFrom(other: Acquaintance | undefined): void {
    if (other === undefined || other.isReclaimed) return;
    other.isReclaimed = true;
    this.#results.takeBackFrom(other);
  }

  /** @returns A runner's counters. */
  counters(runner: number): Int32Array {
    return this.#all[runner]?.counters ?? this.#countersOf(runner);
  }

  /** @returns The runner that was last heard to be in a place of the pool; -1 for none. */
  runnerAt(index: number): number {
    return this.#placeOf[index] ?? -1;
  }

  /** @returns Which life of a worker is known by a number; 0 for none. */
  lifeOf(runner: number): number {
    return this.#all[runner]?.life ?? 0;
  }

  /** Calls back for all that are known and gone. */
  forEachGone(callback: (runner: number, life: number) => void): void {
    for (const other of this.#all) if (other?.isGone) callback(other.runner, other.life);
  }

  #add(neighbour: Neighbour): void {
    const { runner, index } = neighbour;
    this.#all[runner] = new Acquaintance(neighbour, this.#countersOf(runner), this.#sleepers);
    this.#placeOf[index] = runner;
  }

  #countersOf(runner: number): Int32Array {
    return countersOf(this.#start.control, runner);
  }

  #sourceOf({ runner, memory }: Neighbour, lane: Lane): ResultSource {
    const views = new Views(memory.results);
    const shapes = new ShapeReader(new AppendLog(memory.shapes));
    const returns = new Returns(views);
    return {
      inbox: new Inbox(lane, views, shapes, this.#context),
      giveBack: (block) => {
        // Deno's code runs on for a moment after its end, when others may take it back already.
        if (Atomics.load(this.#counters, OUT) !== 0) return;
        returns.push(block);
        if (returns.wanted) this.#sleepers.wake(runner);
      },
    };
  }
}
