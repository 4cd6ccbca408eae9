/**
 * The owner's end of a lane: lets jobs in, and gives each of its parts its turn.
 * Submission is in `submitter.ts` and `special_jobs.ts`, the way back in
 * `results.ts`, giving up in `cancellation.ts`, order after a death in `repair.ts`.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { MulticoreError } from "../base/errors.ts";
import { ENCODE_ANEW } from "../codec/mod.ts";
import type { Arena } from "../memory/arena.ts";
import type { Runtime } from "../runtime/adapter.ts";
import type { Watched } from "../sync/spinner.ts";
import type { FunctionNumbers } from "../task/function_table.ts";
import type { Modules } from "../task/modules.ts";
import type { Outbox } from "../task/outbox.ts";
import { Parcel } from "../task/parcel.ts";
import type { Lane } from "../transport/lane.ts";
import { ABORTED, CLOSED } from "../transport/slot.ts";
import { Admission, type QueueLimit } from "./admission.ts";
import { Cancellation } from "./cancellation.ts";
import { Deadlines, HOST_AT_ONCE } from "./deadlines.ts";
import type { Engine, JobOptions, Settler, SubmitOptions } from "./engine.ts";
import type { OwnerHandles } from "./handles.ts";
import { Progress } from "./progress.ts";
import { Repair } from "./repair.ts";
import { Results } from "./results.ts";
import { Rings } from "./rings.ts";
import type { Runners } from "./runners.ts";
import { Settlement } from "./settlement.ts";
import { SlotBook } from "./slot_book.ts";
import { type SlotlessJob, SlotlessJobs } from "./slotless.ts";
import { SpecialJobs } from "./special_jobs.ts";
import { Stragglers } from "./stragglers.ts";
import { Submitter } from "./submitter.ts";
import type { TraceId } from "./trace_id.ts";
import type { Source, Waiting } from "./waiting.ts";

/** What a dispatcher has to know of its pool. */
export interface DispatcherSettings {
  /** Number of workers. */
  readonly workers: number;
  /** Number of slots of the lane. */
  readonly slots: number;
  readonly queue: QueueLimit;
  /** Options that every job has, or `undefined` where there are none. */
  readonly jobDefaults: JobOptions | undefined;
  /** Gives what a submission is traced by. */
  readonly traceId: TraceId | undefined;
  /** Whether closures are among the functions that it runs. */
  readonly takesClosures: boolean;
}

/** What a dispatcher is made of. */
export interface DispatcherParts {
  readonly settings: DispatcherSettings;
  readonly runtime: Pick<Runtime, "later" | "turn" | "keepAlive" | "mayBlock">;
  readonly lane: Lane;
  readonly arena: Arena;
  readonly makeOutbox: () => Outbox;
  readonly functions: FunctionNumbers;
  readonly modules: Modules;
  /** What travels beside jobs and results. */
  readonly handles: OwnerHandles;
  /** Who runs its jobs. Nothing is asked of them before the first job. */
  readonly runners: Runners;
  /** The ring of jobs that this thread alone runs; where it runs none, none is handed back to it. */
  readonly ownRing?: number;
  /** Makes this thread's way of waiting. */
  readonly makeWaiting: (source: Source) => Waiting;
}

/** The owner's end of a lane. */
export class Dispatcher implements Engine, Source {
  readonly #settings: DispatcherSettings;
  readonly #runtime: DispatcherParts["runtime"];
  readonly #slots: SlotBook;
  readonly #runners: Runners;
  readonly #admission: Admission;
  readonly #submitter: Submitter;
  readonly #settlement: Settlement;
  readonly #results: Results;
  readonly #deadlines: Deadlines;
  readonly #cancellation: Cancellation;
  readonly #specials: SpecialJobs;
  readonly #handles: OwnerHandles;
  /** A task function of which the last call had something that travels beside its bytes. */
  #handing: unknown;
  readonly #repair: Repair;
  readonly #slotless = new SlotlessJobs();
  readonly #waiting: Waiting;
  /** The word that changes when a completion comes. */
  readonly watched: Watched;
  /** Whether a worker was woken for a job, since the pump last asked. */
  wokeWorker = false;

