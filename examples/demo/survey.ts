/**
 * Task functions of the demo's third part: what is in text files.
 *
 * @module
 */
import { register } from "@multicore/multicore";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** What was found in one file. */
export interface FileFacts {
  /** SHA-256 of its bytes, in hexadecimal. */
  readonly sha256: string;
  /** Number of lines; a last one without an end counts too. */
  readonly lines: number;
  /** Number of words. */
  readonly words: number;
  /** Why it could not be read, where that is so; the rest is empty then. */
  readonly error?: string;
}

/** How often words occur, in lower case. */
export type Frequencies = Map<string, number>;

/**
 * What this thread has counted so far. A worker lives as long as its pool, and so
 * do its modules: it need not send its counts with each file, but only at the end.
 */
let frequencies: Frequencies = new Map();

/** A letter, then letters, marks and digits. */
const WORD = /\p{L}[\p{L}\p{M}\p{N}]*/gu;
const NEWLINE = 10;
/** Text is looked at in pieces of about so many bytes, so that its words need not all be in memory. */
const PIECE = 1 << 20;

const decoder = new TextDecoder();

/** Surveys a file; one that cannot be read is noted as such. */
export function survey(path: string): FileFacts {
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return { sha256: "", lines: 0, words: 0, error: (error as Error).message };
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  return { sha256, lines: countLines(bytes), words: countWords(bytes) };
}

/** Hands out what this thread has counted, and begins anew. */
export function takeFrequencies(): Frequencies {
  const taken = frequencies;
  frequencies = new Map();
  return taken;
}

register(import.meta.url, { survey, takeFrequencies });

function countWords(bytes: Uint8Array): number {
  let count = 0;
  for (const piece of pieces(bytes)) {
    for (const word of decoder.decode(piece).toLowerCase().match(WORD) ?? []) {
      frequencies.set(word, (frequencies.get(word) ?? 0) + 1);
      count++;
    }
  }
  return count;
}

/** Cut behind a line's end, where no word can be cut in two. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start + PIECE);
    const end = newline < 0 ? bytes.length : newline + 1;
    yield bytes.subarray(start, end);
    start = end;
  }
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === NEWLINE) lines++;
  return bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE ? lines + 1 : lines;
}
