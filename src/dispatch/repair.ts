/**
 * Puts in order what a worker that has ended leaves behind. Which slots it may
 * have left in which state, and what is right for each, is the table "Death
 * between any two steps" of `transport/README.md`.
 * Model: `tests/model/job.pml`, its owner told of a death.
 *
 * @module
 */
import { messageFrom, WorkerCrashedError } from "../base/errors.ts";
import type { FunctionNumbers } from "../task/function_table.ts";
import { formOf, NUMBERS, numbersOf } from "../task/payload_kind.ts";
import type { Lane } from "../transport/lane.ts";
import {
  ARGUMENTS_KIND,
  ARGUMENTS_LENGTH,
  DONE,
  FUNCTION,
  phaseOf,
  READY,
  runnerOf,
  SLOT_WORDS,
} from "../transport/slot.ts";
import type { Settler } from "./engine.ts";
import type { Results } from "./results.ts";
import type { Rings } from "./rings.ts";
import type { Settlement } from "./settlement.ts";
import type { SlotBook } from "./slot_book.ts";
import type { SpecialJob } from "./special_job.ts";
import type { SpecialJobs } from "./special_jobs.ts";

/** What repair works with. */
export interface RepairParts {
  readonly lane: Lane;
  readonly slots: SlotBook;
  readonly functions: FunctionNumbers;
  readonly rings: Pick<Rings, "requeue">;
  readonly results: Pick<Results, "comeBack" | "putOff">;
  readonly specials: Pick<SpecialJobs, "beginAnew">;
  readonly settlement: Pick<Settlement, "tell">;
}

/** Repairs the slots of one lane. */
export class Repair {
  readonly #parts: RepairParts;

  /** @param parts What it works with. */
  constructor(parts: RepairParts) {
    this.#parts = parts;
  }

  /**
   * A runner is gone: its own jobs fail or are begun anew, what it had done is
   * settled, what it had taken from a ring and not claimed is put on the ring
   * again. The completion stack must have been emptied since the runner has
   * ended, so that a slot of its own that is DONE now is on no stack.
   *
   * @param runner Its number.
   * @param reason Why it has ended.
   * @returns Whether it was in the middle of a job.
   */
  putInOrder(runner: number, reason: unknown): boolean {
    const { lane, slots, rings } = this.#parts;
    let midway = false;
    for (let slot = 0; slot < slots.size; slot++) {
      const state = lane.state(slot);
      const phase = phaseOf(state);
      if (phase === READY) rings.requeue(slot);
      if (phase === READY || runnerOf(state) !== runner || !slots.isInUse(slot)) continue;
      midway ||= phase !== DONE;
      this.#repairSlot(slot, phase, reason);
    }
    return midway;
  }

  /** A slot of the runner that is gone: DONE, RUNNING, ABANDONED or RETIRED. */
  #repairSlot(slot: number, phase: number, reason: unknown): void {
    const { slots, results } = this.#parts;
    if (phase === DONE) return results.comeBack(slot);
    const settler = slots.settlers[slot];
    const special = slots.specials[slot];
    // RUNNING, if anybody waits for it.
    if (settler === undefined) return slots.release(slot);
    const error = this.#crashError(slot, reason);
    const end = () => this.#endMidway(slot, settler, special, error);
    if (!results.putOff(slot, end)) end();
  }

  /** A job whose runner is gone: another attempt, or its failure. */
  #endMidway(
    slot: number,
    settler: Settler,
    special: SpecialJob | undefined,
    error: unknown,
  ): void {
    const { slots, specials, settlement } = this.#parts;
    // It was given up while its reports were told, and whoever did that tells.
    if (slots.settlers[slot] === undefined) return slots.release(slot);
    slots.unsettle(slot);
    slots.release(slot);
    const failure = special?.failure;
    if (failure === undefined && special !== undefined && specials.beginAnew(special)) return;
    const outcome = failure === undefined ? error : failure.error;
    settlement.tell(settler, slots.indexes[slot]!, special, true, outcome);
  }

  /** Says what the job was, as far as its slot still tells. */
  #crashError(slot: number, reason: unknown): WorkerCrashedError {
    const { lane: { words }, functions } = this.#parts;
    const base = slot * SLOT_WORDS;
    const name = functions.nameOf(words[base + FUNCTION]!);
    const kind = words[base + ARGUMENTS_KIND]!;
    const length = formOf(kind) === NUMBERS
      ? 8 * numbersOf(kind)
      : words[base + ARGUMENTS_LENGTH]! >>> 0;
    return new WorkerCrashedError(
      `Cannot finish ${name} (arguments of ${length} bytes): its worker has ended: ${
        messageFrom(reason)
      }`,
      { cause: reason },
    );
  }
}
