/**
 * Runs claimed jobs: finds the function, decodes the arguments, calls, and sends
 * the result on, at once or when its promise settles.
 *
 * @module
 */
import { Deferred } from "../base/deferred.ts";
import { isThenable } from "../base/thenable.ts";
import { MissingModuleError } from "../codec/mod.ts";
import { CURRENT, JOBS_AWAITING, JOBS_DONE } from "../memory/layout.ts";
import { compileClosure } from "../task/closure.ts";
import type { FunctionRecords } from "../task/function_table.ts";
import type { Inbox } from "../task/inbox.ts";
import type { Modules } from "../task/modules.ts";
import { BORROW } from "../task/payload_kind.ts";
import type { Lane } from "../transport/lane.ts";
import { ARGUMENTS_KIND, FUNCTION, SLOT_WORDS, slotOf } from "../transport/slot.ts";
import type { Completions } from "./completions.ts";

type AnyFunction = (...args: unknown[]) => unknown;

/** What runs the jobs of one worker. */
export class Executor {
  readonly #lane: Lane;
  readonly #inbox: Inbox;
  readonly #completions: Completions;
  readonly #records: FunctionRecords;
  readonly #modules: Modules;
  readonly #counters: Int32Array;
  /** Task functions by number, as far as this worker has met them. */
  readonly #functions: (AnyFunction | undefined)[] = [];
  /** Jobs that have begun and await something. */
  readonly #awaiting = new Set<number>();
  /** Of these, jobs that wait for the import of their own module. */
  #importing = 0;
  #nextChange: Deferred<void> | undefined;

  /**
   * @param lane The host's lane.
   * @param inbox Where arguments come from.
   * @param completions Where results go.
   * @param records The table of task functions.
   * @param modules This thread's modules.
   * @param counters This runner's counters.
   */
  constructor(
    lane: Lane,
    inbox: Inbox,
    completions: Completions,
    records: FunctionRecords,
    modules: Modules,
    counters: Int32Array,
  ) {
    this.#lane = lane;
    this.#inbox = inbox;
    this.#completions = completions;
    this.#records = records;
    this.#modules = modules;
    this.#counters = counters;
  }

  /**
   * Runs a job that this worker has claimed, once what it needs is imported.
   *
   * @param reference Its slot and generation.
   */
  run(reference: number): void {
    const slot = slotOf(reference);
    const number = this.#lane.words[slot * SLOT_WORDS + FUNCTION]!;
    const fn = this.#functions[number];
    if (fn === undefined) return this.#runAfter(this.#loadFunction(number), reference);
    let args: unknown[];
    try {
      args = this.#inbox.arguments(slot);
    } catch (error) {
      if (error instanceof MissingModuleError) {
        return this.#runAfter(this.#modules.load(error.module), reference);
      }
      return this.#end(reference, true, error);
    }
    this.#call(reference, fn, args);
  }

  #call(reference: number, fn: AnyFunction, args: unknown[]): void {
    let value: unknown;
    let awaited = false;
    this.#counters[CURRENT] = slotOf(reference) + 1;
    try {
      value = call(fn, args);
      awaited = isThenable(value);
    } catch (error) {
      this.#counters[CURRENT] = 0;
      return this.#end(reference, true, error);
    }
    this.#counters[CURRENT] = 0;
    if (awaited) this.#await(reference, value as PromiseLike<unknown>);
    else this.#end(reference, false, value);
  }

  /** How many jobs have begun and await something. */
  get awaiting(): number {
    return this.#awaiting.size;
  }

  /** Whether a job waits for the import of its module, and does not run yet. */
  get importing(): boolean {
    return this.#importing > 0;
  }

  /** Whether anybody still waits for a job that has begun. */
  get anyWanted(): boolean {
    for (const reference of this.#awaiting) if (this.#completions.isWanted(reference)) return true;
    return false;
  }

  #await(reference: number, value: PromiseLike<unknown>): void {
    this.#begin(reference);
    Promise.resolve(value).then(
      (result) => this.#endAwaited(reference, false, result),
      (error) => this.#endAwaited(reference, true, error),
    );
  }

  #begin(reference: number): void {
    this.#awaiting.add(reference);
    this.#counters[JOBS_AWAITING] = this.#awaiting.size;
  }

  /**
   * Hands back the slots of jobs that go on unheard: they may never end, and neither
   * the slots nor this worker's places for jobs may run out by that. Not where
   * arguments are borrowed: their memory is in use for as long as the job runs.
   */
  letGoOfUnwanted(): void {
    for (const reference of this.#awaiting) {
      if (this.#completions.isWanted(reference) || this.#borrows(reference)) continue;
      this.#awaiting.delete(reference);
      this.#completions.retire(reference);
    }
    this.#counters[JOBS_AWAITING] = this.#awaiting.size;
  }

  #borrows(reference: number): boolean {
    const kind = this.#lane.words[slotOf(reference) * SLOT_WORDS + ARGUMENTS_KIND]!;
    return (kind & BORROW) !== 0;
  }

  #endAwaited(reference: number, failed: boolean, outcome: unknown): void {
    // Else it was let go: the slot is another job's by now.
    if (!this.#awaiting.delete(reference)) return;
    this.#counters[JOBS_AWAITING] = this.#awaiting.size;
    this.#end(reference, failed, outcome);
    this.#changed();
  }

  /** @returns A promise of the next change among the jobs that await: an end, or an import's end. */
  nextChange(): Promise<void> {
    return (this.#nextChange ??= new Deferred()).promise;
  }

  #changed(): void {
    this.#nextChange?.resolve();
    this.#nextChange = undefined;
  }

  #end(reference: number, failed: boolean, outcome: unknown): void {
    this.#counters[JOBS_DONE]!++;
    if (failed) this.#completions.fail(reference, outcome);
    else this.#completions.succeed(reference, outcome);
  }

  /**
   * Waits for an import, then runs the job. The worker claims nothing meanwhile:
   * another one that is free would do it sooner. And whoever gives the job up has
   * the worker replaced, as for synchronous code, since an import cannot be stopped.
   */
  #runAfter(importing: Promise<void>, reference: number): void {
    this.#begin(reference);
    this.#importing++;
    this.#counters[CURRENT] = slotOf(reference) + 1;
    const finish = (run: () => void) => {
      this.#awaiting.delete(reference);
      this.#counters[JOBS_AWAITING] = this.#awaiting.size;
      this.#importing--;
      this.#counters[CURRENT] = 0;
      run();
      // Only now may the worker claim on: jobs begin in the order in which they were claimed.
      this.#changed();
    };
    // The slot of a job that is not wanted any more may have been let go.
    const ifWanted = (then: () => void) => () => {
      if (this.#completions.isWanted(reference)) then();
      else this.#completions.retire(reference);
    };
    importing.then(
      () => finish(ifWanted(() => this.run(reference))),
      (error) => finish(ifWanted(() => this.#end(reference, true, error))),
    );
  }

  async #loadFunction(number: number): Promise<void> {
    const record = this.#records.at(number);
    if ("module" in record) {
      const fn = await this.#modules.loadFunction(record.module, record.name);
      this.#functions[number] = fn as AnyFunction;
      return;
    }
    this.#functions[number] = compileClosure(record.source, record.names);
  }
}

function call(fn: AnyFunction, args: unknown[]): unknown {
  switch (args.length) {
    case 0:
      return fn();
    case 1:
      return fn(args[0]);
    case 2:
      return fn(args[0], args[1]);
    default:
      return fn(...args);
  }
}
