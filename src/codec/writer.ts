import { isInt32 } from "../base/integer.ts";
import type { Natives } from "../base/natives.ts";
import {
  BIGINT,
  BIGINT64,
  FLOAT64,
  INT32,
  LATIN1,
  SHORT,
  SHORT_MAX,
  SMALL_MAX,
  SMALL_MIN,
  SMALL_ZERO,
  UTF16,
  UTF8,
} from "./tags.ts";
import { isWellFormed, utf8Length, writeLatin1, writeUtf16, writeUtf8 } from "./text.ts";
import type { Grow } from "./types.ts";

/** From this length on a native function is faster than a loop over the characters. */
const LOOP_MAX = 32;
/** From this length on text may be written as UTF-8, which is slow but may be half as long. */
const UTF8_MIN = 1 << 20;

/**
 * Writes numbers and text into a region and asks for a larger one when it is full.
 *
 * Positions that outlive a write are kept relative to `start`: every write may
 * move the region.
 */
export class Writer {
  /** The buffer that is written to. */
  bytes: Uint8Array = EMPTY;
  /** The same, for numbers. */
  view: DataView = EMPTY_VIEW;
  /** Where the encoding begins. */
  start = 0;
  /** Where the next byte goes. */
  position = 0;
  /** Where the room ends. */
  limit = 0;
  /** Whether `grow` threw since the last `begin`. */
  refusedGrowth = false;
  /** How many bytes were asked for then, from the start. */
  asked = 0;
  readonly #grow: Grow;
  /** The runtime's fast ways. */
  protected readonly natives: Natives;

  /**
   * @param grow Called when the room is used up.
   * @param natives Write what is longer than a few characters.
   */
  constructor(grow: Grow, natives: Natives) {
    this.#grow = grow;
    this.natives = natives;
  }

  /** Starts an encoding in a region. */
  begin(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    this.bytes = bytes;
    this.view = view;
    this.start = start;
    this.position = start;
    this.limit = end;
    this.refusedGrowth = false;
  }

  /** Moves to a region with `size` more bytes of room. */
  room(size: number): void {
    const used = this.position - this.start;
    this.asked = used + size;
    let region;
    try {
      region = this.#grow(used, used + size);
    } catch (error) {
      this.refusedGrowth = true;
      throw error;
    }
    const { bytes, view, start, end } = region;
    if (end - start < used + size) {
      this.refusedGrowth = true;
      throw new RangeError(
        `Cannot encode into ${end - start} bytes: ${used + size} were asked for`,
      );
    }
    bytes.set(this.bytes.subarray(this.start, this.position), start);
    this.bytes = bytes;
    this.view = view;
    this.start = start;
    this.position = start + used;
    this.limit = end;
  }

  /** Writes one byte. */
  byte(value: number): void {
    if (this.position >= this.limit) this.room(1);
    this.bytes[this.position++] = value;
  }

  /** Writes four bytes. */
  uint32(value: number): void {
    if (this.position + 4 > this.limit) this.room(4);
    this.view.setUint32(this.position, value, true);
    this.position += 4;
  }

  /** Writes eight bytes. */
  float64(value: number): void {
    if (this.position + 8 > this.limit) this.room(8);
    this.view.setFloat64(this.position, value, true);
    this.position += 8;
  }

  /** Writes a length or a count: seven bits a byte, the least first, up to 2^53. */
  length(value: number): void {
    while (value >= 0x80) {
      this.byte((value % 0x80) | 0x80);
      value = Math.floor(value / 0x80);
    }
    this.byte(value);
  }

  /** Moves on to a multiple of eight bytes from the start. */
  align(): void {
    while ((this.position - this.start) % 8 !== 0) this.byte(0);
  }

  /** Writes a number with its tag. */
  number(value: number): void {
    if (isInt32(value)) {
      const integer = value | 0;
      if (integer >= SMALL_MIN && integer <= SMALL_MAX) {
        if (this.position >= this.limit) this.room(1);
        this.bytes[this.position++] = SMALL_ZERO + integer;
      } else {
        if (this.position + 5 > this.limit) this.room(5);
        const at = this.position;
        this.bytes[at] = INT32;
        this.view.setInt32(at + 1, integer, true);
        this.position = at + 5;
      }
      return;
    }
    if (this.position + 9 > this.limit) this.room(9);
    const at = this.position;
    this.bytes[at] = FLOAT64;
    this.view.setFloat64(at + 1, value, true);
    this.position = at + 9;
  }

  /** Writes a string with its tag. */
  string(text: string): void {
    const length = text.length;
    if (length >= LOOP_MAX) return this.#long(text);
    if (this.position + length + 1 > this.limit) this.room(length + 1);
    const bytes = this.bytes;
    let at = this.position;
    bytes[at++] = SHORT + length;
    // V8 has a dozen kinds of strings: once it has met more than four, it looks up
    // a method of each anew. Taken from here it is known.
    const { charCodeAt } = String.prototype;
    for (let i = 0; i < length; i++) {
      const code = charCodeAt.call(text, i);
      if (code > 0xff) return this.#utf16(text);
      bytes[at++] = code;
    }
    this.position = at;
  }

  /** Writes a BigInt with its tag. */
  bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      if (this.position + 9 > this.limit) this.room(9);
      this.bytes[this.position] = BIGINT64;
      this.view.setBigInt64(this.position + 1, value, true);
      this.position += 9;
      return;
    }
    let hex = (value < 0n ? -value : value).toString(16);
    if (hex.length % 2 === 1) hex = "0" + hex;
    this.byte(BIGINT);
    this.byte(value < 0n ? 1 : 0);
    this.length(hex.length / 2);
    if (this.position + hex.length / 2 > this.limit) this.room(hex.length / 2);
    for (let i = 0; i < hex.length; i += 2) {
      this.bytes[this.position++] = digit(hex, i) * 16 + digit(hex, i + 1);
    }
  }

  #long(text: string): void {
    const length = text.length;
    const head = length <= SHORT_MAX ? 1 : 5;
    if (this.position + head + length > this.limit) this.room(head + length);
    const from = this.position + head;
    if (writeLatin1(text, this.bytes, from, this.natives)) {
      if (head === 1) {
        this.bytes[this.position] = SHORT + length;
      } else {
        this.bytes[this.position] = LATIN1;
        this.view.setUint32(this.position + 1, length, true);
      }
      this.position = from + length;
      return;
    }
    const size = length < UTF8_MIN || !isWellFormed(text) ? Infinity : utf8Length(text);
    if (size >= 2 * length) return this.#utf16(text);
    if (this.position + 5 + size > this.limit) this.room(5 + size);
    this.bytes[this.position] = UTF8;
    this.view.setUint32(this.position + 1, size, true);
    const to = this.position + 5;
    writeUtf8(text, this.bytes, to, to + size);
    this.position = to + size;
  }

  #utf16(text: string): void {
    const size = text.length * 2;
    if (this.position + 5 + size > this.limit) this.room(5 + size);
    this.bytes[this.position] = UTF16;
    this.view.setUint32(this.position + 1, size, true);
    writeUtf16(text, this.bytes, this.view, this.position + 5, this.natives);
    this.position += 5 + size;
  }
}

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(new ArrayBuffer(0));

function digit(hex: string, index: number): number {
  const code = hex.charCodeAt(index);
  return code < 58 ? code - 48 : code - 87;
}
