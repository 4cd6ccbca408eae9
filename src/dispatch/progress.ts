/**
 * What running jobs report, at its owner's: each value is told to the call's
 * `onProgress`, in order, and before the job settles.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { MissingModuleError } from "../codec/mod.ts";
import type { Runtime } from "../runtime/adapter.ts";
import type { Modules } from "../task/modules.ts";
import type { Lane } from "../transport/lane.ts";
import { REPORT_HEADER, reportReference } from "../transport/reports.ts";
import { generationOf, slotOf } from "../transport/slot.ts";
import type { ResultSource, Runners } from "./runners.ts";
import type { SlotBook } from "./slot_book.ts";
import type { SpecialJob } from "./special_job.ts";

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

/** A report that was taken off the stack. */
interface Report {
  readonly job: SpecialJob;
  readonly source: ResultSource;
  readonly block: number;
}

/** Reports of a job that wait for the import of a module. */
interface Held {
  readonly reports: Report[];
  /** Lets the process end before it comes. */
  readonly letGo: () => void;
}

/**
 * Tells what the jobs of one lane report. A job's end may come while reports of it are
 * still to be told, since callbacks may be slow: it waits for them, and for no others.
 */
export class Progress {
  readonly #parts: ProgressParts;
  /** Reports that were taken; those from `#next` on are to be told. */
  #taken: Report[] = [];
  #next = 0;
  /** Reports that wait for the import of a module. */
  readonly #held = new Map<SpecialJob, Held>();

  /** @param parts What it works with. */
  constructor(parts: ProgressParts) {
    this.#parts = parts;
  }

  /** Whether there are reports to be told. */
  get any(): boolean {
    return this.#next < this.#taken.length || !this.#parts.lane.reports.isEmpty;
  }

  /**
   * Takes what has been reported. After a job's end was taken all of its reports are
   * there, since it reports before it ends.
   *
   * @returns Whether there may be something to be told.
   */
  take(): boolean {
    const { lane, slots, runners } = this.#parts;
    if (lane.reports.isEmpty) return this.#next < this.#taken.length;
    const wordsOf = (runner: number, end: number) => runners.source(runner)?.inbox.words(end);
    for (const { runner, block } of lane.reports.takeAll(wordsOf)) {
      const source = runners.source(runner)!;
      const reference = reportReference(source.inbox.words(block + REPORT_HEADER)!, block);
      const slot = slotOf(reference);
      const isOurs = slots.generation(slot) === generationOf(reference);
      const job = isOurs ? slots.specials[slot] : undefined;
      // Nobody asks for reports of a job without options, unless by nonsense.
      if (job?.onProgress === undefined) {
        source.giveBack(block);
      } else {
        job.untold++;
        this.#taken.push({ job, source, block });
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
    while (this.#next < this.#taken.length) {
      this.#tell(this.#taken[this.#next++]!);
      if (now() > deadline) break;
    }
    if (this.#next < this.#taken.length) return;
    this.#taken = [];
    this.#next = 0;
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
    const reports = this.#taken.slice(this.#next);
    for (const job of [...this.#held.keys()]) reports.push(...this.#letGo(job));
    this.#taken = [];
    this.#next = 0;
    for (const report of reports) this.#dispose(report);
  }

  /** Leaves untold what a job has reported, and so lets its slot go: it was given up. */
  dropOf(job: SpecialJob): void {
    const untold = this.#taken.slice(this.#next);
    this.#taken = untold.filter((report) => report.job !== job);
    this.#next = 0;
    const held = this.#letGo(job);
    for (const report of untold) if (report.job === job) this.#dispose(report);
    for (const report of held) this.#dispose(report);
  }

  /** A thread that blocks imports nothing: the jobs fail whose reports wait for it. */
  failImports(error: unknown): void {
    for (const job of this.#held.keys()) this.#failHeld(job, error);
  }

  #tell(report: Report): void {
    const { job, source, block } = report;
    if (job.isSettled || job.failure !== undefined) return this.#dispose(report);
    const held = this.#held.get(job);
    if (held !== undefined) return void held.reports.push(report);
    let value: unknown;
    try {
      value = source.inbox.report(block);
    } catch (error) {
      if (error instanceof MissingModuleError) return void this.#importFor(report, error.module);
      this.#fail(job, error);
      return this.#dispose(report);
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
  async #importFor(report: Report, module: string): Promise<void> {
    const { modules, runtime, goOn } = this.#parts;
    const { job } = report;
    const held: Held = { reports: [report], letGo: runtime.keepAlive() };
    this.#held.set(job, held);
    const failure = await modules.load(module).then(() => undefined, (error) => ({ error }));
    // It was given up meanwhile, or this thread has blocked.
    if (this.#held.get(job) !== held) return;
    if (failure !== undefined) {
      this.#failHeld(job, failure.error);
    } else {
      // One of them may need yet another module.
      for (const one of this.#letGo(job)) this.#tell(one);
    }
    goOn();
  }

  /** @returns The reports of a job that were held, and are no more. */
  #letGo(job: SpecialJob): Report[] {
    const held = this.#held.get(job);
    if (held === undefined) return [];
    this.#held.delete(job);
    held.letGo();
    return held.reports;
  }

  #failHeld(job: SpecialJob, error: unknown): void {
    const reports = this.#letGo(job);
    this.#fail(job, error);
    for (const report of reports) this.#dispose(report);
  }

  /** A job that has settled meanwhile, by its callback's own doing, keeps its outcome. */
  #fail(job: SpecialJob, error: unknown): void {
    job.failure = { error };
    this.#parts.giveUp(job, error);
  }

  /** Is done with a report that is not told. */
  #dispose({ job, source, block }: Report): void {
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
