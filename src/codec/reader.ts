import { MulticoreError } from "../base/errors.ts";
import type { Natives } from "../base/natives.ts";
import { isV8 } from "./engine.ts";

const CHUNK = 4096;
/** From so many bytes on they are copied by what the runtime has. */
const MANY_BYTES = 4096;
const { fromCharCode } = String;
/** From so many characters on, and up to so many, text may be cut from a longer one. */
const LEAST_CUT = 5;
const MOST_CUT = 64;
/**
 * V8 cuts a piece from a string in a quarter of the time that it takes to make one from bytes.
 * So where texts follow each other it reads that many bytes at once, whatever they are, and cuts
 * text from them. No more: a piece that the program keeps may keep all of them.
 */
const STRETCH = 256;
/** Most bytes between two texts that are taken to follow each other. */
const CLOSE = 32;

/**
 * Reads numbers and text from a stretch of memory, and nothing outside it.
 */
export class Reader {
  /** The buffer that is read. */
  bytes: Uint8Array = EMPTY;
  /** The same, for numbers. */
  view: DataView = EMPTY_VIEW;
  /** Where the encoding begins. */
  start = 0;
  /** Where the next byte is. */
  position = 0;
  /** Where the encoding ends. */
  end = 0;
  readonly #natives: Natives;
  /** Bytes that were read as text. */
  protected stretch = "";
  #stretchStart = 0;
  #stretchEnd = 0;
  /** Where the last text ended, far away at first. */
  #textEnd = 0;

  /** @param natives Read what is longer than a few characters or bytes. */
  constructor(natives: Natives) {
    this.#natives = natives;
  }

  /** Starts to read. */
  begin(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new MulticoreError(
        `Cannot decode bytes ${start} to ${end} of a buffer of ${bytes.length} bytes`,
      );
    }
    this.bytes = bytes;
    this.view = view;
    this.start = start;
    this.position = start;
    this.end = end;
    this.#stretchEnd = 0;
    this.#textEnd = start - 2 * CLOSE;
  }

  /** Throws because of what was read. */
  corrupt(what: string): never {
    throw new MulticoreError(
      `Cannot decode: ${what}, at byte ${this.position - this.start} ` +
        `of ${this.end - this.start}`,
    );
  }

  /** Throws unless so many bytes are left. */
  need(size: number): void {
    if (this.position + size > this.end) this.corrupt(`${size} bytes are missing`);
  }

  /** @returns A copy of some bytes, in a buffer of their own that holds nothing else. */
  copy(from: number, to: number): Uint8Array<ArrayBuffer> {
    const { copy } = this.#natives;
    if (copy !== undefined && to - from >= MANY_BYTES) return copy(this.bytes, from, to);
    return this.bytes.slice(from, to);
  }

  /** Reads one byte. */
  byte(): number {
    if (this.position >= this.end) this.corrupt("a byte is missing");
    return this.bytes[this.position++]!;
  }

  /** Reads four bytes. */
  uint32(): number {
    this.need(4);
    const value = this.view.getUint32(this.position, true);
    this.position += 4;
    return value;
  }

  /** Reads four bytes. */
  int32(): number {
    this.need(4);
    const value = this.view.getInt32(this.position, true);
    this.position += 4;
    return value;
  }

  /** Reads eight bytes. */
  float64(): number {
    this.need(8);
    const value = this.view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  /** Reads a BigInt of eight bytes. */
  bigint64(): bigint {
    this.need(8);
    const value = this.view.getBigInt64(this.position, true);
    this.position += 8;
    return value;
  }

  /** Reads a length. */
  length(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    do {
      if (scale > 2 ** 49) this.corrupt("a length is too long");
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
    } while (byte >= 0x80);
    return value;
  }

  /** Reads a count of things that take at least `size` bytes each. */
  count(size: number): number {
    const count = this.length();
    if (count * size > this.end - this.position) this.corrupt(`${count} values are missing`);
    return count;
  }

  /** Skips to a multiple of eight bytes from the start. */
  align(): void {
    const size = (8 - (this.position - this.start) % 8) % 8;
    this.need(size);
    this.position += size;
  }

  /** Reads one character per byte. */
  latin1(size: number): string {
    const start = this.position;
    const end = start + size;
    if (end > this.end) this.need(size);
    this.position = end;
    if (!isV8 || size < LEAST_CUT || size > MOST_CUT) return this.#characters(start, end);
    return this.#cut(start, end);
  }

  /** Cuts text from a stretch of bytes, unless it seems to be the only one far and wide. */
  #cut(start: number, end: number): string {
    const isAlone = start - this.#textEnd > CLOSE || this.end - end < LEAST_CUT;
    this.#textEnd = end;
    if (start < this.#stretchStart || end > this.#stretchEnd) {
      if (isAlone) return this.#characters(start, end);
      this.#stretchStart = start;
      this.#stretchEnd = Math.min(start + STRETCH, this.end);
      this.stretch = this.#natives.latin1(this.bytes, start, this.#stretchEnd);
    }
    return this.stretch.substring(start - this.#stretchStart, end - this.#stretchStart);
  }

  #characters(start: number, end: number): string {
    if (end - start > this.#natives.fewCharacters) {
      return this.#natives.latin1(this.bytes, start, end);
    }
    const bytes = this.bytes;
    let text = "";
    let at = start;
    // Elsewhere several characters at once cost more than one by one.
    for (; isV8 && at + 4 <= end; at += 4) {
      text += fromCharCode(bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!);
    }
    for (; at < end; at++) text += fromCharCode(bytes[at]!);
    return text;
  }

  /** Reads UTF-8. */
  utf8(size: number): string {
    this.need(size);
    const start = this.position;
    this.position = start + size;
    return this.#natives.utf8(this.bytes, start, start + size);
  }

  /** Reads UTF-16, surrogates as they come. */
  utf16(size: number): string {
    this.need(size);
    if (size % 2 !== 0) this.corrupt("half a character");
    const start = this.position;
    const end = start + size;
    this.position = end;
    if (size > 2 * this.#natives.fewCharacters && this.#natives.utf16 !== undefined) {
      return this.#natives.utf16(this.bytes, start, end);
    }
    return this.#wideCharacters(start, end);
  }

  #wideCharacters(start: number, end: number): string {
    const { view } = this;
    let text = "";
    for (let at = start; at < end;) {
      const codes: number[] = [];
      for (let i = 0; i < CHUNK && at < end; i++, at += 2) codes.push(view.getUint16(at, true));
      text += fromCharCode.apply(null, codes);
    }
    return text;
  }

  /** Reads a BigInt: its sign and its magnitude. */
  bigint(): bigint {
    const negative = this.byte() === 1;
    const size = this.count(1);
    let hex = "0x0";
    for (let i = 0; i < size; i++) {
      const byte = this.byte();
      hex += (byte < 16 ? "0" : "") + byte.toString(16);
    }
    const value = BigInt(hex);
    return negative ? -value : value;
  }
}

const EMPTY = new Uint8Array(0);
const EMPTY_VIEW = new DataView(new ArrayBuffer(0));
