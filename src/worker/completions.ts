/**
 * A worker's results: written to their slots, then handed back to the lane's owner.
 * Model: `tests/model/job.pml`, steps complete, retire and push.
 *
 * @module
 */
import { MulticoreError } from "../base/errors.ts";
import { ENCODE_ANEW, type Format, type HandleNumbers } from "../codec/mod.ts";
import type { Arena } from "../memory/arena.ts";
import { UNIT } from "../memory/returns.ts";
import { BYTES_ALONE, NOTHING_BESIDE, type Outbox } from "../task/outbox.ts";
import { Parcel } from "../task/parcel.ts";
import {
  BLOCK,
  FAILED,
  FALSE,
  FORMAT_SHIFT,
  FORMATS,
  HANDED_BACK,
  INLINE,
  kindOfNumbers,
  NULL,
  TRUE,
  UNDEFINED,
} from "../task/payload_kind.ts";
import { inlineOf } from "../transport/lane.ts";
import { REPORT_HEADER } from "../transport/reports.ts";
import {
  ABANDONED,
  ARGUMENTS_KIND,
  DONE,
  INLINE_BYTES,
  RESULT_BLOCK,
  RESULT_KIND,
  RESULT_LENGTH,
  RETIRED,
  RUNNING,
  SLOT_WORDS,
  slotOf,
  stateIn,
} from "../transport/slot.ts";
import { ResultDesk } from "./desks.ts";
import type { ServedLane } from "./served_lane.ts";
import type { WorkerHandles } from "./worker_handles.ts";

/** Makes what encodes. @param beside What may travel beside the bytes. */
type OutboxMaker = (beside: HandleNumbers) => Outbox;

/** A result that waits in private memory until the arena has room for it. */
interface Held {
  readonly served: ServedLane;
  readonly reference: number;
  readonly kind: number;
  readonly bytes: Uint8Array;
}

const ONE_NUMBER = kindOfNumbers(1);

/** Where the owners are known that have died. */
interface Graves {
  /** Whether another one has, since `reclaim` last looked. */
  readonly anyDeath: boolean;
  /** Takes back blocks that were sent to them. */
  reclaim(): void;
}

/** What results are sent with. */
export interface CompletionsParts {
  /** This worker's arena for results. */
  readonly arena: Arena;
  /** Makes what encodes results and reports into it. */
  readonly makeOutbox: OutboxMaker;
  /** This worker's runner number. */
  readonly runner: number;
  /** What travels beside results. */
  readonly handles: WorkerHandles;
  /** What to take back where there is no room. */
  readonly graves: Graves;
  /** Bytes from which on buffers in results are moved to the host. */
  readonly movesFrom: number;
}

/** The way of results from one worker to the owners of the jobs. */
export class Completions {
  readonly #arena: Arena;
  readonly #makeOutbox: OutboxMaker;
  readonly #reports: Outbox;
  readonly #outbox: Outbox;
  readonly #runner: number;
  readonly #handles: WorkerHandles;
  readonly #graves: Graves;
  readonly #movesFrom: number;
  readonly #held: Held[] = [];
  /** Whether results wait for room. */
  holding = false;
  /** Whether an owner was woken, since the loop last asked. */
  wokeOwner = false;
  /**
   * Whether this worker has ended: it has said that it touches no shared memory any more, and
   * nothing comes of what its code still does, which in Deno runs on for a moment.
   */
  isOver = false;

  /** @param parts What it works with. */
  constructor(parts: CompletionsParts) {
    this.#arena = parts.arena;
    this.#makeOutbox = parts.makeOutbox;
    this.#outbox = parts.makeOutbox(BYTES_ALONE);
    this.#reports = parts.makeOutbox(NOTHING_BESIDE);
    this.#runner = parts.runner;
    this.#handles = parts.handles;
    this.#graves = parts.graves;
    this.#movesFrom = parts.movesFrom;
  }

  /** Whether there may be more room than at the last look, by others, by this very worker, or by a death. */
  get roomCame(): boolean {
    return this.#arena.freed || this.#arena.returns.any || this.#graves.anyDeath;
  }

