/**
 * One thread's outgoing payloads: encoded straight into the slot where they fit,
 * else into a block of the thread's arena, else, while the arena has no room,
 * into private memory, from where they go on later.
 *
 * @module
 */
import { PayloadTooLargeError } from "../base/errors.ts";
import type { Natives } from "../base/natives.ts";
import type { HandleNumbers, Handles, Identities, Region, Shapes } from "../codec/mod.ts";
import { ENCODE_ANEW, Encoder, type Format } from "../codec/mod.ts";
import type { Arena } from "../memory/arena.ts";
import { LARGEST_SMALL } from "../memory/spans.ts";
import type { Lane } from "../transport/lane.ts";
import { inlineOf } from "../transport/lane.ts";
import { INLINE_BYTES } from "../transport/slot.ts";
import { handingOf, isPort } from "./handed.ts";
import type { Parcel } from "./parcel.ts";

/** What both ends of payloads need to know. */
export interface PayloadContext {
  /** Registered functions and classes. */
  readonly identities: Identities;
  /** The runtime's fast ways. */
  readonly natives: Natives;
  /** What has come beside payloads; without it they may name nothing. */
  readonly handles?: Handles;
}

/**
 * Gives an encoding up as soon as something must travel beside it: most payloads need
 * nothing of the kind, and pay nothing for it. The others are encoded anew, with a parcel.
 */
export const BYTES_ALONE: HandleNumbers = {
  takesBuffers: false,
  travelOf() {
    throw ENCODE_ANEW;
  },
};

/** Size of the private memory that an encoding starts in, in bytes. */
const SCRATCH_BYTES = 4096;

/** Refuses what would have to travel beside bytes that travel alone. */
export const NOTHING_BESIDE: HandleNumbers = {
  takesBuffers: false,
  travelOf(value) {
    if (!isPort(value) && handingOf(value) === undefined) return undefined;
    return "what is moved or shared can be an argument of a call or a result only";
  },
};

/** Encodes payloads; after each, tells where it ended up. */
export class Outbox {
  readonly #arena: Arena | undefined;
  readonly #limit: number;
  readonly #encoder: Encoder;
  readonly #handles: HandleNumbers | undefined;
  #scratch: Region | undefined;
  #previous = -1;
  #private = false;
  #privateBytes = SCRATCH_BYTES;
  /** Where the payload would lie in its slot. */
  #home: Uint8Array | undefined;
  /** Whether an encoding is under way: code of the user's runs in it and may come back here. */
  busy = false;
  /** Where the last payload is: a block of the arena, or -1. */
  block = -1;
  /** Where it is otherwise: private bytes, valid until the next payload; `undefined` if in the slot. */
  bytes: Uint8Array | undefined;
  /** Its length in bytes. */
  length = 0;

