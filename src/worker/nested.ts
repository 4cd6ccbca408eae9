/**
 * Nested work: the jobs that jobs of this worker begin. The worker is the owner of
 * a lane of its own, as the host is of its; others take from it what this worker
 * does not come to. The idea, that whoever waits runs other jobs and that jobs are
 * run depth first but stolen breadth first, is that of Cilk (R. D. Blumofe and C. E.
 * Leiserson, Scheduling Multithreaded Computations by Work Stealing, 1999) and of
 * rayon. How lanes meet deaths: `tests/model/lanes.pml`,
 * and what the dead were sent: `tests/model/reclaim.pml`.
 *
 * @module
 */
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { Engine, JobOptions, Settler, SubmitOptions } from "../dispatch/engine.ts";
import { DEATHS, OPEN } from "../memory/layout.ts";
import type { Jobs } from "./jobs.ts";
import type { Neighbours } from "./neighbours.ts";
import type { SlotlessRunner } from "./slotless.ts";
import type { WorkerHandles } from "./worker_handles.ts";

/** What nested work is made of. */
export interface NestedParts {
  /** Number of workers of the pool. */
  readonly workers: number;
  /** Whether closures are among the functions that it runs. */
  readonly takesClosures: boolean;
  /** Options that every job of the pool has. */
  readonly jobDefaults: JobOptions | undefined;
  readonly runner: number;
  readonly control: Int32Array;
  readonly jobs: Jobs;
  readonly neighbours: Neighbours;
  readonly slotless: SlotlessRunner;
  /** What travels beside shared memory. */
  readonly handles: WorkerHandles;
  /** Runs a function later. */
  readonly later: (callback: () => void, delay: number) => () => void;
  /** Lets this thread not end for want of anything to do. */
  readonly stay: () => void;
  /** Makes the owner's end of the lane; called with the first nested job. */
  readonly makeDispatcher: () => Dispatcher;
}

/** The nested work of one worker, and the engine that its jobs get. */
export class Nested implements Engine {
  readonly #parts: NestedParts;
  #dispatcher: Dispatcher | undefined;
  #deathsSeen = 0;
  /** Submissions under way: getters of the arguments may block, and settle all that is pending. */
  #submitting = 0;
  /** By runner number: the last life whose death this lane was put in order after. */
  readonly #repaired: number[] = [];

  /** @param parts What it is made of. */
  constructor(parts: NestedParts) {
    this.#parts = parts;
  }

  /** Number of workers of the pool. */
  get size(): number {
    return this.#parts.workers;
  }

  /** It takes jobs for as long as the worker lives. */
  get open(): boolean {
    return true;
  }

  /** Jobs inherit what their own job was given. */
  get traceId(): undefined {
    return undefined;
  }

  /** Whether closures are among the functions that it runs. */
  get takesClosures(): boolean {
    return this.#parts.takesClosures;
  }

  /** Jobs have what their own lane's have. */
  get jobDefaults(): JobOptions | undefined {
    return this.#parts.jobDefaults;
  }

  /** Nested jobs are refused no room: they would wait for their own caller. */
  checkRoom(): void {}

  /** Nothing closes it. */
  get closedBy(): undefined {
    return undefined;
  }

  /** Nothing closes it. @returns What cancels nothing. */
  whenClosed(): () => void {
    return () => {};
  }

  /** How many workers are in the middle of a job; one at least, which asks. */
  get busy(): number {
    return this.#dispatcher?.busy ?? 1;
  }

  /** Accepts a job; see {@linkcode Engine}. */
  submit(
    fn: unknown,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    options: SubmitOptions | undefined,
  ): void {
    const dispatcher = this.#dispatcher ?? this.#begin();
    if (!dispatcher.hasSlot && dispatcher.anyDone) dispatcher.drain();
    this.#open();
    this.#submitting++;
    try {
      dispatcher.submit(fn, args, settler, index, options);
    } finally {
      this.#submitting--;
    }
  }

  /** Gives up every job of a settler. */
  cancelAll(settler: Settler, error: unknown, grace?: number): void {
    this.#dispatcher?.cancelAll(settler, error, grace);
  }

