/**
 * Jobs that come back: takes them from the completion stack, decodes their
 * results, settles them and frees their slots. The steps "take all", "settle" and
 * "release" of `transport/README.md`, on their owner's thread.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { MulticoreError } from "../base/errors.ts";
import { MissingHandleError, MissingModuleError } from "../codec/mod.ts";
import { HOST } from "../memory/layout.ts";
import { UNIT } from "../memory/returns.ts";
import type { Runtime } from "../runtime/adapter.ts";
import type { Modules } from "../task/modules.ts";
import { BLOCK, FAILED, formOf, HANDED_BACK } from "../task/payload_kind.ts";
import type { Lane } from "../transport/lane.ts";
import {
  ABANDONED,
  DONE,
  NOBODY,
  phaseOf,
  READY,
  RESULT_BLOCK,
  RESULT_KIND,
  RETIRED,
  runnerOf,
  RUNNING,
  SLOT_WORDS,
  stateOf,
} from "../transport/slot.ts";
import type { OwnerHandles } from "./handles.ts";
import type { Progress } from "./progress.ts";
import type { ResultSource, Runners } from "./runners.ts";
import type { Settlement } from "./settlement.ts";
import type { SlotBook } from "./slot_book.ts";

/** Longest time in milliseconds that completions are settled for without a pause. */
const DRAIN = 1;

/** What results are brought home with. */
export interface ResultsParts {
  readonly lane: Lane;
  readonly slots: SlotBook;
  readonly settlement: Settlement;
  /** Tells what jobs report before they end. */
  readonly progress: Progress;
  /** Knows where a runner's results lie. */
  readonly runners: Pick<Runners, "source" | "serviceTime">;
  /** This thread's modules. */
  readonly modules: Modules;
  /** What came beside results. */
  readonly handles: OwnerHandles;
  readonly runtime: Pick<Runtime, "keepAlive">;
  /** Sends a job again that came back unbegun; without it none does. */
  readonly sendAgain: ((slot: number) => void) | undefined;
  /** Called after a slot has become free other than by `drain`. */
  readonly goOn: () => void;
}

/** A job that has come to its end, whose result needs what is not here yet. */
interface HeldUp {
  readonly source: ResultSource;
  /** Whether a module is being imported for it; else it waits for mail. */
  readonly isImport: boolean;
  /** Lets the process end before it comes. */
  readonly letGo: () => void;
}

/** The way home of one lane's jobs. */
export class Results {
  readonly #lane: Lane;
  readonly #slots: SlotBook;
  readonly #settlement: Settlement;
  readonly #progress: Progress;
  readonly #runners: ResultsParts["runners"];
  readonly #modules: Modules;
  readonly #handles: OwnerHandles;
  readonly #runtime: ResultsParts["runtime"];
  readonly #sendAgain: ResultsParts["sendAgain"];
  readonly #goOn: () => void;
  /** Slots that came back; those from `#takenNext` on are not settled yet. */
  readonly #taken: Int32Array;
  #takenCount = 0;
  #takenNext = 0;
  /** By slot. */
  readonly #heldUp = new Map<number, HeldUp>();
  /** The runner that was heard from last, at first none. */
  #lastRunner = HOST;

  /** @param parts What it works with. */
  constructor(parts: ResultsParts) {
    this.#lane = parts.lane;
    this.#slots = parts.slots;
    this.#settlement = parts.settlement;
    this.#progress = parts.progress;
    this.#runners = parts.runners;
    this.#modules = parts.modules;
    this.#handles = parts.handles;
    this.#runtime = parts.runtime;
    this.#sendAgain = parts.sendAgain;
    this.#goOn = parts.goOn;
    this.#taken = new Int32Array(parts.slots.size);
  }

  /** What a job of the worker that was heard from last lately took, in milliseconds. */
  get serviceTime(): number {
    return this.#lastRunner === HOST ? 0 : this.#runners.serviceTime(this.#lastRunner);
  }

  /** Whether completions are to be settled, or reports to be told. */
  get any(): boolean {
    return this.#takenNext < this.#takenCount || !this.#lane.completed.isEmpty ||
      this.#progress.any || this.#handles.anyMail;
  }

