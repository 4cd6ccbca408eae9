/**
 * One life of a worker, as the host sees it.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { Deferred } from "../base/deferred.ts";
import { isElsewhere, isInside, isLowest } from "../dispatch/runner_stack.ts";
import type { ResultSource } from "../dispatch/runners.ts";
import { AppendLog } from "../memory/append_log.ts";
import { arenaBuffer } from "../memory/arena.ts";
import {
  ASKED,
  BEATS,
  countersOf,
  CURRENT,
  DISMISSED,
  EXIT_CODE,
  GONE,
  HOST_LIFE,
  JOBS_AWAITING,
  JOBS_DONE,
  KNOWN,
  LIFE,
  OUT,
  OUT_WITH_CODE,
  SERVICE_TIME,
  TEARING_DOWN,
} from "../memory/layout.ts";
import { Returns } from "../memory/returns.ts";
import { Views } from "../memory/views.ts";
import type { WorkerHandle } from "../runtime/adapter.ts";
import { LISTENING, PARKED, SEARCHING } from "../sync/parker.ts";
import type { Sleepers } from "../sync/sleepers.ts";
import { Inbox } from "../task/inbox.ts";
import type { PayloadContext } from "../task/outbox.ts";
import { ShapeReader } from "../task/shapes.ts";
import type { Neighbour, WorkerMemory, WorkerStart } from "../task/start.ts";
import { type Lane, laneBuffer } from "../transport/lane.ts";
import type { HostHandles } from "./host_handles.ts";
import type { WorkerStats } from "./stats.ts";
import { WorkerLine } from "./worker_line.ts";

/** Bytes for one thread's object shapes. */
export const SHAPES_BYTES: number = 1 << 20;
/** Bytes for the names of one thread's task functions and the sources of its closures. */
export const FUNCTIONS_BYTES: number = 1 << 24;

/** What threads exit with that an error ends. */
const ERROR_CODE = 1;

/** The memory that all of a pool's threads share, and the rest that workers are started with. */
export type SharedStart = Omit<WorkerStart, keyof Neighbour | "others">;

/** What only the host needs of a worker: where its jobs lie, how it is woken, how results are read. */
export interface HostEnd {
  /** The host's lane. */
  readonly lane: Lane;
  /** The pool's parking places. */
  readonly sleepers: Sleepers;
  /** What both ends of payloads know. */
  readonly context: PayloadContext;
  /** What travels beside shared memory. */
  readonly handles: HostHandles;
}

/** One life of a worker. */
export class Member implements ResultSource {
  /** The worker's place in the pool. */
  readonly index: number;
  /** The runner number of this life. */
  readonly runner: number;
  /** Its number among all lives of the pool's workers. */
  readonly life: number;
  /** Its memory, which the other workers are told of. */
  readonly memory: WorkerMemory;
  inbox!: Inbox;
  /** The worker itself. */
  handle!: WorkerHandle;
  /** Whether it has loaded. */
  ready = false;
  /** Why it cannot load, if it has said so. */
  failure: { readonly cause: unknown } | undefined;
  /** The last error that nothing seemed to catch, as it tells it itself. */
  fatal: { readonly cause: unknown } | undefined;
  /** Resolved once it has ended. */
  readonly gone: Deferred<void> = new Deferred();
  /** Whether it has ended. */
  isGone = false;
  readonly #born = now();
  readonly #counters: Int32Array;
  readonly #shared: SharedStart;
  #returns!: Returns;
  #line!: WorkerLine;
  #sleepers!: Sleepers;

