/**
 * Runs jobs of this worker's own lane that found no slot, or no room for their
 * arguments. Nobody else knows of them: they begin and end in private memory.
 *
 * @module
 */
import { isThenable, whenSettled } from "../base/thenable.ts";
import { MissingHandleError, MissingModuleError } from "../codec/mod.ts";
import { Copies } from "../dispatch/copies.ts";
import type { InnerJob, JobFrame } from "../dispatch/current_job.ts";
import { jobState } from "../dispatch/current_job.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { putOnTop } from "../dispatch/runner_stack.ts";
import type { SlotlessJob } from "../dispatch/slotless.ts";
import { CURRENT, CURRENT_OWNER } from "../memory/layout.ts";
import type { Modules } from "../task/modules.ts";
import type { PayloadContext } from "../task/outbox.ts";
import { FORMAT_SHIFT, FORMATS, TRACED } from "../task/payload_kind.ts";
import { ABORTED, attemptOf, MAX_SLOTS } from "../transport/slot.ts";
import { reasonFor } from "./running_job.ts";
import type { ServedLane, TaskFunction } from "./served_lane.ts";
import { callTaskFunction, traceIn } from "./task_function.ts";
import type { TaskFunctions } from "./task_functions.ts";
import type { BegunJob, ListeningJob, UnderWay } from "./under_way.ts";
import type { WorkerHandles } from "./worker_handles.ts";

/** In place of a slot's number, for whoever looks what this worker does. */
const NO_SLOT = MAX_SLOTS;

/** What settles such jobs. */
export type SlotlessOwner = Pick<Dispatcher, "isWanted" | "settle">;

/** What such jobs are run with. */
export interface SlotlessParts {
  /** This worker's place in the pool. */
  readonly index: number;
  readonly counters: Int32Array;
  /** This worker's own lane. */
  readonly own: ServedLane;
  readonly functions: TaskFunctions;
  readonly underWay: UnderWay;
  readonly modules: Modules;
  readonly handles: WorkerHandles;
  readonly context: PayloadContext;
}

/** What runs the jobs of one worker that have no slot. */
export class SlotlessRunner {
  readonly #parts: SlotlessParts;
  readonly #copies: Copies;
  readonly #functions: (TaskFunction | undefined)[] = [];
  #begun = 0;

  /** @param parts What they are run with. */
  constructor(parts: SlotlessParts) {
    this.#parts = parts;
    this.#copies = new Copies(parts.context);
  }

  /** Runs a job, once what it needs is there. */
  run(job: SlotlessJob, owner: SlotlessOwner): void {
    const { index, own } = this.#parts;
    const id = `${own.owner.life}-slotless-${++this.#begun}`;
    this.#begin(new Run(job, owner, { id, worker: index }, this.#copies, this.#parts.underWay));
  }

  #begin(run: Run): void {
    const { own, modules, handles } = this.#parts;
    const { fn: number, kind, bytes } = run.slotless;
    let fn: TaskFunction | undefined;
    let args: unknown[];
    try {
      fn = this.#functions[number] ??= this.#parts.functions.find(own, number);
      if (fn === undefined) return this.#beginAfter(this.#load(number), run);
      args = own.inbox.kept(kind, bytes);
    } catch (error) {
      if (error instanceof MissingModuleError) {
        return this.#beginAfter(modules.load(error.module), run);
      }
      if (error instanceof MissingHandleError) {
        const goOn = this.#suspend(run);
        return handles.await(error.number, (failure) => goOn(failure && { error: failure }));
      }
      return run.end(true, error);
    }
    if ((kind & TRACED) !== 0) run.traceId = traceIn(args.pop());
    this.#call(run, fn, args);
  }

  /** It may run in the middle of another job, which waits for jobs of its own. */
  #call(run: Run, fn: TaskFunction, args: unknown[]): void {
    const { counters, own } = this.#parts;
    const state = jobState();
    const { frame } = state;
    const { life } = own.owner;
    const before = counters[CURRENT]!;
    const beforeOwner = counters[CURRENT_OWNER]!;
    const takeOff = frame === undefined ? undefined : putOnTop(counters, life, NO_SLOT);
    if (takeOff === undefined) {
      counters[CURRENT_OWNER] = life;
      counters[CURRENT] = NO_SLOT + 1;
    }
    state.frame = run;
    let value: unknown;
    let awaited = false;
    let failed = false;
    try {
      value = state.storage === undefined
        ? callTaskFunction(fn, args)
        : state.storage.run(run, () => callTaskFunction(fn, args));
      awaited = isThenable(value);
    } catch (error) {
      failed = true;
      value = error;
    }
    state.frame = frame;
    if (takeOff !== undefined) takeOff();
    else {
      counters[CURRENT_OWNER] = beforeOwner;
      counters[CURRENT] = before;
    }
    if (awaited) run.await(value as PromiseLike<unknown>);
    else run.end(failed, value);
  }

  async #load(number: number): Promise<void> {
    this.#functions[number] = await this.#parts.functions.load(this.#parts.own, number);
  }

  #beginAfter(importing: Promise<void>, run: Run): void {
    const { underWay, own } = this.#parts;
    underWay.import(importing, own.owner.life, NO_SLOT, this.#suspend(run));
  }

  #suspend(run: Run): ReturnType<UnderWay["suspend"]> {
    return this.#parts.underWay.suspend(run, (failure) => {
      if (failure !== undefined) run.end(true, failure.error);
      else if (run.isWanted) this.#begin(run);
    });
  }
}

