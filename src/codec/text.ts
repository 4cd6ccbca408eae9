/**
 * Text without any runtime's help.
 *
 * @module
 */
import type { TextDriver } from "./types.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
const CHUNK = 4096;

/** Whether this runtime's `TextEncoder` writes into shared memory; browsers refuse. */
const encodesIntoShared = probeEncodeInto();

/**
 * A {@linkcode TextDriver} that works everywhere, shared memory in browsers
 * included: it copies what it reads.
 */
export const portableText: TextDriver = {
  latin1(bytes: Uint8Array, start: number, end: number): string {
    let text = "";
    for (let at = start; at < end; at += CHUNK) {
      const chunk = bytes.subarray(at, Math.min(at + CHUNK, end));
      text += String.fromCharCode.apply(null, chunk as unknown as number[]);
    }
    return text;
  },
  utf8(bytes: Uint8Array, start: number, end: number): string {
    return decoder.decode(bytes.slice(start, end));
  },
};

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
 * @param from The index of the first character to count.
 * @returns The number of bytes that the rest of the text takes in UTF-8.
 */
export function utf8Length(text: string, from: number): number {
  let length = 0;
  for (let i = from; i < text.length; i++) {
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
  if (typeof SharedArrayBuffer === "undefined") return true;
  try {
    encoder.encodeInto("a", new Uint8Array(new SharedArrayBuffer(8)));
    return true;
  } catch {
    // Browsers throw a TypeError here: text goes through a copy.
    return false;
  }
}
