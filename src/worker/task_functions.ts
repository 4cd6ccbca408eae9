/**
 * A worker's task functions, found by what a lane says of them.
 *
 * @module
 */
import { BLOCKED } from "../memory/layout.ts";
import { compileClosure } from "../task/closure.ts";
import type { ExportRecord } from "../task/function_table.ts";
import type { Modules } from "../task/modules.ts";
import { registeredAs } from "../task/registry.ts";
import type { ServedLane, TaskFunction } from "./served_lane.ts";

/** Finds them. */
export class TaskFunctions {
  readonly #modules: Modules;
  readonly #counters: Int32Array;
  readonly #runner: number;

  /**
   * @param modules This thread's modules.
   * @param counters This runner's counters.
   * @param runner Its number.
   */
  constructor(modules: Modules, counters: Int32Array, runner: number) {
    this.#modules = modules;
    this.#counters = counters;
    this.#runner = runner;
  }

  /** Whether this thread is blocked in the middle of a job, and can import nothing. */
  get isBlocked(): boolean {
    return this.#counters[BLOCKED] !== 0;
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
    const atOnce = served.owner.runner === this.#runner || this.isBlocked;
    const fn = this.#modules.find(module, name) ??
      (atOnce ? registeredAs(module, name) : undefined);
    return fn as TaskFunction | undefined;
  }

  /** @returns A task function of a lane, once its module is imported. */
  async load(served: ServedLane, number: number): Promise<TaskFunction> {
    const { module, name } = served.records.at(number) as ExportRecord;
    return await this.#modules.loadFunction(module, name) as TaskFunction;
  }
}