  /** @param parts What it is made of. */
  constructor(parts: DispatcherParts) {
    const { settings, runtime, lane, arena, functions, modules, runners, handles, ownRing } = parts;
    const goOn = () => this.#goOn();
    const slots = new SlotBook(lane, arena, settings.slots, settings.queue.capacity, handles);
    const admission = new Admission(settings.queue);
    const rings = new Rings(lane, slots, (ring) => {
      if (runners.wakeFor(ring)) this.wokeWorker = true;
    });
    const submitter = new Submitter({
      lane,
      arena,
      slots,
      rings,
      functions,
      makeOutbox: parts.makeOutbox,
      checkOpen: () => admission.checkOpen(),
      traceId: settings.traceId,
    });
    const slotless = this.#slotless;
    const settlement = new Settlement(slots, submitter, slotless);
    const progress = new Progress({
      lane,
      slots,
      runners,
      modules,
      runtime,
      goOn,
      // Only called once all of these parts are made.
      giveUp: (job, error) => this.#specials.giveUp(job, error),
    });
    const results = new Results({
      lane,
      slots,
      settlement,
      progress,
      runners,
      modules,
      handles,
      runtime,
      sendAgain: ownRing === undefined ? undefined : (slot) => rings.sendAgain(slot, ownRing),
      goOn,
    });
    const deadlines = new Deadlines(runtime, ownRing === undefined ? HOST_AT_ONCE : Infinity);
    const stragglers = new Stragglers(lane, slots, runners, deadlines);
    const cancellation = new Cancellation(
      lane,
      slots,
      submitter,
      slotless,
      settlement,
      progress,
      results,
      stragglers,
    );
    const specials = new SpecialJobs({
      defaults: settings.jobDefaults,
      functions,
      submitter,
      deadlines,
      cancellation,
      settlement,
      handles,
      goOn,
    });
    this.#handles = handles;
    this.#settings = settings;
    this.#runtime = runtime;
    this.#runners = runners;
    this.#admission = admission;
    this.#submitter = submitter;
    this.#settlement = settlement;
    this.#results = results;
    this.#deadlines = deadlines;
    this.#cancellation = cancellation;
    this.#specials = specials;
    this.#slots = slots;
    this.#repair = new Repair({ lane, slots, functions, rings, results, specials, settlement });
    this.watched = lane.completed;
    this.#waiting = parts.makeWaiting(this);
  }

  /** Number of workers. */
  get size(): number {
    return this.#settings.workers;
  }

  /** Whether it takes jobs. */
  get open(): boolean {
    return this.#admission.open;
  }

  /** Why it takes no more jobs, where it does not. */
  get closedBy(): MulticoreError | undefined {
    return this.#admission.closedBy;
  }

  /** Calls back, later, once it takes no more jobs. @returns What cancels that. */
  whenClosed(callback: () => void): () => void {
    return this.#admission.whenClosed(callback);
  }

  /** How many workers are in the middle of a job. */
  get busy(): number {
    return this.#runners.busy;
  }

  /** Jobs that were settled. */
  get settled(): number {
    return this.#settlement.settled;
  }

  /** Jobs that are accepted and not settled. */
  get unsettled(): number {
    return this.#settlement.unsettled;
  }

  /** Of these, jobs that no worker has begun. */
  get queued(): number {
    return this.#submitter.waiting + this.#slots.unclaimed;
  }

  /** Whether no slot is in use, also by a job that was given up and goes on. */
  get isEmpty(): boolean {
    return this.#slots.allFree;
  }

  /** Gives what a submission is traced by. */
  get traceId(): TraceId | undefined {
    return this.#settings.traceId;
  }

  /** Whether closures are among the functions that it runs. */
  get takesClosures(): boolean {
    return this.#settings.takesClosures;
  }

  /** Options that every job of the pool has. */
  get jobDefaults(): JobOptions | undefined {
    return this.#settings.jobDefaults;
  }

