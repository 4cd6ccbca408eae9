/**
 * What running jobs report, at its owner's: each value is told to the call's
 * `onProgress`, in order, and before the job settles.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { Queue } from "../base/queue.ts";
import { MissingModuleError } from "../codec/mod.ts";
import type { Runtime } from "../runtime/adapter.ts";
import type { Modules } from "../task/modules.ts";
import type { Lane } from "../transport/lane.ts";
import { REPORT_HEADER, reportReference } from "../transport/reports.ts";
import { generationOf, slotOf } from "../transport/slot.ts";
import type { Runners } from "./runners.ts";
import type { SlotBook } from "./slot_book.ts";
import type { Report, SpecialJob } from "./special_job.ts";

/** What reports are told with. */
export interface ProgressParts {
  readonly lane: Lane;
  readonly slots: SlotBook;
  /** Knows where a runner's reports lie. */
  readonly runners: Pick<Runners, "source">;
  /** This thread's modules. */
  readonly modules: Modules;
  readonly runtime: Pick<Runtime, "keepAlive">;
  /** Called after jobs have settled other than by a drain. */
  readonly goOn: () => void;
  /** Fails a job before it has come to its end. */
  readonly giveUp: (job: SpecialJob, error: unknown) => void;
}

/**
 * Tells what the jobs of one lane report. A job's end may come while reports of it are
 * still to be told, since callbacks may be slow: it waits for them, and for no others.
 */
export class Progress {
  readonly #parts: ProgressParts;
  /**
   * Whose turn it is, once for each report that was taken. A job has its reports itself;
   * turns for which it has none left, since it was given up, are passed over.
   */
  readonly #turns = new Queue<SpecialJob>();
  /** Jobs whose reports wait for the import of a module, and what lets the process end before it comes. */
  readonly #held = new Map<SpecialJob, () => void>();

  /** @param parts What it works with. */
  constructor(parts: ProgressParts) {
    this.#parts = parts;
  }

  /** Whether there are reports to be told. */
  get any(): boolean {
    return this.#turns.length > 0 || !this.#parts.lane.reports.isEmpty;
  }

  /**
   * Takes what has been reported. After a job's end was taken all of its reports are
   * there, since it reports before it ends.
   *
   * @returns Whether there may be something to be told.
   */
  take(): boolean {
    const { lane, slots, runners } = this.#parts;
    if (lane.reports.isEmpty) return this.#turns.length > 0;
    const wordsOf = (runner: number, end: number) => runners.source(runner)?.inbox.words(end);
    for (const { runner, block } of lane.reports.takeAll(wordsOf)) {
      const source = runners.source(runner)!;
      const reference = reportReference(source.inbox.words(block + REPORT_HEADER)!, block);
      const slot = slotOf(reference);
      const isOurs = slots.generation(slot) === generationOf(reference);
      const job = isOurs ? slots.specials[slot] : undefined;
      // Nobody asks for reports of a job without options, unless by nonsense.
      if (job?.reports === undefined) {
        source.giveBack(block);
      } else {
        job.untold++;
        job.reports.push({ source, block });
        this.#turns.push(job);
      }
    }
    return true;
  }

  /**
   * Tells what was taken. A callback may block and drain, and so come back here.
   *
   * @param deadline When to stop, on the clock of `base/clock.ts`.
   */
  tell(deadline: number): void {
    for (let job; (job = this.#turns.shift()) !== undefined;) {
      if (!this.#held.has(job)) this.#tellNext(job);
      if (now() > deadline) break;
    }
  }

  /**
   * Puts off the end of a job until all that it has reported is told.
   *
   * @param end What brings it to its end.
   * @returns Whether that was called for.
   */
  putOff(job: SpecialJob | undefined, end: () => void): boolean {
    if (job === undefined || job.untold === 0) return false;
    job.whenTold = end;
    return true;
  }

  /** Leaves untold what has been reported so far: nobody waits any more. */
  drop(): void {
    this.take();
    for (const job of new Set([...this.#held.keys(), ...this.#turns.takeAll()])) this.dropOf(job);
  }

  /** Leaves untold what a job has reported, and so lets its slot go: it was given up. */
  dropOf(job: SpecialJob): void {
    this.#letGo(job);
    for (const report of job.reports!.takeAll()) this.#dispose(job, report);
  }

  /** A thread that blocks imports nothing: the jobs fail whose reports wait for it. */
  failImports(error: unknown): void {
    for (const job of this.#held.keys()) this.#failHeld(job, error);
  }

  /** Tells the first report of a job, if it has any left. */
  #tellNext(job: SpecialJob): void {
    const report = job.reports!.shift();
    if (report === undefined) return;
    const { source, block } = report;
    if (job.isSettled || job.failure !== undefined) return this.#dispose(job, report);
    let value: unknown;
    try {
      value = source.inbox.report(block);
    } catch (error) {
      if (error instanceof MissingModuleError) {
        job.reports!.putBack(report);
        return void this.#importFor(job, error.module);
      }
      this.#fail(job, error);
      return this.#dispose(job, report);
    }
    // Before the callback, which may block for what finds no room without it.
    source.giveBack(block);
    try {
      job.onProgress!(value);
    } catch (error) {
      this.#fail(job, error);
    }
    this.#told(job);
  }

  /** A report has an instance of a class whose module this thread has not imported. */
  async #importFor(job: SpecialJob, module: string): Promise<void> {
    const { modules, runtime, goOn } = this.#parts;
    const letGo = runtime.keepAlive();
    this.#held.set(job, letGo);
    const failure = await modules.load(module).then(() => undefined, (error) => ({ error }));
    // It was given up meanwhile, or this thread has blocked.
    if (this.#held.get(job) !== letGo) return;
    this.#letGo(job);
    if (failure !== undefined) {
      this.#failHeld(job, failure.error);
    } else {
      // One of them may need yet another module.
      while (job.reports!.length > 0 && !this.#held.has(job)) this.#tellNext(job);
    }
    goOn();
  }

  /** The reports of a job are held no more. */
  #letGo(job: SpecialJob): void {
    this.#held.get(job)?.();
    this.#held.delete(job);
  }

  #failHeld(job: SpecialJob, error: unknown): void {
    this.#fail(job, error);
    this.dropOf(job);
  }

  /** A job that has settled meanwhile, by its callback's own doing, keeps its outcome. */
  #fail(job: SpecialJob, error: unknown): void {
    job.failure = { error };
    this.#parts.giveUp(job, error);
  }

  /** Is done with a report that is not told. */
  #dispose(job: SpecialJob, { source, block }: Report): void {
    source.giveBack(block);
    this.#told(job);
  }

  #told(job: SpecialJob): void {
    if (--job.untold > 0) return;
    const end = job.whenTold;
    job.whenTold = undefined;
    end?.();
  }
}
