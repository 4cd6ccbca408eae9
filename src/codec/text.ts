/**
 * Text is written: by the runtime's fast ways, or without its help.
 *
 * @module
 */
import type { Natives } from "../base/natives.ts";
import { isV8 } from "./engine.ts";

const encoder = new TextEncoder();

/** Whether this runtime's `TextEncoder` writes into shared memory; browsers refuse. */
const encodesIntoShared = probeEncodeInto();

/** V8 knows of most text without looking that nothing in it matches. */
const BEYOND_LATIN1 = /[^\0-\xff]/;

/**
 * Tries to write text with one byte a character.
 *
 * @param text What to write, of at least one character.
 * @param bytes Where to write it.
 * @param start The offset of the first byte; there is room for all.
 * @param natives The fast ways of the runtime.
 * @returns Whether it could; otherwise anything may have been written there.
 */
export function writeLatin1(
  text: string,
  bytes: Uint8Array,
  start: number,
  natives: Natives,
): boolean {
  if (isV8 && BEYOND_LATIN1.test(text)) return false;
  const length = text.length;
  if (isV8 && natives.writeLatin1 !== undefined) {
    natives.writeLatin1(text, bytes, start);
    return true;
  }
  const look = sample(text);
  if (look > 0xff) return false;
  let done = 0;
  if (look < 0x80) {
    const { read, written } = writeUtf8(text, bytes, start, start + length);
    // As many bytes as characters: all so far was ASCII.
    if (read === written) done = read;
    if (done === length) return true;
  }
  if (natives.writeLatin1 !== undefined) {
    natives.writeLatin1(text, bytes, start);
    // Reading it back costs less than looking at each character.
    return natives.latin1(bytes, start, start + length) === text;
  }
  for (let i = done; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return false;
    bytes[start + i] = code;
  }
  return true;
}

/** A few characters, or-ed: they tell mostly what the others are like. */
function sample(text: string): number {
  const last = text.length - 1;
  return text.charCodeAt(0) | text.charCodeAt(last >> 2) | text.charCodeAt(last >> 1) |
    text.charCodeAt(last - (last >> 2)) | text.charCodeAt(last);
}

/**
 * Writes any text, little-endian, lone surrogates as they are.
 *
 * @param text What to write.
 * @param bytes Where to write it.
 * @param view The same buffer.
 * @param start The offset of the first byte; there is room for all.
 * @param natives The fast ways of the runtime.
 */
export function writeUtf16(
  text: string,
  bytes: Uint8Array,
  view: DataView,
  start: number,
  natives: Natives,
): void {
  if (natives.writeUtf16 !== undefined) return natives.writeUtf16(text, bytes, start);
  let i = 0;
  // Two characters at once take three quarters of the time.
  for (; i + 2 <= text.length; i += 2) {
    view.setUint32(start + 2 * i, text.charCodeAt(i) | text.charCodeAt(i + 1) << 16, true);
  }
  if (i < text.length) view.setUint16(start + 2 * i, text.charCodeAt(i), true);
}

/**
 * Writes as much of `text` as fits, as UTF-8; lone surrogates become U+FFFD.
 *
 * @param text What to write.
 * @param bytes Where to write it.
 * @param start The offset of the first byte.
 * @param end The offset behind the last byte that may be used.
 * @returns How many characters were read, and how many bytes written.
 */
export function writeUtf8(
  text: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): TextEncoderEncodeIntoResult {
  if (encodesIntoShared) return encoder.encodeInto(text, bytes.subarray(start, end));
  const copy = new Uint8Array(Math.min(end - start, text.length * 3));
  const result = encoder.encodeInto(text, copy);
  bytes.set(copy.subarray(0, result.written), start);
  return result;
}

/**
 * @param text Any string.
 * @returns The number of bytes that it takes in UTF-8.
 */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) length += 1;
    else if (code < 0x800) length += 2;
    else if ((code & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      length += 4;
      i++;
    } else length += 3;
  }
  return length;
}

const wellFormed = (String.prototype as { isWellFormed?: (this: string) => boolean })
  .isWellFormed;

/**
 * @param text Any string.
 * @returns Whether it has no lone surrogates, so that UTF-8 keeps it exactly.
 */
export function isWellFormed(text: string): boolean {
  if (wellFormed !== undefined) return wellFormed.call(text);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) & 0xfc00;
    if (code === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
    else if (code === 0xd800 || code === 0xdc00) return false;
  }
  return true;
}

function probeEncodeInto(): boolean {
  try {
    encoder.encodeInto("a", new Uint8Array(new SharedArrayBuffer(8)));
    return true;
  } catch {
    // Browsers throw a TypeError here: text goes through a copy. So does it where there is no such
    // class: memory that comes from elsewhere may be shared all the same.
    return false;
  }
}