  /** Settles what has come back, for a bounded moment. @returns Whether anything had. */
  drain(): boolean {
    const isSettled = this.#takenNext === this.#takenCount;
    const anyReport = isSettled ? this.#take() : this.#progress.any;
    // What results name was sent before their jobs came to their end.
    const anyMail = this.#handles.anyMail;
    if (anyMail) this.#handles.takeMail();
    if (anyReport) this.#progress.tell(now() + DRAIN);
    else if (this.#takenNext === this.#takenCount) return anyMail;
    const began = this.#takenCount > 1 ? now() : 0;
    while (this.#takenNext < this.#takenCount) {
      this.comeBack(this.#taken[this.#takenNext++]!);
      if (this.#takenNext % 32 === 0 && now() - began > DRAIN) break;
    }
    return true;
  }

  /** Settles all that has come back by now, but for jobs whose reports are still to be told. */
  drainAll(): void {
    do {
      while (this.#takenNext < this.#takenCount) this.comeBack(this.#taken[this.#takenNext++]!);
      this.#take();
    } while (this.#takenNext < this.#takenCount);
  }

  /** Leaves untold what jobs have reported, and settles those of them that have ended. */
  dropReports(): void {
    this.#progress.drop();
  }

  /**
   * Brings a job to its end once all that it has reported is told.
   *
   * @returns Whether that has to wait. Its slot is nobody's but this thread's then,
   * whatever becomes of its runner.
   */
  putOff(slot: number, end: () => void): boolean {
    if (!this.#progress.putOff(this.#slots.specials[slot], end)) return false;
    this.#keep(slot);
    return true;
  }

  /**
   * Takes what has come since; all completions that were taken before are settled.
   *
   * @returns Whether there may be reports to be told.
   */
  #take(): boolean {
    this.#takenNext = 0;
    this.#takenCount = this.#lane.completed.takeAll(this.#taken);
    return this.#progress.take();
  }

  /**
   * Settles the job in a slot that its runner has brought to its end, DONE or
   * RETIRED, and frees the slot. Nobody else can reach it any more. Where a worker has
   * written nonsense, the job fails, or else the slot is left as it is.
   */
  comeBack(slot: number): void {
    const state = this.#lane.finalState(slot);
    if (!this.#slots.isLive(slot, state)) return this.#astray(slot);
    if (phaseOf(state) !== DONE) return this.#retired(slot, state);
    const runner = runnerOf(state);
    const source = this.#runners.source(runner);
    if (source === undefined) return this.#refuse(slot, `the work of runner ${runner}`);
    this.#lastRunner = runner;
    if (this.#lane.words[slot * SLOT_WORDS + RESULT_KIND] === HANDED_BACK) {
      if (this.#sendAgain !== undefined) return this.#sendAgain(slot);
      return this.#refuse(slot, "handed back");
    }
    // Only calls with options get reports.
    const mayReport = this.#slots.specials[slot] !== undefined;
    if (mayReport && this.putOff(slot, () => this.#settleFrom(slot, source))) return;
    // While a module is imported the slot is kept as well.
    if (!this.#settleFrom(slot, source)) this.#keep(slot);
  }

  /** A slot that came back is not in the state's generation, which only this thread gives. */
  #astray(slot: number): void {
    // Else it came back twice, say: by nonsense, or by a worker that was taken for gone.
    if (this.#slots.isInUse(slot)) this.#refuse(slot, "of another time");
  }

  /** A slot that came back is not DONE. */
  #retired(slot: number, state: number): void {
    switch (phaseOf(state)) {
      case RETIRED:
        // As a rule nobody waits for it any more.
        if (this.#slots.settlers[slot] === undefined) return this.#slots.release(slot);
        return this.#refuse(slot, "given up, which it was not");
      case READY:
      case RUNNING:
      case ABANDONED:
        // Somebody may still come to it, as far as can be told.
        return;
      default:
        return this.#refuse(slot, `in phase ${phaseOf(state)}`);
    }
  }

  /** Fails a job of which a worker says what cannot be, and frees its slot. */
  #refuse(slot: number, what: string): void {
    this.#settle(
      slot,
      true,
      new MulticoreError(
        `Cannot read a result: its worker has written nonsense, that it is ${what}`,
      ),
    );
  }

  #keep(slot: number): void {
    this.#lane.setState(slot, stateOf(this.#slots.generation(slot), NOBODY, DONE));
  }

  /**
   * Decodes a result, settles the job, frees the slot.
   *
   * @returns Whether that could be done at once; a module may have to be imported first.
   */
  #settleFrom(slot: number, source: ResultSource): boolean {
    const kind = this.#lane.words[slot * SLOT_WORDS + RESULT_KIND]!;
    let failed = (kind & FAILED) !== 0;
    let outcome: unknown;
    try {
      outcome = source.inbox.result(slot);
    } catch (error) {
      const lateEnd = this.#slots.specials[slot]?.lateEnd;
      // Nobody waits for it: neither does this.
      const isWanted = this.#slots.settlers[slot] !== undefined && lateEnd === undefined;
      if (isWanted && error instanceof MissingModuleError) {
        this.#importFor(slot, source, error.module);
        return false;
      }
      const isExpected = isWanted && error instanceof MissingHandleError;
      if (isExpected && this.#awaitFor(slot, source, error)) return false;
      failed = true;
      outcome = lateEnd === undefined ? error : lateEnd.error;
    }
    this.#finishSlot(slot, source, failed, outcome);
    return true;
  }

  /** A result has an instance of a class whose module this thread has not imported. */
  #importFor(slot: number, source: ResultSource, module: string): void {
    const heldUp = { source, isImport: true, letGo: this.#runtime.keepAlive() };
    this.#heldUp.set(slot, heldUp);
    this.#modules.load(module).then(
      () => this.#hasCome(slot, heldUp, undefined),
      (error) => this.#hasCome(slot, heldUp, { error }),
    );
  }

  /** A result names something that has not come yet. @returns Whether it may still come. */
  #awaitFor(slot: number, source: ResultSource, { number }: MissingHandleError): boolean {
    const heldUp = { source, isImport: false, letGo: () => {} };
    const mayCome = this.#handles.await(number, (error) => {
      this.#hasCome(slot, heldUp, error === undefined ? undefined : { error });
    });
    if (mayCome) this.#heldUp.set(slot, heldUp);
    return mayCome;
  }

  /** What a result needs has come, or never will; unless the job was given up meanwhile. */
  #hasCome(slot: number, heldUp: HeldUp, failure: { readonly error: unknown } | undefined): void {
    if (this.#heldUp.get(slot) !== heldUp) return;
    this.#release(slot, heldUp);
    if (failure === undefined) this.#settleFrom(slot, heldUp.source);
    else this.#finishSlot(slot, heldUp.source, true, failure.error);
    this.#goOn();
  }

  /** Frees the slot of a job that waits for what its result needs; nobody waits for the job any more. */
  dropHeldUp(slot: number): boolean {
    const heldUp = this.#heldUp.get(slot);
    if (heldUp === undefined) return false;
    this.#release(slot, heldUp);
    this.#slots.unsettle(slot);
    this.#finishSlot(slot, heldUp.source, true, undefined);
    return true;
  }

  /** Fails the jobs that wait for what does not come while this thread blocks: nothing is imported. */
  failHeldUp(): void {
    this.#progress.failImports(cannotImport("a report"));
    for (const [slot, heldUp] of this.#heldUp) {
      if (!heldUp.isImport && this.#handles.isPrompt) continue;
      this.#release(slot, heldUp);
      const error = heldUp.isImport ? cannotImport("a result") : cannotHear();
      this.#finishSlot(slot, heldUp.source, true, error);
    }
  }

  #release(slot: number, { letGo }: HeldUp): void {
    this.#heldUp.delete(slot);
    letGo();
  }

  #finishSlot(slot: number, source: ResultSource, failed: boolean, outcome: unknown): void {
    const words = this.#lane.words;
    const base = slot * SLOT_WORDS;
    if (formOf(words[base + RESULT_KIND]!) === BLOCK) {
      source.giveBack((words[base + RESULT_BLOCK]! >>> 0) * UNIT);
    }
    this.#settle(slot, failed, outcome);
  }

  /** Frees the slot, then tells whoever waits, which may block for what finds no room without it. */
  #settle(slot: number, failed: boolean, outcome: unknown): void {
    const slots = this.#slots;
    const settler = slots.settlers[slot];
    const special = slots.specials[slot];
    const index = slots.indexes[slot]!;
    if (settler !== undefined) slots.unsettle(slot);
    slots.release(slot);
    if (settler === undefined) return;
    if (special?.failure !== undefined) {
      failed = true;
      outcome = special.failure.error;
    }
    this.#settlement.tell(settler, index, special, failed, outcome);
  }
}

function cannotHear(): MulticoreError {
  return new MulticoreError(
    "Cannot decode a result while this thread blocks: it names shared memory, or what was moved, " +
      "which comes by a message, and these workers' messages need the event loop; use await get()",
  );
}

function cannotImport(what: string): MulticoreError {
  return new MulticoreError(
    `Cannot decode ${what} while this thread blocks: it has an instance of a class whose ` +
      "module was not imported here; import it before, or use await get()",
  );
}
