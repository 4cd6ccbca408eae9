/**
 * Runs claimed jobs: finds the function, decodes the arguments, calls, and sends
 * the result on, at once or when its promise settles.
 *
 * @module
 */
import { Deferred } from "../base/deferred.ts";
import { isThenable } from "../base/thenable.ts";
import { MissingHandleError, MissingModuleError } from "../codec/mod.ts";
import { type CurrentJob, type JobFrame, jobState } from "../dispatch/current_job.ts";
import {
  BLOCKED,
  CURRENT,
  CURRENT_OWNER,
  HOST,
  JOBS_AWAITING,
  JOBS_DONE,
} from "../memory/layout.ts";
import { compileClosure } from "../task/closure.ts";
import type { ExportRecord } from "../task/function_table.ts";
import type { Modules } from "../task/modules.ts";
import { BORROW, TRACED } from "../task/payload_kind.ts";
import { registeredAs } from "../task/registry.ts";
import {
  ARGUMENTS_KIND,
  awaitingMark,
  FUNCTION,
  generationOf,
  NEXT,
  SLOT_WORDS,
  slotOf,
} from "../transport/slot.ts";
import type { Completions } from "./completions.ts";
import { type JobHost, RunningJob } from "./running_job.ts";
import type { ServedLane, TaskFunction } from "./served_lane.ts";
import type { WorkerHandles } from "./worker_handles.ts";

/** A job that has begun and awaits something. */
export interface BegunJob {
  /** Whether anybody still waits for it. */
  readonly isWanted: boolean;
  /**
   * Called of one that is not wanted, and goes on unheard: gives its slot back.
   *
   * @returns Whether that could be done.
   */
  letGo(): boolean;
}

/** A job that wants to hear when nobody waits for it any more. */
export interface ListeningJob {
  /** Whether anybody does. */
  readonly isWanted: boolean;
  /** Tells it that nobody does. */
  abort(): void;
}

/** Why a job cannot be begun. */
export interface Failure {
  readonly error: unknown;
}

const state = jobState();
const AsyncFunction = (async () => {}).constructor;

/** What runs the jobs of one worker. */
export class Executor implements JobFrame, JobHost {
  /** This worker's place in the pool. */
  readonly index: number;
  readonly #completions: Completions;
  readonly #modules: Modules;
  readonly #handles: WorkerHandles;
  readonly #counters: Int32Array;
  readonly #runner: number;
  /** Jobs that have begun and await something. */
  readonly #awaiting = new Set<BegunJob>();
  /** Of these, jobs that cannot begin yet: they wait for an import, or for a handle. */
  #suspended = 0;
  #nextChange: Deferred<void> | undefined;
  /** The job whose synchronous code runs now; what it needs of its own is made when it is asked for. */
  #served!: ServedLane;
  #reference = -1;
  #traceId: string | undefined;
  #job: RunningJob | undefined;
  /** Whether what the running code goes on to was given that job, in place of `#before`. */
  #entered = false;
  #before: CurrentJob | undefined;
  readonly #listening = new Set<ListeningJob>();

  /**
   * @param completions Where results go.
   * @param modules This thread's modules.
   * @param handles What came beside arguments.
   * @param counters This runner's counters.
   * @param runner Its number.
   * @param index Its place in the pool.
   */
  constructor(
    completions: Completions,
    modules: Modules,
    handles: WorkerHandles,
    counters: Int32Array,
    runner: number,
    index: number,
  ) {
    this.index = index;
    this.#completions = completions;
    this.#modules = modules;
    this.#handles = handles;
    this.#counters = counters;
    this.#runner = runner;
  }

  /**
   * Runs a job that this worker has claimed, once what it needs is imported.
   *
   * @param served Its lane.
   * @param reference Its slot and generation.
   */
  run(served: ServedLane, reference: number): void {
    const slot = slotOf(reference);
    const number = served.lane.words[slot * SLOT_WORDS + FUNCTION]!;
    let fn: TaskFunction | undefined;
    let args: unknown[];
    try {
      fn = served.functions[number] ?? this.#findFunction(served, number);
      if (fn === undefined) {
        return this.#runAfter(() => this.#loadFunction(served, number), served, reference);
      }
      args = served.inbox.arguments(slot);
    } catch (error) {
      if (error instanceof MissingModuleError) {
        return this.#runAfter(() => this.#modules.load(error.module), served, reference);
      }
      if (error instanceof MissingHandleError) return this.#runWith(error, served, reference);
      this.#readArguments(served);
      return this.#end(served, reference, true, error, undefined);
    }
    this.#readArguments(served);
    const kind = served.lane.words[slot * SLOT_WORDS + ARGUMENTS_KIND]!;
    const traceId = (kind & TRACED) === 0 ? undefined : traceIn(args.pop());
    if (state.frame === undefined) this.#call(served, reference, fn, args, traceId);
    else this.#callInside(served, reference, fn, args, traceId);
  }

