/**
 * The way of jobs into slots and onto the rings: at once where a slot is free and
 * the arguments find room, by way of a backlog where not.
 *
 * @module
 */
import { NotSerializableError } from "../base/errors.ts";
import type { Format } from "../codec/mod.ts";
import type { Arena } from "../memory/arena.ts";
import { UNIT } from "../memory/returns.ts";
import { withCaptured } from "../task/closure.ts";
import type { FunctionNumbers } from "../task/function_table.ts";
import type { Outbox } from "../task/outbox.ts";
import {
  BLOCK,
  BORROW,
  FORMAT_SHIFT,
  formatNumber,
  INLINE,
  kindOfNumbers,
  MOST_NUMBERS,
  TRACED,
} from "../task/payload_kind.ts";
import { inlineOf, type Lane, NORMAL_RING } from "../transport/lane.ts";
import {
  ARGUMENTS_BLOCK,
  ARGUMENTS_KIND,
  ARGUMENTS_LENGTH,
  EXTRAS,
  FUNCTION,
  INLINE_BYTES,
  SLOT_WORDS,
} from "../transport/slot.ts";
import { Backlog } from "./backlog.ts";
import type { Settler } from "./engine.ts";
import type { Rings } from "./rings.ts";
import type { Segment } from "./segment.ts";
import type { SlotBook } from "./slot_book.ts";
import type { SlotlessJob } from "./slotless.ts";
import type { SpecialJob } from "./special_job.ts";
import { traceBy, TracedArguments, type TraceId } from "./trace_id.ts";

/** Every so many jobs that leave the backlogs one is taken from another, in turn. */
const AGEING = 16;

/** What a submitter works with. */
export interface SubmitterParts {
  /** The owner's lane. */
  readonly lane: Lane;
  /** The owner's arena, for arguments that do not fit into slots. */
  readonly arena: Arena;
  /** The owner's books of slots. */
  readonly slots: SlotBook;
  /** The owner's side of the rings. */
  readonly rings: Rings;
  /** Numbers for task functions. */
  readonly functions: FunctionNumbers;
  /** Makes what encodes arguments. */
  readonly makeOutbox: () => Outbox;
  /** Throws where the pool takes no more jobs. */
  readonly checkOpen: () => void;
  /** Gives what a submission is traced by. */
  readonly traceId: TraceId | undefined;
}

/** Puts jobs on their way. */
export class Submitter {
  readonly #lane: Lane;
  readonly #arena: Arena;
  readonly #slots: SlotBook;
  readonly #rings: Rings;
  readonly #functions: FunctionNumbers;
  readonly #makeOutbox: () => Outbox;
  readonly #outbox: Outbox;
  readonly #checkOpen: () => void;
  readonly #traceId: TraceId | undefined;
  readonly #backlogs: readonly Backlog[];
  /** For bare numbers on their way to a backlog, and the same as bytes by how many they are. */
  readonly #numbers = new Float64Array(MOST_NUMBERS);
  readonly #numberBytes = Array.from(
    { length: MOST_NUMBERS + 1 },
    (_, count) => new Uint8Array(this.#numbers.buffer, 0, 8 * count),
  );
  /** Jobs that were moved from backlogs into slots, and the backlog whose turn it was last. */
  #moves = 0;
  #turn = 0;
  /** Jobs that wait in backlogs. */
  waiting = 0;

  /** @param parts What it works with. */
  constructor(parts: SubmitterParts) {
    this.#lane = parts.lane;
    this.#arena = parts.arena;
    this.#slots = parts.slots;
    this.#rings = parts.rings;
    this.#functions = parts.functions;
    this.#makeOutbox = parts.makeOutbox;
    this.#outbox = parts.makeOutbox();
    this.#checkOpen = parts.checkOpen;
    this.#traceId = parts.traceId;
    this.#backlogs = parts.lane.rings.map(() => new Backlog());
  }