/** What a job without a slot is told of itself. */
interface Names {
  readonly id: string;
  readonly worker: number;
}

/** One such job. */
class Run implements BegunJob, ListeningJob, InnerJob, JobFrame {
  readonly slotless: SlotlessJob;
  /** At least the job that began it. */
  readonly othersWait = true;
  readonly id: string;
  readonly worker: number;
  traceId: string | undefined;
  readonly #owner: SlotlessOwner;
  readonly #copies: Copies;
  readonly #underWay: UnderWay;
  #controller: AbortController | undefined;

  constructor(
    slotless: SlotlessJob,
    owner: SlotlessOwner,
    { id, worker }: Names,
    copies: Copies,
    underWay: UnderWay,
  ) {
    this.slotless = slotless;
    this.id = id;
    this.worker = worker;
    this.#owner = owner;
    this.#copies = copies;
    this.#underWay = underWay;
    slotless.onGivenUp = () => underWay.giveUp(this);
  }

  get job(): this {
    return this;
  }

  get attempt(): number {
    return attemptOf(this.slotless.special?.extras ?? 0) + 1;
  }

  get isWanted(): boolean {
    return this.#owner.isWanted(this.slotless);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (!this.isWanted) this.abort();
    }
    return this.#controller.signal;
  }

  throwIfAborted(): void {
    if (!this.isWanted) this.signal.throwIfAborted();
  }

  report(value: unknown): void {
    const { special } = this.slotless;
    if (special?.onProgress === undefined || !this.isWanted) return;
    const copy = this.#copies.report(value);
    try {
      special.onProgress(copy);
    } catch (error) {
      this.slotless.giveUp(ABORTED);
      this.#owner.settle(this.slotless, true, error);
    }
  }

  abort(): void {
    const { givenUpFor } = this.slotless;
    if (givenUpFor === 0 || this.#controller?.signal.aborted !== false) return;
    this.#controller.abort(reasonFor(givenUpFor));
  }

  /** Ends with what a promise settles to. */
  await(value: PromiseLike<unknown>): void {
    this.#underWay.begin(this);
    const settle = (failed: boolean, outcome: unknown) => {
      if (this.#underWay.finish(this)) this.end(failed, outcome);
      this.#underWay.changed();
    };
    whenSettled(value, (it) => settle(false, it), (error) => settle(true, error));
  }

  /** Ends, with a copy as another thread would have got it. */
  end(failed: boolean, outcome: unknown): void {
    if (!this.isWanted) this.abort();
    if (!this.isWanted) return;
    let copy: unknown;
    try {
      const format = FORMATS[this.slotless.kind >>> FORMAT_SHIFT]!;
      copy = failed ? this.#copies.error(outcome) : this.#copies.value(format, outcome);
    } catch (error) {
      return this.#owner.settle(this.slotless, true, error);
    }
    this.#owner.settle(this.slotless, failed, copy);
  }
}