  /**
   * Makes the memory of a new life, and nothing else: the worker's start waits for
   * this. The host's end comes by `attach`.
   *
   * @param index The worker's place in the pool.
   * @param runner A runner number that is free.
   * @param life Its number among all lives of the pool's workers.
   * @param shared What all workers are started with.
   * @param initial Bytes of its arenas to begin with.
   */
  constructor(index: number, runner: number, life: number, shared: SharedStart, initial: number) {
    this.index = index;
    this.runner = runner;
    this.life = life;
    this.memory = {
      lane: laneBuffer(shared.ownSize),
      arena: arenaBuffer(initial, shared.largest),
      results: arenaBuffer(initial, shared.largest),
      shapes: AppendLog.create(SHAPES_BYTES),
      functions: AppendLog.create(FUNCTIONS_BYTES),
    };
    this.#shared = shared;
    this.#counters = countersOf(shared.control, runner);
    this.#counters.fill(0);
    Atomics.store(this.#counters, LIFE, life);
  }

  /** How other workers are told of it. */
  get neighbour(): Neighbour {
    const { index, runner, life, memory } = this;
    return { index, runner, life, memory };
  }

  /**
   * @param others The workers that it is to know from its start.
   * @param youngest The youngest life among them and itself.
   * @returns What the worker is started with.
   */
  startWith(others: readonly Neighbour[], youngest: number): WorkerStart {
    Atomics.store(this.#counters, KNOWN, youngest);
    return { ...this.#shared, ...this.neighbour, others };
  }

  /** Makes the host's end of it, once its thread is on its way. */
  attach({ lane, sleepers, context, handles }: HostEnd): void {
    const { results, shapes } = this.memory;
    const views = new Views(results);
    this.#returns = new Returns(views);
    this.inbox = new Inbox(lane, views, new ShapeReader(new AppendLog(shapes)), context);
    this.#sleepers = sleepers;
    const { life, handle: { mail } } = this;
    const wake = () => void this.wake();
    this.#line = new WorkerLine({ life, mail, counters: this.#counters, wake });
    handles.join(this.#line);
  }

  /** Tells it of a worker that has begun its life. */
  introduce(neighbour: Neighbour): void {
    this.#line.postAndWake({ kind: "neighbour", neighbour });
  }

  /** Milliseconds since its start. */
  get age(): number {
    return now() - this.#born;
  }

  /** Jobs that it has done. */
  get jobs(): number {
    return this.#counters[JOBS_DONE]! >>> 0;
  }

  /** What a job of its lately took, in milliseconds. */
  get serviceTime(): number {
    return this.#counters[SERVICE_TIME]! / 1000;
  }

  /** How often it has looked for work. */
  get beats(): number {
    return Atomics.load(this.#counters, BEATS);
  }

  /** Makes it look for work, and after jobs that were given up. @returns How often it has done so. */
  askForSign(): number {
    const { beats } = this;
    Atomics.add(this.#counters, ASKED, 1);
    this.wake();
    return beats;
  }

  /** Whether it has said that it touches shared memory no more. */
  get isOut(): boolean {
    return Atomics.load(this.#counters, OUT) !== 0;
  }

  /** What it has said of its end itself, once it is out. */
  get lastWord(): string {
    const code = this.#exitCode;
    return code === undefined ? "it ended itself" : `it exited with code ${code}`;
  }

  /** Whether it may be an error that ends it, by the same. */
  get mayHaveFailed(): boolean {
    return (this.#exitCode ?? ERROR_CODE) === ERROR_CODE;
  }

  get #exitCode(): number | undefined {
    const hasCode = Atomics.load(this.#counters, OUT) === OUT_WITH_CODE;
    return hasCode ? this.#counters[EXIT_CODE] : undefined;
  }

  /** Whether its teardown has begun and not come to its end. */
  get isTearingDown(): boolean {
    return Atomics.load(this.#counters, TEARING_DOWN) !== 0;
  }

  /** Whether no synchronous code of a job runs on it. */
  get isBetweenJobs(): boolean {
    return Atomics.load(this.#counters, CURRENT) === 0;
  }

  /** Whether it is in synchronous code of the host's job in a slot. */
  isInside(slot: number): boolean {
    return isInside(this.#counters, HOST_LIFE, slot);
  }

  /** Whether that job is the lowest on its stack, with others on top of it or without. */
  isLowest(slot: number): boolean {
    return isLowest(this.#counters, HOST_LIFE, slot);
  }

  /** Whether it has jobs under way that are neither the host's nor begun by its own, if so many are the host's. */
  isElsewhere(here: number): boolean {
    return isElsewhere(this.#counters, HOST_LIFE, here);
  }

  /** Says for the other workers, before it is counted, that it is gone. */
  markGone(): void {
    Atomics.store(this.#counters, GONE, 1);
  }

  giveBack(block: number): void {
    this.#returns.push(block);
    if (this.#returns.wanted) this.wake();
  }

  /** Wakes it, whatever it sleeps for. @returns Whether it slept. */
  wake(): boolean {
    return this.#sleepers.wake(this.runner);
  }

  /** Tells it to claim nothing more, and when to end: a value of DISMISSED. */
  dismiss(when: number): void {
    Atomics.store(this.#counters, DISMISSED, when);
    this.wake();
  }

  /** What it does at this moment. */
  stats(name: string): WorkerStats {
    const parker = this.#sleepers.parker(this.runner);
    const state = this.isGone ? "gone" : this.ready ? stateName(parker.state) : "starting";
    const awaiting = this.#counters[JOBS_AWAITING]!;
    return { index: this.index, name, state, jobs: this.jobs, awaiting };
  }
}

function stateName(state: number): WorkerStats["state"] {
  switch (state) {
    case PARKED:
    case LISTENING:
      return "parked";
    case SEARCHING:
      return "searching";
    default:
      return "busy";
  }
}