  /** Accepts a job without options, or throws and has changed nothing. */
  submit(fn: unknown, args: readonly unknown[], settler: Settler, index: number): void {
    const number = this.#functions.numberOf(fn);
    let given = this.#functions.captures(number) ? withCaptured(fn as object, args) : args;
    if (this.#traceId !== undefined) given = this.#withTrace(given, undefined);
    if (this.waiting === 0 && this.#slots.hasFree && this.#rings.hasRoom(NORMAL_RING)) {
      return this.#submitNow(number, given, settler, index, undefined);
    }
    this.#submitLater(number, given, settler, index, undefined);
    if (this.#slots.hasFree) this.refill();
  }

  /** Accepts a job with options, or throws and has changed nothing. */
  submitSpecial(job: SpecialJob, fn: unknown, args: readonly unknown[]): void {
    let given = this.#functions.captures(job.fn) ? withCaptured(fn as object, args) : args;
    if (this.#traceId !== undefined) given = this.#withTrace(given, job.options.format);
    // Of a job that may be begun anew the arguments are kept, in private memory.
    const now = this.waiting === 0 && job.attemptsLeft === 0 && this.#slots.hasFree &&
      this.#rings.hasRoom(job.ring);
    if (now) return this.#submitNow(job.fn, given, job.settler, job.index, job);
    this.#submitLater(job.fn, given, job.settler, job.index, job);
    this.refill();
  }

  /** Adds what the submission is traced by behind its arguments. */
  #withTrace(args: readonly unknown[], format: Format | undefined): readonly unknown[] {
    const traceId = traceBy(this.#traceId!);
    // Code of the user's has run, and may have closed the pool.
    this.#checkOpen();
    if (traceId === undefined) return args;
    return new TracedArguments(args, traceId, format);
  }

  /** Begins the next attempt of a job. @returns Whether it had one left. */
  retry(job: SpecialJob): boolean {
    if (job.attemptsLeft === 0 || job.again === undefined) return false;
    // What was moved went with the attempt before.
    if (job.parcel?.isFetched) return false;
    job.attemptsLeft--;
    this.#wait(job.fn, job.again.kind, job.again.bytes, job.settler, job.index, job);
    this.refill();
    return true;
  }

  /** Moves waiting jobs into slots, as far as there are slots and room. */
  refill(): void {
    this.#rings.requeueStranded();
    for (let ring = 0; this.waiting > 0 && ring < this.#backlogs.length; ring++) {
      while (this.#moveNext(ring)) {
        // As workers do: none may wait for ever behind a flood of others.
        if (++this.#moves % AGEING === 0) this.#moveInTurn();
      }
    }
  }

  /** Moves one job of whichever backlog's turn it is. */
  #moveInTurn(): void {
    const rings = this.#backlogs.length;
    for (let i = 0; i < rings; i++) {
      this.#turn = (this.#turn + 1) % rings;
      if (this.#moveNext(this.#turn)) return;
    }
  }

  /** Moves the next job of a backlog into a slot. @returns Whether there was one, a slot, and room. */
  #moveNext(ring: number): boolean {
    const backlog = this.#backlogs[ring]!;
    if (backlog.length === 0 || !this.#slots.hasFree || !this.#rings.hasRoom(ring)) return false;
    const segment = backlog.oldest!;
    if (this.#moveOn(backlog, segment, segment.first, ring)) return true;
    // No room for its arguments. Jobs that need none may go before it, and take none from it.
    const small = segment.nextShorter(INLINE_BYTES);
    return small >= 0 && this.#moveOn(backlog, segment, small, ring);
  }

  /** Moves a waiting job into a slot. @returns Whether there was room for its arguments. */
  #moveOn(backlog: Backlog, segment: Segment, place: number, ring: number): boolean {
    const slot = this.#slots.take();
    if (!this.#fill(slot, segment, place)) {
      this.#slots.putBack(slot);
      return false;
    }
    const settler = segment.settlers[place]!;
    const special = segment.specials[place];
    backlog.drop(segment, place);
    this.waiting--;
    this.#publish(slot, segment.functions[place]!, settler, segment.indexes[place]!, special, ring);
    return true;
  }

  /** Takes a waiting job out of its backlog. @returns Whether it was waiting. */
  withdraw(job: SpecialJob): boolean {
    if (job.dropFromBacklog === undefined) return false;
    job.dropFromBacklog();
    job.dropFromBacklog = undefined;
    this.waiting--;
    return true;
  }

  /** Whether a job waits for a place on a ring. */
  anyWaiting(ring: number): boolean {
    return this.#backlogs[ring]!.length > 0;
  }

  /** Takes the newest job that waits for a place on a ring out of the backlog, to be run by this thread. */
  takeWaiting(ring: number): SlotlessJob | undefined {
    const job = this.#backlogs[ring]!.takeNewest();
    if (job === undefined) return undefined;
    this.waiting--;
    if (job.special !== undefined) job.special.dropFromBacklog = undefined;
    return job;
  }

  /** Takes all waiting jobs of a settler, or of all, out of the backlogs, and tells of each. */
  withdrawAll(
    whose: Settler | undefined,
    tell: (settler: Settler, index: number, special: SpecialJob | undefined) => void,
  ): void {
    for (const backlog of this.#backlogs) {
      // All are out before the first is told of: to tell may submit, and give up others.
      for (const { settler, index, special } of backlog.withdraw(whose)) {
        this.waiting--;
        tell(settler, index, special);
      }
    }
  }

  #submitNow(
    number: number,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    job: SpecialJob | undefined,
  ): void {
    // Taken before anything is encoded: getters and proxies may submit jobs of their own meanwhile.
    const slot = this.#slots.take();
    const ring = job?.ring ?? NORMAL_RING;
    const format = job?.options.format ?? "structured";
    if (format === "structured" && areNumbers(args)) {
      const first = inlineOf(slot) >>> 3;
      for (let i = 0; i < args.length; i++) this.#lane.numbers[first + i] = args[i] as number;
      this.#lane.words[slot * SLOT_WORDS + ARGUMENTS_KIND] = kindOfNumbers(args.length);
      return this.#publish(slot, number, settler, index, job, ring);
    }
    const outbox = this.#freeOutbox();
    try {
      if (job?.parcel === undefined) outbox.toSlot(this.#lane, slot).arguments(format, args);
      else {
        outbox.encodeWith(job.parcel, () => {
          outbox.toSlot(this.#lane, slot).arguments(format, args);
        });
      }
      this.#checkWanted(job);
      job?.parcel?.commit();
    } catch (error) {
      outbox.discard();
      this.#slots.putBack(slot);
      throw this.#explain(error, number, args);
    }
    const kind = encodedKind(job, args);
    if (outbox.bytes === undefined && this.#rings.hasRoom(ring)) {
      this.#describe(slot, outbox.block < 0 ? kind : asBlock(kind), outbox.block, outbox.length);
      return this.#publish(slot, number, settler, index, job, ring);
    }
    this.#slots.putBack(slot);
    this.#wait(number, kind, outbox.takeBytes(), settler, index, job);
    // Where it was room that was wanting, blocks may have come back while this was encoded.
    this.refill();
  }

  #submitLater(
    number: number,
    args: readonly unknown[],
    settler: Settler,
    index: number,
    job: SpecialJob | undefined,
  ): void {
    const format = job?.options.format ?? "structured";
    if (format === "structured" && areNumbers(args)) {
      for (let i = 0; i < args.length; i++) this.#numbers[i] = args[i] as number;
      const bytes = this.#numberBytes[args.length]!;
      return this.#wait(number, kindOfNumbers(args.length), bytes, settler, index, job);
    }
    const outbox = this.#freeOutbox();
    try {
      if (job?.parcel === undefined) outbox.toScratch().arguments(format, args);
      else outbox.encodeWith(job.parcel, () => outbox.toScratch().arguments(format, args));
      this.#checkWanted(job);
      job?.parcel?.commit();
    } catch (error) {
      throw this.#explain(error, number, args);
    }
    this.#wait(number, encodedKind(job, args), outbox.bytes!, settler, index, job);
  }

  /** Code of the user's may have run while the arguments were encoded: closed the pool, or aborted. */
  #checkWanted(job: SpecialJob | undefined): void {
    this.#checkOpen();
    job?.options.signal?.throwIfAborted();
  }

  /** Code of the user's that runs while arguments are encoded may submit jobs: they get their own. */
  #freeOutbox(): Outbox {
    return this.#outbox.busy ? this.#makeOutbox() : this.#outbox;
  }

  /** Says for a closure's captured value that it is one. */
  #explain(error: unknown, number: number, args: readonly unknown[]): unknown {
    if (!(error instanceof NotSerializableError) || !this.#functions.captures(number)) {
      return error;
    }
    const last = args instanceof TracedArguments ? args.length - 2 : args.length - 1;
    const captured = `args[${last}]`;
    if (!error.path.startsWith(captured)) return error;
    const reason = error.message.slice(`Cannot send ${error.path}: `.length);
    const { cause } = error;
    return new NotSerializableError(`captured${error.path.slice(captured.length)}`, reason, {
      cause,
    });
  }

  #wait(
    number: number,
    kind: number,
    bytes: Uint8Array,
    settler: Settler,
    index: number,
    job: SpecialJob | undefined,
  ): void {
    if (job !== undefined && job.attemptsLeft > 0) job.again ??= { kind, bytes: bytes.slice() };
    this.#backlogs[job?.ring ?? NORMAL_RING]!.push(number, kind, bytes, settler, index, job);
    this.waiting++;
  }

