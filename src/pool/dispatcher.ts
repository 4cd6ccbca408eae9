/**
 * The host's end of the lane: accepts jobs, settles them when they come back,
 * gives them up, and puts things in order when a worker is gone. The steps and
 * states are those of `transport/README.md`.
 *
 * @module
 */
import {
  MulticoreError,
  QueueFullError,
  TimeoutExceededError,
  WorkerCrashedError,
} from "../base/errors.ts";
import { MissingModuleError } from "../codec/mod.ts";
import type { Arena } from "../memory/arena.ts";
import { UNIT } from "../memory/returns.ts";
import type { Runtime } from "../runtime/adapter.ts";
import type { Parker } from "../sync/parker.ts";
import type { FunctionNumbers } from "../task/function_table.ts";
import type { Modules } from "../task/modules.ts";
import type { Outbox } from "../task/outbox.ts";
import { BLOCK, FAILED, formOf, NUMBERS, numbersOf } from "../task/payload_kind.ts";
import type { Lane } from "../transport/lane.ts";
import {
  ABANDONED,
  ARGUMENTS_KIND,
  ARGUMENTS_LENGTH,
  DONE,
  FREE,
  FUNCTION,
  generationOf,
  NOBODY,
  phaseOf,
  READY,
  RESULT_BLOCK,
  RESULT_KIND,
  runnerOf,
  RUNNING,
  SLOT_WORDS,
  stateOf,
} from "../transport/slot.ts";
import type { Crew } from "./crew.ts";
import { Deadlines } from "./deadlines.ts";
import type { Engine, JobOptions, Settler } from "./engine.ts";
import type { ResultSource } from "./member.ts";
import type { PoolSettings } from "./options.ts";
import { Pump, type Source } from "./pump.ts";
import { SlotBook } from "./slot_book.ts";
import { Signals } from "./signals.ts";
import { SpecialJob } from "./special_job.ts";
import { Submitter } from "./submitter.ts";
import { shareError } from "./trace.ts";

/** Longest time in milliseconds that completions are settled for without a pause. */
const DRAIN = 1;
/** How long in milliseconds an abandoned job may go on before its worker is replaced. */
const GRACE = 50;

/** What a dispatcher is made of. */
export interface DispatcherParts {
  readonly settings: PoolSettings;
  readonly runtime: Runtime;
  readonly lane: Lane;
  readonly arena: Arena;
  readonly makeOutbox: () => Outbox;
  readonly functions: FunctionNumbers;
  readonly modules: Modules;
  readonly host: Parker;
}

/** The host's end of the lane. */
export class Dispatcher implements Engine, Source {
  readonly #settings: PoolSettings;
  readonly #runtime: Runtime;
  readonly #lane: Lane;
  readonly #functions: FunctionNumbers;
  readonly #modules: Modules;
  readonly #slots: SlotBook;
  readonly #submitter: Submitter;
  readonly #deadlines: Deadlines;
  readonly #signals: Signals;
  readonly #pump: Pump;
  #crew!: Crew;
  /** Slots that came back and are not settled yet. */
  readonly #taken: Int32Array;
  /** Slots whose results need a module that is being imported. */
  readonly #importing = new Map<number, ResultSource>();
  readonly #onTimeout = (job: SpecialJob): void => this.#timeOut(job);
  #takenCount = 0;
  #takenNext = 0;
  #whenIdle: (() => void) | undefined;
  /** Why it takes no more jobs. */
  #closed: MulticoreError | undefined;
  /** Jobs that were settled. */
  settled = 0;
  /** What a job of the worker that was heard from last lately took, in milliseconds. */
  serviceTime = 0;
  /** Whether a worker was woken for a job, since the pump last asked. */
  wokeWorker = false;