  /**
   * @param arena Where blocks come from; without one all payloads stay in private memory.
   * @param shapes Where this thread writes object shapes, if it does.
   * @param context What both ends know.
   * @param lent The arenas that arguments may have been borrowed from: results may have views on them.
   * @param handles What numbers objects that travel beside payloads; without it these are refused.
   * @param limit Most bytes of a payload, where no arena says it.
   */
  constructor(
    arena: Arena | undefined,
    shapes: Shapes | undefined,
    context: PayloadContext,
    lent?: WeakSet<SharedArrayBuffer>,
    handles?: HandleNumbers,
    limit: number = Infinity,
  ) {
    this.#arena = arena;
    this.#limit = limit;
    this.#handles = handles;
    this.#encoder = new Encoder({
      grow: (_used, needed) => this.#grow(needed),
      shapes,
      identities: context.identities,
      natives: context.natives,
      lent,
    });
    this.#encoder.handles = handles;
  }

  /**
   * Encodes a payload beside which a parcel travels.
   *
   * @param parcel Collects what travels.
   * @param encode Encodes the payload; called again where it has to be begun anew.
   */
  encodeWith(parcel: Parcel, encode: () => void): void {
    this.#encoder.handles = parcel;
    try {
      for (;;) {
        parcel.begin();
        try {
          return encode();
        } catch (error) {
          if (error !== ENCODE_ANEW) throw error;
        }
      }
    } finally {
      this.#encoder.handles = this.#handles;
    }
  }

  /** The next payload goes to a slot if it fits there. */
  toSlot(lane: Lane, slot: number): this {
    const start = inlineOf(slot);
    this.#open(this.#arena === undefined);
    this.#encoder.begin(lane.bytes, lane.view, start, start + INLINE_BYTES);
    this.#home = lane.bytes;
    return this;
  }

  /** The next payload goes to private memory. */
  toScratch(): this {
    const { bytes, view, start, end } = (this.#scratch ??= region(SCRATCH_BYTES));
    this.#open(true);
    this.#encoder.begin(bytes, view, start, end);
    this.#home = undefined;
    return this;
  }

  /** Encodes arguments to where the call before this one said. */
  arguments(format: Format, args: readonly unknown[]): void {
    try {
      this.#encoder.arguments(format, args);
    } catch (error) {
      this.#fail(error);
    }
    this.#finish();
  }

  /** Encodes a result, or what else `root` says that it is. */
  value(format: Format, value: unknown, root?: string): void {
    try {
      this.#encoder.value(format, value, root);
    } catch (error) {
      this.#fail(error);
    }
    this.#finish();
  }

  /** Encodes what a task function threw. */
  error(error: unknown): void {
    try {
      this.#encoder.error(error);
    } catch (fault) {
      this.#fail(fault);
    }
    this.#finish();
  }

  /** @returns The last payload's bytes, taken from where they are: its block is free after this. */
  takeBytes(): Uint8Array {
    if (this.bytes !== undefined) return this.bytes;
    const { bytes, start } = this.#encoder;
    const copy = bytes.slice(start, start + this.length);
    this.discard();
    return copy;
  }

  /** Gives back the last payload's block: it is not sent after all. */
  discard(): void {
    if (this.block >= 0) this.#arena!.give(this.block);
    this.block = -1;
  }

  #open(isPrivate: boolean): void {
    this.busy = true;
    this.block = -1;
    this.bytes = undefined;
    this.#previous = -1;
    this.#private = isPrivate;
    this.#privateBytes = SCRATCH_BYTES;
  }

  #finish(): void {
    // Asked of the encoder: where growing failed an error is still where it was before.
    const { bytes, start, position } = this.#encoder;
    this.length = position - start;
    if (this.block < 0 && bytes !== this.#home) this.bytes = bytes.subarray(start, position);
    this.#close();
  }

  #fail(error: unknown): never {
    if (this.block >= 0) this.#arena!.give(this.block);
    this.block = -1;
    this.#close();
    throw error;
  }

  #close(): void {
    if (this.#previous >= 0) this.#arena!.give(this.#previous);
    this.busy = false;
  }

  /** The encoder copies from the old region after this, so the old block goes back one step later. */
  #grow(needed: number): Region {
    const arena = this.#arena;
    // Before anything changes: of an error the rest is written where it is.
    if (arena !== undefined) arena.check(needed);
    else if (needed > this.#limit) throw new PayloadTooLargeError(needed, this.#limit);
    if (this.#previous >= 0) this.#arena!.give(this.#previous);
    this.#previous = this.block;
    this.block = -1;
    if (arena === undefined || this.#private) return this.#privateRegion(needed);
    // A payload that grows again is likely to go on growing.
    let size = this.#previous >= 0 ? Math.max(needed, Math.min(2 * needed, arena.largest)) : needed;
    if (size <= LARGEST_SMALL) size = 1 << (32 - Math.clz32(Math.max(size, 256) - 1));
    let block = arena.take(size);
    if (block < 0 && size > needed) block = arena.take(size = needed);
    if (block < 0) return this.#privateRegion(needed);
    this.block = block;
    const { bytes, view } = arena.views;
    return { bytes, view, start: block, end: block + size };
  }

  #privateRegion(needed: number): Region {
    this.#private = true;
    const most = this.#arena === undefined ? this.#limit : this.#arena.largest;
    this.#privateBytes = Math.max(needed, Math.min(2 * this.#privateBytes, most));
    return region(this.#privateBytes);
  }
}

/** @returns An error as bytes that need nothing else to be read. */
export function encodeErrorAlone(context: PayloadContext, error: unknown): Uint8Array {
  const outbox = new Outbox(undefined, undefined, context).toScratch();
  outbox.error(error);
  return outbox.bytes!.slice();
}

function region(length: number): Region {
  const buffer = new ArrayBuffer(length);
  return { bytes: new Uint8Array(buffer), view: new DataView(buffer), start: 0, end: length };
}