  /** Throws where so many more jobs may not be in. */
  checkRoom(jobs: number): void {
    if (this.#admission.limited) this.#admission.checkRoom(this.unsettled + jobs);
  }

  /** Whether one more job finds a slot. */
  get hasSlot(): boolean {
    return this.#slots.hasFree;
  }

  /** Whether a job waits for a slot, or for room, and a place on a ring. */
  anyWaiting(ring: number): boolean {
    return this.#submitter.anyWaiting(ring);
  }

  /**
   * Takes the newest job that waits for a place on a ring, for this thread to run.
   *
   * @returns The job, whose outcome is to be told by `settle`; `undefined` where there is none.
   */
  takeWaiting(ring: number): SlotlessJob | undefined {
    const job = this.#submitter.takeWaiting(ring);
    if (job !== undefined) this.#slotless.begin(job);
    return job;
  }

  /** Whether anybody still waits for a job that was taken. */
  isWanted(job: SlotlessJob): boolean {
    return this.#slotless.isWanted(job);
  }

  /** Settles a job that was taken, unless it was given up. */
  settle(job: SlotlessJob, failed: boolean, outcome: unknown): void {
    if (!this.#slotless.end(job)) return;
    this.#settlement.tell(job.settler, job.index, job.special, failed, outcome);
  }

  /**
   * Whether a settler waits for a job that a runner has begun, or that awaits
   * something wherever. Looks at each slot.
   */
  anyHeldUp(runner: number, settler: Settler): boolean {
    return this.#slotless.has(settler) || this.#slots.anyHeldUp(runner, settler);
  }

  /** What a job of the worker that was heard from last lately took, in milliseconds. */
  get serviceTime(): number {
    return this.#results.serviceTime;
  }

  /** Whether completions are to be settled. */
  get anyDone(): boolean {
    return this.#results.any;
  }

  /** Whether jobs are unsettled. */
  get anyPending(): boolean {
    return this.#settlement.unsettled > 0;
  }

  /** Accepts a job; see {@linkcode Engine}. */
  submit(
    fn: unknown,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    options: SubmitOptions | undefined,
  ): void {
    this.#admission.checkOpen();
    this.checkRoom(1);
    const isPlain = options === undefined && this.#settings.jobDefaults === undefined;
    if (fn === this.#handing) this.#submitWithParcel(fn, args, settler, index, options);
    else if (isPlain) {
      try {
        this.#submitter.submit(fn, args, settler, index);
      } catch (error) {
        if (error !== ENCODE_ANEW) throw error;
        this.#submitWithParcel(fn, args, settler, index, options);
      }
    } else {
      this.#specials.submit(fn, args, settler, index, options);
    }
    this.#waiting.kick();
  }

  /** Something travels beside the arguments, and is remembered until the job has settled. */
  #submitWithParcel(
    fn: unknown,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    options: SubmitOptions | undefined,
  ): void {
    const parcel = new Parcel(this.#handles);
    this.#handing = fn;
    try {
      this.#specials.submit(fn, args, settler, index, options, parcel);
    } finally {
      // To find out by encoding twice costs more than to know.
      if (parcel.isEmpty) this.#handing = undefined;
    }
  }

  /** Settles what has come back, for a bounded moment. */
  drain(): boolean {
    if (!this.#results.drain()) return false;
    this.#submitter.refill();
    return true;
  }

  /** Slots, room or places may have become free other than by completions: fills them. */
  #goOn(): void {
    this.#submitter.refill();
    this.#waiting.kick();
  }

  /**
   * Puts in order what a runner that is gone has left.
   *
   * @returns Whether it was in the middle of a job.
   */
  repair(runner: number, reason: unknown): boolean {
    this.#results.drainAll();
    const midway = this.#repair.putInOrder(runner, reason);
    this.#goOn();
    return midway;
  }

  /** Gives up every job of a settler. */
  cancelAll(settler: Settler, error: unknown, grace?: number): void {
    this.#cancellation.cancelAll(settler, error, ABORTED, grace);
    this.#goOn();
  }

  /** Blocks this thread; see {@linkcode Engine}. */
  block(done: () => boolean, deadline: number, settler: Settler): boolean {
    if (done()) return true;
    if (!this.#runtime.mayBlock) {
      throw new MulticoreError(
        "Cannot block this thread: a page's main thread may not; use await get()",
      );
    }
    if (!this.#handles.isPrompt && this.#handles.anyOutgoing) {
      throw new MulticoreError(
        "Cannot block this thread: what is moved to jobs is asked for by a message, and these " +
          "workers' messages need the event loop; use await get()",
      );
    }
    const elsewhere = () => {
      if (this.#deadlines.next <= now()) this.#deadlines.expire();
      this.#results.failHeldUp();
      // Jobs that ended just now, or in the middle of what has called a callback that blocks, made room.
      this.#submitter.refill();
      this.#runners.lookForGone();
    };
    return this.#waiting.block(done, deadline, () => this.#deadlines.next, elsewhere, settler);
  }

  /** Runs a function later, also while this thread blocks. */
  doLater(due: () => void, delay: number): void {
    this.#deadlines.doLater(due, delay);
  }

  /** Runs a function later. */
  later(callback: () => void, delay: number): () => void {
    return this.#runtime.later(callback, delay);
  }

  /**
   * Takes no more jobs.
   *
   * @param error What further ones are refused with.
   * @returns A promise of the moment when all that were accepted have settled.
   */
  finish(error: MulticoreError): Promise<void> {
    if (this.#admission.open) this.#admission.close(error);
    return this.#settlement.allSettled();
  }

  /** Takes no more jobs, and fails all that are not settled. */
  fail(error: MulticoreError): void {
    this.#admission.close(error);
    this.#results.drainAll();
    this.#results.dropReports();
    this.#cancellation.cancelAll(undefined, error, CLOSED);
    this.#goOn();
    this.end();
  }

  /** All that was accepted is settled, and whoever ran it gone or given up: nothing is due any more. */
  end(): void {
    this.#deadlines.stop();
  }
}
