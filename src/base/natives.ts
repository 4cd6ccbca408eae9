/**
 * What runtimes do faster than the language, as the codec uses it.
 *
 * @module
 */

/**
 * The fastest ways that the runtime has, mostly to read from (shared) memory and to
 * write there. What is optional is left out where the language itself is as fast.
 */
export interface Natives {
  /** Up to so many characters a loop reads text sooner than `latin1` or `utf16`, its first use included. */
  readonly fewCharacters: number;
  /** Reads one character per byte, U+0000 to U+00FF. */
  latin1(bytes: Uint8Array, start: number, end: number): string;
  /** Reads well-formed UTF-8. */
  utf8(bytes: Uint8Array, start: number, end: number): string;
  /** Reads little-endian UTF-16, lone surrogates as they are, at any offset. */
  utf16?(bytes: Uint8Array, start: number, end: number): string;
  /** Writes the low byte of each character from `start` on; there is room for all. */
  writeLatin1?(text: string, bytes: Uint8Array, start: number): void;
  /** Writes little-endian UTF-16, lone surrogates as they are, at any offset; there is room. */
  writeUtf16?(text: string, bytes: Uint8Array, start: number): void;
  /** Copies bytes, one at least, to a buffer of their own that holds nothing else. */
  copy?(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer>;
  /**
   * Whether an array surely has no enumerable properties but its elements, of
   * which some may be missing. It may say no where nobody knows, and must not throw.
   */
  isBare?(array: readonly unknown[]): boolean;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const CHUNK = 4096;

/** Works everywhere. Browsers refuse to decode shared memory: what is read is copied first. */
export const portableNatives: Natives = {
  fewCharacters: 10,
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
