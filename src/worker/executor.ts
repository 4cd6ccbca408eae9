/**
 * Runs claimed jobs: finds the function, decodes the arguments, calls, and sends
 * the result on, at once or when its promise settles.
 *
 * @module
 */
import { isThenable, whenSettled } from "../base/thenable.ts";
import { MissingHandleError, MissingModuleError } from "../codec/mod.ts";
import { type InnerJob, type JobFrame, jobState } from "../dispatch/current_job.ts";
import { putOnTop } from "../dispatch/runner_stack.ts";
import { CURRENT, CURRENT_OWNER, HOST, JOBS_DONE } from "../memory/layout.ts";
import type { Modules } from "../task/modules.ts";
import { BORROW, TRACED } from "../task/payload_kind.ts";
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
import type { Jobs } from "./jobs.ts";
import { type JobHost, RunningJob } from "./running_job.ts";
import type { ServedLane, TaskFunction } from "./served_lane.ts";
import { callTaskFunction, traceIn } from "./task_function.ts";
import type { TaskFunctions } from "./task_functions.ts";
import type { BegunSlotJob, Failure, UnderWay } from "./under_way.ts";
import type { WorkerHandles } from "./worker_handles.ts";

const state = jobState();
const AsyncFunction = (async () => {}).constructor;

/** What an executor is made of. */
export interface ExecutorParts {
  /** This worker's place in the pool. */
  readonly index: number;
  /** Its runner number. */
  readonly runner: number;
  /** This runner's counters. */
  readonly counters: Int32Array;
  /** Where results go. */
  readonly completions: Completions;
  /** This thread's modules. */
  readonly modules: Modules;
  readonly functions: TaskFunctions;
  /** What came beside arguments. */
  readonly handles: WorkerHandles;
  readonly underWay: UnderWay;
  readonly jobs: Jobs;
}

/** What runs the jobs of one worker. */
export class Executor implements JobFrame, JobHost {
  /** This worker's place in the pool. */
  readonly index: number;
  readonly #completions: Completions;
  readonly #modules: Modules;
  readonly #handles: WorkerHandles;
  readonly #counters: Int32Array;
  readonly #runner: number;
  readonly #functions: TaskFunctions;
  readonly #underWay: UnderWay;
  readonly #jobs: Jobs;
  /** The job whose synchronous code runs now; what it needs of its own is made when it is asked for. */
  #served!: ServedLane;
  #reference = -1;
  #traceId: string | undefined;
  #job: RunningJob | undefined;
  /** Whether what the running code goes on to was given that job, in place of `#before`. */
  #entered = false;
  #before: InnerJob | undefined;
  /** How many jobs' synchronous code is on the stack. */
  #running = 0;
  /** Whether the job that ran last was the first of its function since `forgetTimes`. */
  isFirst = true;
  /** Functions that have run since then, by the last eight bits of their numbers. */
  readonly #haveRun = new Uint8Array(256);

  /** @param parts What it is made of. */
  constructor(parts: ExecutorParts) {
    this.index = parts.index;
    this.#completions = parts.completions;
    this.#modules = parts.modules;
    this.#handles = parts.handles;
    this.#counters = parts.counters;
    this.#runner = parts.runner;
    this.#functions = parts.functions;
    this.#underWay = parts.underWay;
    this.#jobs = parts.jobs;
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
    const isFirst = this.#haveRun[number & 255] === 0;
    this.#haveRun[number & 255] = 1;
    this.isFirst = isFirst;
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
    // Others may have run inside of it.
    this.isFirst = isFirst;
  }

  /** Functions may take longer from now on than they did. */
  forgetTimes(): void {
    this.#haveRun.fill(0);
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
    this.#call(served, reference, fn, args, traceId);
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
    // A getter of a result that is sent runs in no frame, but maybe on top of another job.
    const isOnTop = state.frame !== undefined || this.#running > 0;
    const takeOff = isOnTop ? putOnTop(counters, served.owner.life, slotOf(reference)) : undefined;
    this.#running++;
    if (takeOff === undefined) {
      counters[CURRENT_OWNER] = served.owner.life;
      counters[CURRENT] = slotOf(reference) + 1;
    }
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
    this.#running--;
    if (takeOff === undefined) counters[CURRENT] = 0;
    else takeOff();
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

  /** Whether something else than a flow's chunks waits for this worker. */
  othersWait(served: ServedLane, flow: number): boolean {
    return this.#underWay.awaiting > 0 || this.#completions.holding ||
      this.#jobs.anyBeside(served, flow);
  }

  /** Sends what a job reports to its owner. */
  report(served: ServedLane, reference: number, value: unknown): void {
    this.#completions.report(served, reference, value);
  }

  /** Tells a job, from now on, when nobody waits for it any more. */
  listen(job: RunningJob): void {
    this.#underWay.listen(job);
  }

  #await(
    served: ServedLane,
    reference: number,
    value: PromiseLike<unknown>,
    running: RunningJob | undefined,
  ): void {
    const job = new SlotJob(this, this.#completions, served, reference, running);
    this.#underWay.begin(job);
    if (served.owner.runner !== HOST) this.#tellOfPromise(served, reference);
    whenSettled(
      value,
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

  #endAwaited(job: SlotJob, failed: boolean, outcome: unknown): void {
    // Else it was let go: the slot is another job's by now.
    if (!this.#underWay.finish(job)) return;
    this.#end(job.served, job.reference, failed, outcome, job.job);
    this.#underWay.changed();
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
    this.#underWay.unlisten(job);
  }

  /** Runs a job once something is imported; a thread that blocks leaves it to its owner. */
  #runAfter(load: () => Promise<void>, served: ServedLane, reference: number): void {
    if (this.#leavesToOwner(served)) return this.#completions.handBack(served, reference);
    const goOn = this.#suspend(served, reference);
    this.#underWay.import(load(), served.owner.life, slotOf(reference), goOn);
  }

  /** Whether a job that has to wait for the event loop would wait for too long here. */
  #leavesToOwner({ owner }: ServedLane): boolean {
    return this.#functions.isBlocked && owner.runner !== this.#runner;
  }

  /**
   * Runs a job once what it names is here, which this worker has not got: also while this
   * thread blocks, where it gets its mail then, too.
   */
  #runWith({ number }: MissingHandleError, served: ServedLane, reference: number): void {
    if (!this.#handles.isPrompt && this.#leavesToOwner(served)) {
      return this.#completions.handBack(served, reference);
    }
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
    return this.#underWay.suspend(job, (failure) => {
      // The slot of a job that is not wanted any more may have been let go.
      const isWanted = this.#completions.isWanted(served, reference);
      if (isWanted && failure === undefined) return this.run(served, reference);
      this.#readArguments(served);
      if (isWanted) this.#end(served, reference, true, failure!.error, undefined);
      else this.#completions.retire(served, reference);
    });
  }

  #findFunction(served: ServedLane, number: number): TaskFunction | undefined {
    const fn = this.#functions.find(served, number);
    if (fn === undefined) return undefined;
    return (served.functions[number] = this.#withJob(fn));
  }

  async #loadFunction(served: ServedLane, number: number): Promise<void> {
    served.functions[number] = this.#withJob(await this.#functions.load(served, number));
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
class SlotJob implements BegunSlotJob {
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
