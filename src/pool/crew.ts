/**
 * The workers of a pool: starts them, notices when one is gone, and puts another
 * in its place.
 *
 * @module
 */
import { Deferred } from "../base/deferred.ts";
import { messageFrom, MulticoreError, WorkerCrashedError } from "../base/errors.ts";
import { Decoder } from "../codec/mod.ts";
import type { ResultSource, Runners } from "../dispatch/runners.ts";
import { DEATHS, LEAVE_WHEN_DONE, MAX_RUNNERS, OPEN, RUNNERS } from "../memory/layout.ts";
import type { Runtime } from "../runtime/adapter.ts";
import { AWAKE } from "../sync/parker.ts";
import { unmarked, type WorkerMessage } from "../task/messages.ts";
import { SHARED_RINGS } from "../transport/lane.ts";
import { Dismissal } from "./dismissal.ts";
import { type HostEnd, Member, type SharedStart } from "./member.ts";
import type { PoolSettings } from "./options.ts";
import { absentWorker, workerName, type WorkerStats } from "./stats.ts";

/** Workers in a row that may end soon after their start, without a job; then the pool gives up. */
const MOST_FAILED_STARTS = 5;
/** Delay before such a worker is replaced, in milliseconds; doubled for each further one. */
const DELAY = 50;
/** A worker that has lived so long, in milliseconds, had not failed to start. */
const GROWN_UP = 10_000;

/** What workers are started from. */
export interface CrewParts {
  readonly settings: PoolSettings;
  readonly runtime: Runtime;
  /** What all workers are started with. */
  readonly shared: SharedStart;
}

/** What the crew tells the pool. */
export interface CrewEvents {
  /**
   * A runner is gone and will touch shared memory no more.
   *
   * @returns Whether it was in the middle of a job.
   */
  gone(runner: number, reason: unknown): boolean;
  /** No worker can be started. */
  failed(error: MulticoreError): void;
  /** Workers have sent something that the host has to look at. */
  mail(): void;
  /** Runs a function later, also while this thread blocks. */
  later(callback: () => void, delay: number): void;
}

/** The workers of one pool. */
export class Crew implements Runners {
  readonly #parts: CrewParts;
  #host: HostEnd | undefined;
  #events!: CrewEvents;
  readonly #dismissal: Dismissal;
  readonly #control: Int32Array;
  /** By place in the pool. */
  readonly #members: (Member | undefined)[] = [];
  /** By runner number: those of the pool, and those that were replaced and are not gone yet. */
  readonly #runners: (Member | undefined)[] = [];
  /** Places for which no worker can be started now. */
  readonly #vacant = new Set<number>();
  readonly #ready = new Deferred<void>();
  /** Those that have said that they are out, and whose threads the runtime has not ended yet. */
  readonly #quitting = new Set<Member>();
  #isReady = false;
  #failedStarts = 0;
  #lives = 0;
  #leaving = false;
  /** Workers that have ended by themselves. */
  crashes = 0;
  /** Workers that were replaced since a job that was given up held them. */
  replaced = 0;
  /** Of these, workers that still run. */
  lost = 0;

  /** @param parts What its workers are started from; none is yet. */
  constructor(parts: CrewParts) {
    this.#parts = parts;
    this.#dismissal = new Dismissal(parts.runtime, parts.settings.name);
    this.#control = new Int32Array(parts.shared.control);
    this.#ready.promise.catch(() => {});
  }