  /** @param parts What it is made of; the crew joins later. */
  constructor(parts: DispatcherParts) {
    const { settings, runtime, lane, arena, functions } = parts;
    this.#settings = settings;
    this.#runtime = runtime;
    this.#lane = lane;
    this.#functions = functions;
    this.#modules = parts.modules;
    this.#slots = new SlotBook(lane, arena, settings.slots, settings.queue.capacity);
    this.#submitter = new Submitter(lane, arena, this.#slots, functions, parts.makeOutbox, {
      wakeFor: (ring) => {
        if (this.#crew.wakeFor(ring)) this.wokeWorker = true;
      },
      checkOpen: () => this.#checkOpen(),
    });
    this.#deadlines = new Deadlines(runtime.later);
    this.#signals = new Signals((jobs, reason) => {
      shareError(reason);
      for (const job of jobs) this.#giveUp(job, reason);
      this.#goOn();
    });
    this.#pump = new Pump(this, parts.host, runtime, settings.idle.spin);
    this.#taken = new Int32Array(settings.slots);
  }

  /** Joins the workers to it. */
  set crew(crew: Crew) {
    this.#crew = crew;
  }

  /** Number of workers. */
  get size(): number {
    return this.#settings.workers;
  }

  /** Whether it takes jobs. */
  get open(): boolean {
    return this.#closed === undefined;
  }

  /** Why it takes no more jobs, where it does not. */
  get closedBy(): MulticoreError | undefined {
    return this.#closed;
  }

  /** How many workers are in the middle of a job. */
  get busy(): number {
    return this.#crew.stats().filter((worker) => worker.state === "busy").length;
  }

  /** Jobs that are accepted and not settled. */
  get unsettled(): number {
    return this.#slots.awaited + this.#submitter.waiting;
  }

  /** Of these, jobs that no worker has begun. */
  get queued(): number {
    let queued = this.#submitter.waiting;
    for (const ring of this.#lane.rings) queued += ring.length;
    return queued;
  }

  /** Whether completions are to be settled. */
  get anyDone(): boolean {
    return this.#takenNext < this.#takenCount || !this.#lane.completed.isEmpty;
  }

  /** Whether jobs are unsettled. */
  get anyPending(): boolean {
    return this.unsettled > 0;
  }

  /** Accepts a job; see {@linkcode Engine}. */
  submit(
    fn: unknown,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    options: JobOptions | undefined,
  ): void {
    this.#checkOpen();
    const { whenFull, capacity } = this.#settings.queue;
    if (whenFull === "reject" && this.unsettled >= capacity) throw queueFull(capacity);
    if (options === undefined && this.#settings.jobDefaults === undefined) {
      this.#submitter.submit(fn, args, settler, index);
    } else {
      this.#submitSpecial(fn, args, settler, index, this.#withDefaults(options));
    }
    this.#pump.kick();
  }

  /** An option that is passed as `undefined` is not passed. */
  #withDefaults(options: JobOptions | undefined): JobOptions {
    const { jobDefaults } = this.#settings;
    const timeout = options?.timeout ?? jobDefaults?.timeout;
    return { ...options, timeout, retry: options?.retry ?? jobDefaults?.retry };
  }

  #checkOpen(): void {
    if (this.#closed !== undefined) throw this.#closed;
  }

  #submitSpecial(
    fn: unknown,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    options: JobOptions,
  ): void {
    options.signal?.throwIfAborted();
    const number = this.#functions.numberOf(fn);
    const job = new SpecialJob(settler, index, options, number, this.#onTimeout);
    this.#submitter.submitSpecial(job, fn, args);
    if (options.timeout !== undefined) this.#deadlines.set(job, options.timeout);
    this.#signals.watch(job);
    // Code of the user's ran while the arguments were encoded.
    if (options.signal?.aborted) {
      shareError(options.signal.reason);
      this.#giveUp(job, options.signal.reason);
    }
  }

  /** Slots, room or places may have become free other than by completions: fills them. */
  #goOn(): void {
    this.#submitter.refill();
    this.#pump.kick();
  }

  /** Settles what has come back, for a bounded moment. */
  drain(): boolean {
    if (this.#takenNext === this.#takenCount) {
      this.#takenNext = 0;
      this.#takenCount = this.#lane.completed.takeAll(this.#taken);
      if (this.#takenCount === 0) return false;
    }
    const began = this.#takenCount > 1 ? performance.now() : 0;
    while (this.#takenNext < this.#takenCount) {
      this.#comeBack(this.#taken[this.#takenNext++]!);
      if (this.#takenNext % 32 === 0 && performance.now() - began > DRAIN) break;
    }
    this.#submitter.refill();
    return true;
  }

  /** A slot that its runner has brought to its end: settles the job and frees the slot. */
  #comeBack(slot: number): void {
    const state = this.#lane.state(slot);
    const runner = runnerOf(state);
    this.serviceTime = this.#crew.serviceTime(runner);
    // Else RETIRED: nobody waits for it any more.
    if (phaseOf(state) !== DONE) return this.#slots.release(slot);
    const source = this.#crew.source(runner);
    if (this.#settleFrom(slot, source)) return;
    // While a module is imported the slot is nobody's but this thread's, also if the runner dies.
    this.#lane.setState(slot, stateOf(generationOf(state), NOBODY, DONE));
  }

  /**
   * Decodes a result, settles the job, frees the slot.
   *
   * @returns Whether that could be done at once; a module may have to be imported first.
   */
  #settleFrom(slot: number, source: ResultSource): boolean {
    const words = this.#lane.words;
    const base = slot * SLOT_WORDS;
    const kind = words[base + RESULT_KIND]!;
    let failed = (kind & FAILED) !== 0;
    let outcome: unknown;
    try {
      outcome = source.inbox.result(slot);
    } catch (error) {
      if (error instanceof MissingModuleError) {
        void this.#importFor(slot, source, error.module);
        return false;
      }
      failed = true;
      outcome = error;
    }
    this.#finishSlot(slot, source, failed, outcome);
    return true;
  }

  /** A result has an instance of a class whose module this thread has not imported. */
  async #importFor(slot: number, source: ResultSource, module: string): Promise<void> {
    const letGo = this.#runtime.keepAlive();
    this.#importing.set(slot, source);
    const failure = await this.#modules.load(module).then(() => undefined, (error) => ({ error }));
    letGo();
    // A thread that blocks meanwhile has given it up.
    if (this.#importing.get(slot) !== source) return;
    this.#importing.delete(slot);
    if (failure === undefined) this.#settleFrom(slot, source);
    else this.#finishSlot(slot, source, true, failure.error);
    this.#goOn();
  }

  /** A thread that blocks imports nothing: the jobs fail that would wait for it. */
  #failImports(): void {
    for (const [slot, source] of this.#importing) {
      const error = new MulticoreError(
        "Cannot decode a result while this thread blocks: it has an instance of a class whose " +
          "module was not imported here; import it before, or use await get()",
      );
      this.#importing.delete(slot);
      this.#finishSlot(slot, source, true, error);
    }
  }

  #finishSlot(slot: number, source: ResultSource, failed: boolean, outcome: unknown): void {
    const words = this.#lane.words;
    const base = slot * SLOT_WORDS;
    if (formOf(words[base + RESULT_KIND]!) === BLOCK) {
      source.giveBack((words[base + RESULT_BLOCK]! >>> 0) * UNIT);
    }
    this.#settle(slot, failed, outcome);
    this.#slots.release(slot);
  }

  #settle(slot: number, failed: boolean, outcome: unknown): void {
    const settler = this.#slots.settlers[slot];
    if (settler === undefined) return;
    const special = this.#slots.specials[slot];
    this.#slots.unsettle(slot);
    this.#tell(settler, this.#slots.indexes[slot]!, special, failed, outcome);
  }

  #tell(
    settler: Settler,
    index: number,
    special: SpecialJob | undefined,
    failed: boolean,
    outcome: unknown,
  ): void {
    if (special !== undefined) {
      this.#deadlines.remove(special);
      this.#signals.forget(special);
    }
    this.settled++;
    settler.settle(index, failed, outcome);
    if (this.#whenIdle !== undefined && !this.anyPending) this.#whenIdle();
  }

  #timeOut(job: SpecialJob): void {
    if (!this.#takeAway(job)) return;
    if (!this.#beginAnew(job)) {
      const error = timedOut(this.#functions.nameOf(job.fn), job);
      this.#tell(job.settler, job.index, job, true, error);
    }
    this.#goOn();
  }

  /** Begins a job's next attempt, with all of its time. @returns Whether it had one left. */
  #beginAnew(job: SpecialJob): boolean {
    if (!this.open || !this.#submitter.retry(job)) return false;
    if (job.options.timeout !== undefined) this.#deadlines.set(job, job.options.timeout);
    return true;
  }

  #giveUp(job: SpecialJob, error: unknown): void {
    if (this.#takeAway(job)) this.#tell(job.settler, job.index, job, true, error);
  }

  /** Takes a job from wherever it is. @returns Whether it had not come to its end already. */
  #takeAway(job: SpecialJob): boolean {
    return this.#submitter.withdraw(job) || (job.slot >= 0 && this.#abandon(job.slot));
  }

  /** READY to FREE, or RUNNING to ABANDONED. @returns Whether the job was still to be had. */
  #abandon(slot: number): boolean {
    for (;;) {
      const state = this.#lane.state(slot);
      const generation = generationOf(state);
      switch (phaseOf(state)) {
        case READY:
          if (!this.#lane.changeState(slot, state, stateOf(generation, NOBODY, FREE))) continue;
          this.#slots.unsettle(slot);
          this.#slots.release(slot);
          return true;
        case RUNNING: {
          const abandoned = stateOf(generation, runnerOf(state), ABANDONED);
          if (!this.#lane.changeState(slot, state, abandoned)) continue;
          this.#slots.unsettle(slot);
          this.#watch(slot, abandoned);
          return true;
        }
        default:
          // It has come to its end; its completion settles it.
          return false;
      }
    }
  }

  /**
   * Synchronous code cannot be told to stop: a worker that goes on with it is
   * replaced. Code that runs after an `await` is known to be the job's own only
   * where the worker has no other job under way.
   */
  #watch(slot: number, abandoned: number): void {
    const runner = runnerOf(abandoned);
    const beat = this.#crew.askForSign(runner);
    const due = () => {
      if (this.#lane.state(slot) !== abandoned) return;
      const inside = this.#crew.isInside(runner, slot);
      const stuck = !this.#crew.gaveSign(runner, beat) && !this.#hasOthers(runner, slot);
      if (inside || stuck) this.#crew.replace(runner);
    };
    this.doLater(due, GRACE);
  }

  /** Whether a runner has begun other jobs than the one in a slot. */
  #hasOthers(runner: number, slot: number): boolean {
    for (let other = 0; other < this.#slots.size; other++) {
      const state = this.#lane.state(other);
      if (other !== slot && phaseOf(state) === RUNNING && runnerOf(state) === runner) {
        return true;
      }
    }
    return false;
  }

  /**
   * Puts in order what a runner that is gone has left: its own jobs fail or are
   * begun anew, what it had done is settled, what it had taken from a ring and not
   * claimed is put on the ring again.
   *
   * @returns Whether it was in the middle of a job.
   */
  repair(runner: number, reason: unknown): boolean {
    let midway = false;
    while (this.anyDone) this.drain();
    for (let slot = 0; slot < this.#slots.size; slot++) {
      const state = this.#lane.state(slot);
      if (phaseOf(state) === READY) this.#submitter.requeue(slot);
      if (phaseOf(state) === READY || runnerOf(state) !== runner) continue;
      midway ||= phaseOf(state) !== DONE;
      this.#repairSlot(slot, phaseOf(state), reason);
    }
    this.#goOn();
    return midway;
  }

  #repairSlot(slot: number, phase: number, reason: unknown): void {
    if (phase === DONE) return this.#comeBack(slot);
    const settler = this.#slots.settlers[slot];
    const special = this.#slots.specials[slot];
    if (phase !== RUNNING || settler === undefined) return this.#slots.release(slot);
    const error = this.#crashError(slot, reason);
    this.#slots.unsettle(slot);
    this.#slots.release(slot);
    if (special !== undefined && this.#beginAnew(special)) return;
    this.#tell(settler, this.#slots.indexes[slot]!, special, true, error);
  }

  #crashError(slot: number, reason: unknown): WorkerCrashedError {
    const words = this.#lane.words;
    const base = slot * SLOT_WORDS;
    const name = this.#functions.nameOf(words[base + FUNCTION]!);
    const kind = words[base + ARGUMENTS_KIND]!;
    const length = formOf(kind) === NUMBERS
      ? 8 * numbersOf(kind)
      : words[base + ARGUMENTS_LENGTH]! >>> 0;
    const why = reason instanceof Error ? reason.message : String(reason);
    return new WorkerCrashedError(
      `Cannot finish ${name} (arguments of ${length} bytes): its worker has ended: ${why}`,
      { cause: reason },
    );
  }

  /** Gives up every job of a settler. */
  cancelAll(settler: Settler, error: unknown): void {
    this.#cancelWhere((other) => other === settler, error);
  }

  #cancelWhere(concerns: (settler: Settler) => boolean, error: unknown): void {
    shareError(error);
    this.#submitter.withdrawAll(concerns, (settler, index, special) => {
      this.#tell(settler, index, special, true, error);
    });
    for (let slot = 0; slot < this.#slots.size; slot++) {
      const settler = this.#slots.settlers[slot];
      if (settler === undefined || !concerns(settler)) continue;
      const special = this.#slots.specials[slot];
      if (!this.#abandon(slot)) continue;
      this.#tell(settler, this.#slots.indexes[slot]!, special, true, error);
    }
    this.#goOn();
  }

  /** Blocks this thread; see {@linkcode Engine}. */
  block(done: () => boolean, deadline: number): boolean {
    if (!this.#runtime.mayBlock) {
      throw new MulticoreError(
        "Cannot block this thread: a page's main thread may not; use await get()",
      );
    }
    const elsewhere = () => {
      if (this.#deadlines.next <= performance.now()) this.#deadlines.expire();
      this.#crew.lookForGone();
      this.#failImports();
    };
    return this.#pump.block(done, deadline, () => this.#deadlines.next, elsewhere);
  }

  /** Runs a function later, also while this thread blocks. */
  doLater(due: () => void, delay: number): void {
    this.#deadlines.set({ deadline: 0, place: -1, due }, delay);
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
    this.#closed ??= error;
    if (!this.anyPending) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle = resolve;
    });
  }

  /** Takes no more jobs, and fails all that are not settled. */
  fail(error: MulticoreError): void {
    this.#closed = error;
    while (this.anyDone) this.drain();
    this.#cancelWhere(() => true, error);
    this.#deadlines.stop();
  }
}

function queueFull(capacity: number): QueueFullError {
  return new QueueFullError(
    `Cannot accept another job: ${capacity} are unsettled, the limit of the pool's option queue.capacity`,
  );
}

function timedOut(name: string, job: SpecialJob): TimeoutExceededError {
  return new TimeoutExceededError(
    `Cannot wait longer for ${name}: its timeout of ${job.options.timeout} ms is over`,
  );
}