  /** A job may run in the middle of another one, which waits for jobs of its own. */
  #callInside(
    served: ServedLane,
    reference: number,
    fn: TaskFunction,
    args: unknown[],
    traceId: string | undefined,
  ): void {
    const frame = state.frame;
    const outer = [this.#served, this.#reference, this.#traceId, this.#job, this.#entered] as const;
    const before = this.#before;
    const slot = this.#counters[CURRENT]!;
    const owner = this.#counters[CURRENT_OWNER]!;
    this.#call(served, reference, fn, args, traceId);
    this.#counters[CURRENT_OWNER] = owner;
    this.#counters[CURRENT] = slot;
    [this.#served, this.#reference, this.#traceId, this.#job, this.#entered] = outer;
    this.#before = before;
    state.frame = frame;
  }

  #call(
    served: ServedLane,
    reference: number,
    fn: TaskFunction,
    args: unknown[],
    traceId: string | undefined,
  ): void {
    const counters = this.#counters;
    counters[CURRENT_OWNER] = served.owner.life;
    counters[CURRENT] = slotOf(reference) + 1;
    this.#served = served;
    this.#reference = reference;
    this.#traceId = traceId;
    this.#job = undefined;
    this.#entered = false;
    state.frame = this;
    let value: unknown;
    let awaited = false;
    let failed = false;
    try {
      value = callTaskFunction(fn, args);
      awaited = isThenable(value);
    } catch (error) {
      failed = true;
      value = error;
    }
    counters[CURRENT] = 0;
    state.frame = undefined;
    if (this.#entered) state.storage!.enterWith(this.#before);
    const job = this.#job;
    if (awaited) this.#await(served, reference, value as PromiseLike<unknown>, job);
    else this.#end(served, reference, failed, value, job);
  }

  /** The job whose synchronous code runs now. What it goes on to belongs to it as well. */
  get job(): RunningJob {
    if (this.#job === undefined) {
      this.#job = new RunningJob(this, this.#served, this.#reference, this.#traceId);
      this.#enter(this.#job);
    }
    return this.#job;
  }

  #enter(job: RunningJob): void {
    const { storage } = state;
    if (storage === undefined) return;
    this.#entered = true;
    this.#before = storage.getStore();
    storage.enterWith(job);
  }

  /** Whether a job that this worker has claimed is still waited for. */
  isWanted(served: ServedLane, reference: number): boolean {
    return this.#completions.isWanted(served, reference);
  }

  /** Sends what a job reports to its owner. */
  report(served: ServedLane, reference: number, value: unknown): void {
    this.#completions.report(served, reference, value);
  }

  /** Tells a job, from now on, when nobody waits for it any more. */
  listen(job: ListeningJob): void {
    this.#listening.add(job);
  }

  /** Ends that. */
  unlisten(job: ListeningJob): void {
    this.#listening.delete(job);
  }

  /** Tells jobs that nobody waits for them any more. */
  abortUnwanted(): void {
    for (const job of this.#listening) {
      if (job.isWanted) continue;
      this.#listening.delete(job);
      job.abort();
    }
  }

  /** Whether a job is to hear that nobody waits for it any more. */
  get anyToTell(): boolean {
    for (const job of this.#listening) if (!job.isWanted) return true;
    return false;
  }

  /** How many jobs have begun and await something. */
  get awaiting(): number {
    return this.#awaiting.size;
  }

  /** Whether a job waits for the import of its module, or for a handle, and does not run yet. */
  get suspended(): boolean {
    return this.#suspended > 0;
  }

  /** Whether a job waits for a handle, which comes also while this thread blocks. */
  get awaitsHandle(): boolean {
    return this.#handles.isWaiting;
  }

  /** Whether anybody still waits for a job that has begun. */
  get anyWanted(): boolean {
    for (const job of this.#awaiting) if (job.isWanted) return true;
    return false;
  }

  #await(
    served: ServedLane,
    reference: number,
    value: PromiseLike<unknown>,
    running: RunningJob | undefined,
  ): void {
    const job = new SlotJob(this, this.#completions, served, reference, running);
    this.begin(job);
    if (served.owner.runner !== HOST) this.#tellOfPromise(served, reference);
    Promise.resolve(value).then(
      (result) => this.#endAwaited(job, false, result),
      (error) => this.#endAwaited(job, true, error),
    );
  }

  /** A worker that blocks would wait in vain, if this waited for that worker in turn. */
  #tellOfPromise({ lane: { words }, owner }: ServedLane, reference: number): void {
    const mark = awaitingMark(generationOf(reference));
    Atomics.store(words, slotOf(reference) * SLOT_WORDS + NEXT, mark);
    owner.hearOfPromise();
  }

  /** Notes that a job has begun and awaits something. */
  begin(job: BegunJob): void {
    this.#awaiting.add(job);
    this.#counters[JOBS_AWAITING] = this.#awaiting.size;
  }

  /** Notes that it awaits nothing any more. @returns Whether it did; else it was let go. */
  finish(job: BegunJob): boolean {
    const had = this.#awaiting.delete(job);
    this.#counters[JOBS_AWAITING] = this.#awaiting.size;
    return had;
  }

  /**
   * Hands back the slots of jobs that go on unheard: they may never end, and neither
   * the slots nor this worker's places for jobs may run out by that.
   */
  letGoOfUnwanted(): void {
    for (const job of this.#awaiting) if (!job.isWanted && job.letGo()) this.finish(job);
  }

  #endAwaited(job: SlotJob, failed: boolean, outcome: unknown): void {
    // Else it was let go: the slot is another job's by now.
    if (!this.finish(job)) return;
    this.#end(job.served, job.reference, failed, outcome, job.job);
    this.changed();
  }

  /** @returns A promise of the next change among the jobs that await: an end, or an import's end. */
  nextChange(): Promise<void> {
    return (this.#nextChange ??= new Deferred()).promise;
  }

  /** There was such a change. */
  changed(): void {
    this.#nextChange?.resolve();
    this.#nextChange = undefined;
  }

  #end(
    served: ServedLane,
    reference: number,
    failed: boolean,
    outcome: unknown,
    job: RunningJob | undefined,
  ): void {
    this.#counters[JOBS_DONE]!++;
    job?.conclude();
    if (failed) this.#completions.fail(served, reference, outcome);
    else this.#completions.succeed(served, reference, outcome);
    if (job !== undefined) this.forget(job);
  }

  /** A job has handed back its slot. */
  forget(job: RunningJob): void {
    job.end();
    this.#listening.delete(job);
  }

  /** Runs a job once something is imported; a thread that blocks leaves it to its owner. */
  #runAfter(load: () => Promise<void>, served: ServedLane, reference: number): void {
    if (this.#isBlocked && served.owner.runner !== this.#runner) {
      return this.#completions.handBack(served, reference);
    }
    const goOn = this.#suspend(served, reference);
    this.import(load(), served.owner.life, slotOf(reference), goOn);
  }

  /**
   * Runs a job once what it names is here, which this worker has not got: also while this
   * thread blocks, as long as it takes its mail.
   */
  #runWith({ number }: MissingHandleError, served: ServedLane, reference: number): void {
    const goOn = this.#suspend(served, reference);
    this.#handles.await(number, (error) => goOn(error && { error }));
  }

  /**
   * What was moved here for a job was read, or nobody wants it. It can only be the host's,
   * and only one of these is under way to its beginning at a time.
   */
  #readArguments(served: ServedLane): void {
    if (this.#handles.hasMoved && served.owner.runner === HOST) this.#handles.clearMoved();
  }

  #suspend(served: ServedLane, reference: number): (failure: Failure | undefined) => void {
    const job = new SlotJob(this, this.#completions, served, reference, undefined);
    return this.suspend(job, (failure) => {
      // The slot of a job that is not wanted any more may have been let go.
      const isWanted = this.#completions.isWanted(served, reference);
      if (isWanted && failure === undefined) return this.run(served, reference);
      this.#readArguments(served);
      if (isWanted) this.#end(served, reference, true, failure!.error, undefined);
      else this.#completions.retire(served, reference);
    });
  }

  /**
   * A job cannot be begun yet. The worker claims no other's jobs meanwhile: another one
   * that is free would do it sooner.
   *
   * @param job The job.
   * @param begin Begins it, or ends it with a failure.
   * @returns What is to be called once it can.
   */
  suspend(
    job: BegunJob,
    begin: (failure: Failure | undefined) => void,
  ): (failure: Failure | undefined) => void {
    this.begin(job);
    this.#suspended++;
    this.#handles.hold();
    return (failure) => {
      this.finish(job);
      this.#suspended--;
      begin(failure);
      this.#handles.unhold();
      // Only now may the worker claim on: jobs begin in the order in which they were claimed.
      this.changed();
    };
  }

  /**
   * Waits for an import, for the sake of a job. Whoever gives the job up has the worker
   * replaced, as for synchronous code, since an import cannot be stopped.
   *
   * @param importing The import.
   * @param life Whose job it is.
   * @param slot Its slot.
   * @param then Called after it, with the failure where it failed.
   */
  import(
    importing: Promise<void>,
    life: number,
    slot: number,
    then: (failure: Failure | undefined) => void,
  ): void {
    const counters = this.#counters;
    const outer = counters[CURRENT]!;
    if (outer === 0) {
      counters[CURRENT_OWNER] = life;
      counters[CURRENT] = slot + 1;
    }
    const finish = (failure: Failure | undefined) => {
      if (outer === 0) counters[CURRENT] = 0;
      then(failure);
    };
    importing.then(() => finish(undefined), (error) => finish({ error }));
  }

  #findFunction(served: ServedLane, number: number): TaskFunction | undefined {
    const fn = this.find(served, number);
    if (fn === undefined) return undefined;
    return (served.functions[number] = this.#withJob(fn));
  }

  /**
   * What needs no import. What this thread has itself submitted it has as well,
   * imported by whatever way; and a thread that blocks can import nothing.
   *
   * @returns A task function of a lane; `undefined` where its module has to be imported.
   */
  find(served: ServedLane, number: number): TaskFunction | undefined {
    const record = served.records.at(number);
    if ("source" in record) return compileClosure(record.source, record.names);
    const { module, name } = record;
    const atOnce = served.owner.runner === this.#runner || this.#isBlocked;
    const fn = this.#modules.find(module, name) ??
      (atOnce ? registeredAs(module, name) : undefined);
    return fn as TaskFunction | undefined;
  }

  async #loadFunction(served: ServedLane, number: number): Promise<void> {
    served.functions[number] = this.#withJob(await this.load(served, number));
  }

  /** @returns A task function of a lane, once its module is imported. */
  async load(served: ServedLane, number: number): Promise<TaskFunction> {
    const { module, name } = served.records.at(number) as ExportRecord;
    return await this.#modules.loadFunction(module, name) as TaskFunction;
  }

  get #isBlocked(): boolean {
    return this.#counters[BLOCKED] !== 0;
  }

  /** An asynchronous function may ask for its job after it has awaited something. */
  #withJob(fn: TaskFunction): TaskFunction {
    const { storage } = state;
    if (storage === undefined || !(fn instanceof AsyncFunction)) return fn;
    return (...args) => {
      this.#job = new RunningJob(this, this.#served, this.#reference, this.#traceId);
      return storage.run(this.#job, () => fn(...args));
    };
  }
}