  /** Whether a job that this worker has claimed is still waited for. */
  isWanted({ lane, owner }: ServedLane, reference: number): boolean {
    const running = stateIn(reference, this.#runner, RUNNING);
    return !this.isOver && lane.state(slotOf(reference)) === running && !owner.isGone;
  }

  /** Gives back a job that was not called; its owner runs it itself. */
  handBack(served: ServedLane, reference: number): void {
    served.lane.words[slotOf(reference) * SLOT_WORDS + RESULT_KIND] = HANDED_BACK;
    this.#complete(served, reference, -1);
  }

  /**
   * Sends what a running job reports.
   *
   * @throws {NotSerializableError} Where it cannot be sent.
   * @throws {MulticoreError} Where there is no room for it.
   */
  report({ lane, owner }: ServedLane, reference: number, value: unknown): void {
    const { busy } = this.#reports;
    const outbox = (busy ? this.#makeOutbox(NOTHING_BESIDE) : this.#reports).toScratch();
    outbox.value("structured", value, "report");
    const bytes = outbox.bytes!;
    const block = this.#take(REPORT_HEADER + bytes.length);
    if (block < 0) {
      throw new MulticoreError(
        `Cannot report ${bytes.length} bytes: memory is full of results that nobody has read yet`,
      );
    }
    const { views } = this.#arena;
    views.bytes.set(bytes, block + REPORT_HEADER);
    // The value's getters may have run until its owner had died.
    if (owner.isReclaimed) return this.#arena.give(block);
    lane.reports.push(this.#runner, views.words, block, reference, bytes.length);
    if (owner.isMortal) this.#arena.lend(block, owner);
    if (owner.wake()) this.wokeOwner = true;
  }

  /** Gives back the slot of a job that was given up. */
  retire(served: ServedLane, reference: number): void {
    this.#complete(served, reference, -1);
  }

  /** Brings a claimed job to its end with what its function returned. */
  succeed(served: ServedLane, reference: number, value: unknown): void {
    const slot = slotOf(reference);
    const base = slot * SLOT_WORDS;
    const { lane } = served;
    const words = lane.words;
    const format = words[base + ARGUMENTS_KIND]! >>> FORMAT_SHIFT;
    if (format === 0) {
      if (typeof value === "number") {
        lane.numbers[inlineOf(slot) >>> 3] = value;
        words[base + RESULT_KIND] = ONE_NUMBER;
        return this.#complete(served, reference, -1);
      }
      if (value === undefined || value === null || typeof value === "boolean") {
        words[base + RESULT_KIND] = value === undefined
          ? UNDEFINED
          : value === null
          ? NULL
          : value
          ? TRUE
          : FALSE;
        return this.#complete(served, reference, -1);
      }
    }
    if (!this.isWanted(served, reference)) return this.retire(served, reference);
    const outbox = this.#freeOutbox().toSlot(lane, slot);
    try {
      outbox.value(FORMATS[format] as Format, value);
    } catch (error) {
      if (error === ENCODE_ANEW) return this.#succeedWith(served, reference, value);
      return this.fail(served, reference, error);
    }
    this.#deliver(served, reference, 0, outbox);
  }

  /** The same, of a result that names something that must travel beside its bytes. */
  #succeedWith(served: ServedLane, reference: number, value: unknown): void {
    // Nothing is moved to where nobody waits for it.
    if (!this.isWanted(served, reference)) return this.#complete(served, reference, -1);
    const { lane, owner } = served;
    const desk = new ResultDesk(this.#handles, this.#movesFrom, owner.life, reference);
    const parcel = new Parcel(desk);
    const outbox = this.#freeOutbox();
    try {
      outbox.encodeWith(parcel, () => {
        outbox.toSlot(lane, slotOf(reference)).value("structured", value);
      });
      parcel.commit();
    } catch (error) {
      outbox.discard();
      return this.fail(served, reference, error);
    }
    this.#deliver(served, reference, 0, outbox);
  }

  /** Brings a claimed job to its end with what its function threw. */
  fail(served: ServedLane, reference: number, thrown: unknown): void {
    // Not even to look at it: a stack may take long to make, and the worker be replaced meanwhile.
    if (!this.isWanted(served, reference)) return this.retire(served, reference);
    const slot = slotOf(reference);
    const outbox = this.#freeOutbox();
    try {
      outbox.toSlot(served.lane, slot).error(thrown);
    } catch (tooLarge) {
      outbox.toSlot(served.lane, slot).error(tooLarge);
    }
    this.#deliver(served, reference, FAILED, outbox);
  }

  /** Sends on what waits for room, as far as there is room now. */
  flush(): void {
    if (!this.holding) return;
    while (this.#held.length > 0) {
      const { served, reference, kind, bytes } = this.#held[0]!;
      if (!this.isWanted(served, reference)) {
        this.#held.shift();
        this.retire(served, reference);
        continue;
      }
      const block = this.#take(bytes.length);
      if (block < 0) {
        this.#arena.freed = false;
        return;
      }
      this.#arena.views.bytes.set(bytes, block);
      this.#held.shift();
      this.#describe(served, slotOf(reference), BLOCK | kind, block, bytes.length);
      this.#complete(served, reference, block);
    }
    this.holding = false;
    this.#arena.returns.wanted = false;
  }

  /** Takes a block; where there is none, also one that was sent to an owner that has died. */
  #take(size: number): number {
    const block = this.#arena.take(size);
    if (block >= 0 || !this.#graves.anyDeath) return block;
    this.#graves.reclaim();
    return this.#arena.take(size);
  }

  /** A getter in a result may report, or run jobs on this very thread: they get their own. */
  #freeOutbox(): Outbox {
    return this.#outbox.busy ? this.#makeOutbox(BYTES_ALONE) : this.#outbox;
  }

  #deliver(served: ServedLane, reference: number, kind: number, outbox: Outbox): void {
    const { block, bytes, length } = outbox;
    const slot = slotOf(reference);
    if (bytes === undefined) {
      this.#describe(served, slot, kind | (block < 0 ? INLINE : BLOCK), block, length);
      return this.#complete(served, reference, block);
    }
    if (length <= INLINE_BYTES) {
      served.lane.bytes.set(bytes, inlineOf(slot));
      this.#describe(served, slot, kind | INLINE, -1, length);
      return this.#complete(served, reference, -1);
    }
    this.#held.push({ served, reference, kind, bytes: bytes.slice() });
    this.holding = true;
    this.#arena.returns.wanted = true;
    // Blocks may have come back before anybody could see that they are wanted.
    this.flush();
  }

  #describe(
    { lane: { words } }: ServedLane,
    slot: number,
    kind: number,
    block: number,
    length: number,
  ): void {
    const base = slot * SLOT_WORDS;
    words[base + RESULT_KIND] = kind;
    words[base + RESULT_BLOCK] = block < 0 ? -1 : block / UNIT;
    words[base + RESULT_LENGTH] = length;
  }

  /**
   * RUNNING to DONE; where the owner has abandoned the job, ABANDONED to RETIRED. It
   * may even have released the slot, if it was told that this worker had ended while
   * some of its code still ran: then there is nothing to say any more. Nor is there where
   * the owner has died meanwhile, and this worker has seen to what it had sent there.
   */
  #complete({ lane, owner }: ServedLane, reference: number, block: number): void {
    if (this.isOver) return;
    if (block >= 0 && owner.isReclaimed) return this.#arena.give(block);
    const slot = slotOf(reference);
    const runner = this.#runner;
    const running = stateIn(reference, runner, RUNNING);
    if (lane.changeState(slot, running, stateIn(reference, runner, DONE))) {
      if (block >= 0 && owner.isMortal) this.#arena.lend(block, owner);
    } else {
      if (block >= 0) this.#arena.give(block);
      const abandoned = stateIn(reference, runner, ABANDONED);
      const retired = stateIn(reference, runner, RETIRED);
      if (!lane.changeState(slot, abandoned, retired)) return;
    }
    lane.completed.push(slot);
    if (owner.wake()) this.wokeOwner = true;
  }
}
