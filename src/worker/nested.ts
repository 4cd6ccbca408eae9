/**
 * Nested work: the jobs that jobs of this worker begin. The worker is the owner of
 * a lane of its own, as the host is of its; others take from it what this worker
 * does not come to. The idea, that whoever waits runs other jobs and that jobs are
 * run depth first but stolen breadth first, is that of Cilk (R. D. Blumofe and C. E.
 * Leiserson, Scheduling Multithreaded Computations by Work Stealing, 1999) and of
 * rayon.
 *
 * @module
 */
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { Engine, JobOptions, Settler } from "../dispatch/engine.ts";
import { InlineEngine } from "../dispatch/inline.ts";
import { DEATHS, DEATHS_SEEN, GONE, OPEN, RUNNERS } from "../memory/layout.ts";
import type { Jobs } from "./jobs.ts";
import type { Neighbours } from "./neighbours.ts";
import type { WorkerHandles } from "./worker_handles.ts";

/** What nested work is made of. */
export interface NestedParts {
  /** Number of workers of the pool. */
  readonly workers: number;
  readonly runner: number;
  readonly control: Int32Array;
  readonly counters: Int32Array;
  readonly jobs: Jobs;
  readonly neighbours: Neighbours;
  /** What travels beside shared memory. */
  readonly handles: WorkerHandles;
  /** This worker's place in the pool. */
  readonly index: number;
  /** Options that every job has. */
  readonly jobDefaults: JobOptions | undefined;
  /** Makes the owner's end of the lane; called with the first nested job. */
  readonly makeDispatcher: () => Dispatcher;
}

/** The nested work of one worker, and the engine that its jobs get. */
export class Nested implements Engine {
  readonly #parts: NestedParts;
  #dispatcher: Dispatcher | undefined;
  readonly #inline = new InlineEngine();
  /** Jobs that found no slot: they are run here, the newest first, and by nobody else. */
  readonly #overflow: { readonly settler: Settler; readonly run: () => void }[] = [];
  #deathsSeen = 0;

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

  /** Nothing closes it. */
  get closedBy(): undefined {
    return undefined;
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
    options: JobOptions | undefined,
  ): void {
    const dispatcher = (this.#dispatcher ??= this.#parts.makeDispatcher());
    if (!dispatcher.hasSlot && dispatcher.anyDone) dispatcher.drain();
    const { index: here, jobDefaults } = this.#parts;
    const mayRunHere = options?.worker === undefined || options.worker === here;
    if (mayRunHere && !dispatcher.hasSlot) {
      const all = jobDefaults === undefined ? options : { ...jobDefaults, ...options };
      const run = this.#inline.prepare(fn, args, settler, index, all);
      this.#overflow.push({ settler, run });
      return;
    }
    this.#open();
    dispatcher.submit(fn, args, settler, index, options);
  }

  /** Gives up every job of a settler. */
  cancelAll(settler: Settler, error: unknown, grace?: number): void {
    for (let i = this.#overflow.length - 1; i >= 0; i--) {
      if (this.#overflow[i]!.settler === settler) this.#overflow.splice(i, 1);
    }
    this.#inline.cancelAll(settler, error);
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
    return this.#inline.later(callback, delay);
  }

  /** Whether jobs of this worker's own are unsettled. */
  get anyPending(): boolean {
    return (this.#dispatcher?.anyPending ?? false) || this.#overflow.length > 0;
  }

  /** Whether there is mail, or something else to do for them than to run them. */
  get anyToTend(): boolean {
    if (this.#parts.handles.anyMail) return true;
    const dispatcher = this.#dispatcher;
    if (dispatcher === undefined || !this.#parts.jobs.ownOpen) return false;
    return dispatcher.anyDone || this.#anyDeath;
  }

  /** Whether one of them can be run here. */
  get anyToRun(): boolean {
    return this.#parts.jobs.anyOwn || this.#overflow.length > 0;
  }

  /** Takes the mail, settles what has come back, and puts in order what dead workers have left. */
  tend(): void {
    if (this.#parts.handles.anyMail) this.#parts.handles.takeMail();
    const dispatcher = this.#dispatcher;
    if (dispatcher === undefined || !this.#parts.jobs.ownOpen) return;
    if (this.#anyDeath) this.#repair(dispatcher);
    if (dispatcher.anyDone) dispatcher.drain();
    if (dispatcher.waiting > 0) dispatcher.refill();
    // Whoever runs a job that was given up may still put a report of it here, and then die:
    // until then its number must not be another one's.
    if (dispatcher.isEmpty) this.#close();
  }

  /** Runs a job that found no slot. @returns Whether there was one. */
  runOverflow(): boolean {
    const job = this.#overflow.pop();
    if (job === undefined) return false;
    job.run();
    return true;
  }

  /** Whether a settler waits for a job that this very thread has begun. */
  isWithUs(settler: Settler): boolean {
    return this.#dispatcher!.isWith(this.#parts.runner, settler);
  }

  /** Says that there may be jobs in this lane, before the first is published. */
  #open(): void {
    const { jobs, control, counters, runner } = this.#parts;
    if (jobs.ownOpen) return;
    jobs.ownOpen = true;
    Atomics.or(control, OPEN + (runner >>> 5), 1 << (runner & 31));
    // No job of this lane is in anybody's hands: earlier deaths do not concern it. They are
    // counted after the bit is set, as the host counts a death before it looks at the bit.
    this.#deathsSeen = Atomics.load(control, DEATHS);
    Atomics.store(counters, DEATHS_SEEN, this.#deathsSeen);
  }

  #close(): void {
    const { jobs, control, runner } = this.#parts;
    jobs.ownOpen = false;
    Atomics.and(control, OPEN + (runner >>> 5), ~(1 << (runner & 31)));
  }

  get #anyDeath(): boolean {
    return Atomics.load(this.#parts.control, DEATHS) !== this.#deathsSeen;
  }

  /**
   * The host stores a death's number in the runner's GONE before it counts the death, so
   * that all deaths counted so far show; and it gives the runner's number to nobody else
   * before this worker has said that it has seen that death. A number that was seen
   * before may be another one's by now.
   */
  #repair(dispatcher: Dispatcher): void {
    const { control, counters, neighbours } = this.#parts;
    const deaths = Atomics.load(control, DEATHS);
    const count = Atomics.load(control, RUNNERS);
    for (let runner = 0; runner < count; runner++) {
      const death = Atomics.load(neighbours.counters(runner), GONE);
      if (death === 0 || ((death - this.#deathsSeen) | 0) <= 0) continue;
      dispatcher.repair(runner, "another worker of the pool, which ran it, is gone");
    }
    this.#deathsSeen = deaths;
    Atomics.store(counters, DEATHS_SEEN, deaths);
  }
}