/** Such a job in a slot. */
class SlotJob implements BegunJob {
  readonly served: ServedLane;
  readonly reference: number;
  /** What it knows of itself, if it has asked. */
  readonly job: RunningJob | undefined;
  readonly #executor: Executor;
  readonly #completions: Completions;

  constructor(
    executor: Executor,
    completions: Completions,
    served: ServedLane,
    reference: number,
    job: RunningJob | undefined,
  ) {
    this.#executor = executor;
    this.#completions = completions;
    this.served = served;
    this.reference = reference;
    this.job = job;
  }

  get isWanted(): boolean {
    return this.#completions.isWanted(this.served, this.reference);
  }

  /** Where arguments are borrowed, their memory is in use for as long as the job runs. */
  letGo(): boolean {
    const { lane: { words } } = this.served;
    if ((words[slotOf(this.reference) * SLOT_WORDS + ARGUMENTS_KIND]! & BORROW) !== 0) return false;
    this.job?.conclude();
    this.#completions.retire(this.served, this.reference);
    if (this.job !== undefined) this.#executor.forget(this.job);
    return true;
  }
}

/** @returns The trace behind a job's arguments: the format "bytes" has bytes alone. */
export function traceIn(value: unknown): string {
  return typeof value === "string" ? value : new TextDecoder().decode(value as Uint8Array);
}

/** Its name stands in stacks: what is below it is another job's, or the library's (`parallel/trace.ts`). */
export function callTaskFunction(fn: TaskFunction, args: unknown[]): unknown {
  // No tail call: engines that have them leave out the frame.
  let value: unknown;
  switch (args.length) {
    case 0:
      value = fn();
      break;
    case 1:
      value = fn(args[0]);
      break;
    case 2:
      value = fn(args[0], args[1]);
      break;
    default:
      value = fn(...args);
  }
  return value;
}