  /** Blocks this thread, which runs other jobs meanwhile; see {@linkcode Engine}. */
  block(done: () => boolean, deadline: number, settler: Settler): boolean {
    return this.#dispatcher === undefined
      ? done()
      : this.#dispatcher.block(done, deadline, settler);
  }

  /** Runs a function later. */
  later(callback: () => void, delay: number): () => void {
    return this.#parts.later(callback, delay);
  }

  /** Whether jobs of this worker's own are unsettled. */
  get anyPending(): boolean {
    return this.#dispatcher !== undefined && this.#dispatcher.anyPending;
  }

  /** Whether there is mail, or something else to do for them than to run them. */
  get anyToTend(): boolean {
    const { handles, jobs } = this.#parts;
    return handles.anyMail || (jobs.ownOpen && (this.#dispatcher!.anyDone || this.#anyDeath()));
  }

  /** Whether mail comes also while this thread blocks. */
  get hasPromptMail(): boolean {
    return this.#parts.handles.isPrompt;
  }

  /** Whether mail is on its way that was posted before jobs which may need it. */
  get awaitsMail(): boolean {
    return this.#parts.handles.awaitsMail;
  }

  /** Takes the mail, settles what has come back, and puts in order what dead workers have left. */
  tend(): void {
    const { handles, jobs } = this.#parts;
    if (handles.anyMail) handles.takeMail();
    if (!jobs.ownOpen) return;
    const dispatcher = this.#dispatcher!;
    if (this.#anyDeath()) this.#repairAll(dispatcher);
    if (dispatcher.anyDone) dispatcher.drain();
    // A job that was given up stays in its runner's hands.
    if (this.#submitting === 0 && !dispatcher.anyPending && dispatcher.isEmpty) this.#close();
  }

  /** Runs the job without a slot that was claimed last. */
  runSlotless(): void {
    this.#parts.slotless.run(this.#parts.jobs.slotless!, this.#dispatcher!);
  }

  /** Whether a settler waits for what cannot come while this thread blocks. */
  waitsInVain(settler: Settler): boolean {
    return this.#dispatcher!.anyHeldUp(this.#parts.runner, settler);
  }

  /** A runner's number is about to be another one's: first to put in order what the last has left. */
  bury(runner: number): void {
    const life = this.#parts.neighbours.lifeOf(runner);
    if (life !== 0 && this.#dispatcher !== undefined) this.#repair(this.#dispatcher, runner, life);
  }

  #begin(): Dispatcher {
    // What awaits the job may be what the worker still loads.
    this.#parts.stay();
    const dispatcher = this.#parts.makeDispatcher();
    this.#parts.jobs.waiting = dispatcher;
    return (this.#dispatcher = dispatcher);
  }

  /** Says that there may be jobs in this lane, before the first is published. */
  #open(): void {
    const { jobs, control, runner } = this.#parts;
    if (jobs.ownOpen) return;
    jobs.ownOpen = true;
    Atomics.or(control, OPEN + (runner >>> 5), 1 << (runner & 31));
  }

  #close(): void {
    const { jobs, control, runner } = this.#parts;
    jobs.ownOpen = false;
    Atomics.and(control, OPEN + (runner >>> 5), ~(1 << (runner & 31)));
  }

  #anyDeath(): boolean {
    return Atomics.load(this.#parts.control, DEATHS) !== this.#deathsSeen;
  }

  /** The host sets GONE before it counts the death, so that all deaths counted so far show. */
  #repairAll(dispatcher: Dispatcher): void {
    this.#deathsSeen = Atomics.load(this.#parts.control, DEATHS);
    this.#parts.neighbours.forEachGone((runner, life) => this.#repair(dispatcher, runner, life));
  }

  #repair(dispatcher: Dispatcher, runner: number, life: number): void {
    if (this.#repaired[runner] === life) return;
    this.#repaired[runner] = life;
    dispatcher.repair(runner, "another worker of the pool, which ran it, is gone");
  }
}