  /**
   * Starts all workers, side by side. They are heard of from the event loop only:
   * the host's end may come after this, by `join`, before this thread gives way.
   *
   * @throws What the runtime throws where it starts none, or the user's function
   * that makes the entry's URL. Some workers may run then.
   */
  start(): void {
    const { workers } = this.#parts.settings;
    // All of their memory first: so each knows all others from its start.
    const members = Array.from({ length: workers }, (_, index) => this.#make(index));
    try {
      for (const member of members) this.#spawn(member, members);
    } catch (error) {
      for (const { index, runner } of members) {
        if (this.#members[index] === undefined) this.#runners[runner] = undefined;
      }
      throw error;
    }
  }

  /** Joins the host's end to the workers, those that run and those to come. */
  join(host: HostEnd, events: CrewEvents): void {
    this.#host = host;
    this.#events = events;
    for (const member of this.#runners) member?.attach(host);
  }

  /** Resolves once every worker has loaded; rejects where none can. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Whether every worker has loaded. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Why a worker could not tear down what it had set up. */
  get teardownFailure(): MulticoreError | undefined {
    return this.#dismissal.failure;
  }

  /** How many workers are in the middle of a job. */
  get busy(): number {
    return this.stats().filter((worker) => worker.state === "busy").length;
  }

  /** After a job was put on a ring: sees to it that somebody takes it. @returns Whether it woke one. */
  wakeFor(ring: number): boolean {
    if (ring < SHARED_RINGS) return this.#host!.sleepers.wakeForWork();
    return this.#members[ring - SHARED_RINGS]?.wake() ?? false;
  }

  /** Where a runner's results come from. */
  source(runner: number): ResultSource | undefined {
    return this.#runners[runner];
  }

  /** What a job of a runner lately took, in milliseconds. */
  serviceTime(runner: number): number {
    return this.#runners[runner]?.serviceTime ?? 0;
  }

  /** Whether a runner is in synchronous code of the job in a slot. */
  isInside(runner: number, slot: number): boolean {
    return this.#runners[runner]?.isInside(slot) ?? false;
  }

  /** Whether that job is the lowest on the runner's stack, with others on top of it or without. */
  isLowest(runner: number, slot: number): boolean {
    return this.#runners[runner]?.isLowest(slot) ?? false;
  }

  /** Whether a runner has jobs under way that are neither the host's nor begun by its own. */
  isElsewhere(runner: number, here: number): boolean {
    return this.#runners[runner]?.isElsewhere(here) ?? false;
  }

  /** Makes a runner look for work, if it can. @returns How often it has done so. */
  askForSign(runner: number): number {
    return this.#runners[runner]?.askForSign() ?? 0;
  }

  /** Whether a runner has looked for work since it was asked to; true of one that is gone. */
  gaveSign(runner: number, beats: number): boolean {
    return this.#runners[runner]?.beats !== beats;
  }

  /** Stops a worker that does not come back from a job, and puts another in its place; in a pool that closes, none. */
  replace(runner: number, isStuck: () => boolean): void {
    const member = this.#runners[runner];
    if (member === undefined || this.#members[member.index] !== member) return;
    if (!this.#leaving) {
      this.replaced++;
      this.lost++;
      this.#members[member.index] = undefined;
      member.dismiss(LEAVE_WHEN_DONE);
    }
    // If it has come back just now it leaves by itself, after a job that it has claimed since.
    if (this.#parts.runtime.stopsBusyWorkers && isStuck()) {
      if (this.#leaving && this.#parts.settings.teardown !== undefined) {
        const why = "it was stopped in a job that had been given up";
        this.#dismissal.failed(member, new MulticoreError(why));
      }
      member.handle.terminate();
    }
    this.#restart(member.index);
  }

  /** For a thread that blocks and hears no events: looks which runners have said that they are out. */
  lookForGone(): void {
    for (const member of this.#runners) if (member?.isOut) this.#ended(member);
    if (this.#parts.runtime.startsWhileBlocked) return;
    if (this.#members.some((member) => member === undefined || member.beats === 0)) {
      throw new MulticoreError(
        "Cannot block this thread: some workers have not started, and a browser starts them only " +
          "while this thread gives way; await the pool's ready first, or use await get()",
      );
    }
  }

  /** It has said that it is out. */
  #ended(member: Member): void {
    if (member.isGone) return;
    this.#quitting.add(member);
    this.#gone(member, member.lastWord);
  }

  /** What each worker does. */
  stats(): WorkerStats[] {
    const { name, workers } = this.#parts.settings;
    const absent = this.#leaving ? "gone" : "starting";
    return Array.from({ length: workers }, (_, index) => {
      const member = this.#members[index];
      return member?.stats(workerName(name, index)) ?? absentWorker(name, index, absent);
    });
  }

  /**
   * Dismisses all workers.
   *
   * @param atOnce Whether to leave undone what they have begun.
   */
  async dismiss(atOnce: boolean): Promise<void> {
    this.#leaving = true;
    const { teardown } = this.#parts.settings;
    const members = this.#runners.filter((member) => member?.isGone === false) as Member[];
    if (atOnce) await this.#dismissal.atOnce(members);
    else {
      await this.#dismissal.whenDone(
        members,
        (member) => teardown !== undefined && this.#members[member.index] === member,
      );
    }
    // Whoever still waits for workers that were dismissed while they loaded waits for nothing more.
    this.#ready.resolve();
  }

  /** Makes the memory of another worker. */
  #make(index: number): Member {
    const { settings, shared } = this.#parts;
    const runner = this.#freeRunner();
    const member = new Member(index, runner, ++this.#lives, shared, settings.memory.initial);
    if (this.#control[RUNNERS]! <= runner) Atomics.store(this.#control, RUNNERS, runner + 1);
    this.#runners[runner] = member;
    return member;
  }

  /** Starts a worker, which knows some others from its start. */
  #spawn(member: Member, others: readonly Member[]): void {
    const { settings } = this.#parts;
    const { index, runner } = member;
    const neighbours = others.filter((other) => other !== member).map((other) => other.neighbour);
    const start = member.startWith(neighbours, this.#lives);
    member.handle = settings.spawn(workerName(settings.name, index), start, {
      message: (message) => this.#heard(member, message),
      exit: (reason) => {
        this.#quitting.delete(member);
        this.#gone(member, reason);
      },
      out: () => this.#ended(member),
    });
    // Only now, so that nothing is left of a worker that the runtime did not start.
    this.#members[index] = member;
    this.#runners[runner] = member;
    if (this.#host !== undefined) member.attach(this.#host);
  }

  /** Starts a worker in place of another, and tells those who live of it. */
  #start(index: number): void {
    const others = this.#runners.filter((other) => other !== undefined) as Member[];
    const member = this.#make(index);
    try {
      this.#spawn(member, others);
    } catch (error) {
      this.#runners[member.runner] = undefined;
      throw error;
    }
    for (const other of others) if (!other.isGone) other.introduce(member.neighbour);
  }

  /**
   * The number of a runner that is gone, or of none so far. The thread of one that has
   * said so may still write its counters: if possible, not such a one's.
   */
  #freeRunner(): number {
    const quitting = new Set<number>();
    for (const { runner } of this.#quitting) quitting.add(runner);
    for (let runner = 0; runner < MAX_RUNNERS; runner++) {
      if (this.#runners[runner] === undefined && !quitting.has(runner)) return runner;
    }
    for (const runner of quitting) if (this.#runners[runner] === undefined) return runner;
    throw new MulticoreError(
      `Cannot start another worker: ${MAX_RUNNERS} run already, ${this.lost} of them lost in jobs that do not end`,
    );
  }

  /** Tells the others that a runner is gone: it may have had jobs of theirs, and not read their results. */
  #bury(member: Member): void {
    const { runner } = member;
    Atomics.and(this.#control, OPEN + (runner >>> 5), ~(1 << (runner & 31)));
    member.markGone();
    Atomics.add(this.#control, DEATHS, 1);
    for (const other of this.#runners) if (other !== undefined && !other.isGone) other.wake();
  }

  #heard(member: Member, posted: unknown): void {
    const message = unmarked<WorkerMessage>(posted);
    if (message?.kind === "replace") {
      // The message may be old, and the one that it is about leaving by itself.
      if (!this.#leaving && this.#runners[message.runner]?.life === message.life) {
        this.replace(message.runner, () => true);
      }
    } else if (message?.kind === "report" && !member.ready) {
      this.#reported(member, message.error);
    } else if (message?.kind === "mail") {
      this.#events.mail();
    } else if (message?.kind === "fatal") {
      member.fatal = { cause: this.#decodeError(message.error) };
    } else if (message?.kind === "teardown") {
      this.#dismissal.failed(member, this.#decodeError(message.error));
    }
  }

  #decodeError(bytes: Uint8Array): unknown {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    try {
      return new Decoder(this.#host!.context).error(bytes, view, 0, bytes.length);
    } catch (error) {
      return error;
    }
  }

  #reported(member: Member, error: Uint8Array | undefined): void {
    if (error !== undefined) {
      const { name } = this.#parts.settings;
      const cause = this.#decodeError(error);
      // Others work on: like one that ends while it loads, it is started again, ever more slowly.
      if (this.#isReady) return void (member.failure = { cause });
      const message = `Cannot start the workers of ${name}: ${messageFrom(cause)}`;
      return this.#fail(new MulticoreError(message, { cause }));
    }
    member.ready = true;
    if (!this.#isReady && this.#members.every((other) => other?.ready)) {
      this.#isReady = true;
      this.#ready.resolve();
    }
  }

  #gone(member: Member, exit: unknown): void {
    if (member.isGone) return;
    member.isGone = true;
    const { failure, fatal } = member;
    // What seemed fatal may have been caught after all, and the thread have ended otherwise.
    const byError = exit instanceof Error || (this.#quitting.has(member) && member.mayHaveFailed);
    const told = failure ?? (byError ? fatal : undefined);
    const reason = told === undefined ? exit : told.cause;
    const { sleepers } = this.#host!;
    const { runner, index } = member;
    sleepers.retract(runner, AWAKE);
    const midway = this.#events.gone(runner, reason);
    this.#host!.handles.leave(member.life);
    this.#bury(member);
    // Whoever submitted while it searched, or woke it, has relied on it.
    sleepers.wakeForWork();
    this.#runners[runner] = undefined;
    member.gone.resolve();
    if (this.#members[index] !== member) {
      this.lost--;
      for (const vacant of this.#vacant) this.#restart(vacant);
      return;
    }
    this.#members[index] = undefined;
    if (this.#leaving) {
      if (member.isTearingDown) this.#dismissal.cutOff(member, reason);
      return;
    }
    this.crashes++;
    // Its job's fault, or it had served well: another one starts at once.
    if (midway || member.jobs > 0 || (member.ready && member.age > GROWN_UP)) {
      this.#failedStarts = 0;
      this.#restart(index);
    } else {
      this.#startLater(index, reason);
    }
  }

  /** Starts a worker in place of another; one that cannot be started later, or once a runner is gone. */
  #restart(index: number): void {
    if (this.#leaving || this.#members[index] !== undefined) return;
    try {
      this.#start(index);
      this.#vacant.delete(index);
    } catch (error) {
      const isLast = this.#members.every((member) => member === undefined);
      if (!this.#anyFreeRunner) {
        this.#vacant.add(index);
        if (isLast) this.#giveUp(error);
      } else if (isLast) this.#startLater(index, error);
      // The others work on, for as long as it takes.
      else this.#events.later(() => this.#restart(index), DELAY * 2 ** MOST_FAILED_STARTS);
    }
  }

  get #anyFreeRunner(): boolean {
    return this.#runners.filter((member) => member !== undefined).length < MAX_RUNNERS;
  }

  #startLater(index: number, reason: unknown): void {
    if (++this.#failedStarts >= MOST_FAILED_STARTS) return this.#giveUp(reason);
    this.#events.later(() => this.#restart(index), DELAY * 2 ** this.#failedStarts);
  }

  #giveUp(reason: unknown): void {
    const { name } = this.#parts.settings;
    const message = `Cannot start the workers of ${name}: ${messageFrom(reason)}`;
    this.#fail(new WorkerCrashedError(message, { cause: reason }));
  }

  #fail(error: MulticoreError): void {
    this.#leaving = true;
    this.#ready.reject(error);
    this.#events.failed(error);
    // Workers that did start are of no use any more.
    void this.dismiss(true);
  }
}