  /** Moves a waiting job's arguments to a slot. @returns Whether there was room for them. */
  #fill(slot: number, segment: Segment, place: number): boolean {
    const kind = segment.kinds[place]!;
    const length = segment.lengthAt(place);
    if (length <= INLINE_BYTES) {
      segment.copyTo(place, this.#lane.bytes, inlineOf(slot));
      this.#describe(slot, kind, -1, length);
      return true;
    }
    const block = this.#arena.take(length);
    if (block < 0) return false;
    segment.copyTo(place, this.#arena.views.bytes, block);
    this.#describe(slot, asBlock(kind), block, length);
    return true;
  }

  #describe(slot: number, kind: number, block: number, length: number): void {
    const words = this.#lane.words;
    const base = slot * SLOT_WORDS;
    words[base + ARGUMENTS_KIND] = kind;
    words[base + ARGUMENTS_BLOCK] = block / UNIT;
    words[base + ARGUMENTS_LENGTH] = length;
  }

  /** FREE to READY, then onto the ring. */
  #publish(
    slot: number,
    number: number,
    settler: Settler,
    index: number,
    special: SpecialJob | undefined,
    ring: number,
  ): void {
    this.#lane.words[slot * SLOT_WORDS + FUNCTION] = number;
    this.#lane.words[slot * SLOT_WORDS + EXTRAS] = special === undefined ? 0 : special.extras;
    this.#slots.occupy(slot, settler, index, special);
    this.#rings.put(slot, ring);
  }
}

/** The kind word of a job's arguments that are encoded in its slot. */
function encodedKind(job: SpecialJob | undefined, args: readonly unknown[]): number {
  const traced = args instanceof TracedArguments ? TRACED : 0;
  if (job === undefined) return INLINE | traced;
  const { borrow, format } = job.options;
  return INLINE | traced | (borrow ? BORROW : 0) |
    (formatNumber(format ?? "structured") << FORMAT_SHIFT);
}

/** The same, of arguments in a block. */
const asBlock = (kind: number): number => kind - INLINE + BLOCK;

function areNumbers(args: readonly unknown[]): boolean {
  if (args.length > MOST_NUMBERS) return false;
  for (let i = 0; i < args.length; i++) if (typeof args[i] !== "number") return false;
  return true;
}
