/**
 * The worker's part: lines in, lines out. Each line stands alone; what one of them
 * throws is noted with its number, and the others of the batch go on.
 *
 * @module
 */
import { type Format, parseLine, writeLine } from "./line.ts";

/** What becomes of lines that fail. */
export type OnError = "stop" | "skip" | "collect";

/** The same for all batches of a run. */
export interface Work {
  /** The user's function. */
  readonly fn: (value: unknown) => unknown;
  readonly inputFormat: Format;
  readonly outputFormat: Format;
  readonly onError: OnError;
}

/** Whole lines of the input, with their line breaks, and what to do with them. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly work: Work;
}

/** A line that failed. */
export interface Failure {
  /** Its place in the batch, from 0. */
  readonly index: number;
  readonly name: string;
  readonly message: string;
  /** Where the function threw it, a frame each line; empty where the line itself is at fault. */
  readonly stack: string;
  /** The line itself, where failures are collected and it is text. */
  readonly input?: string | undefined;
}

/** What became of a batch. */
export interface BatchResult {
  /** The lines of the output, with their line breaks. */
  readonly output: Uint8Array;
  /** How many lines the batch had, or had up to the one that failed. */
  readonly lines: number;
  /** Its bytes. */
  readonly bytes: number;
  /** Milliseconds that it took. */
  readonly time: number;
  readonly failures: readonly Failure[];
}

const NEWLINE = 10;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Imports the user's module, by taking its function as an argument.
 *
 * @returns Whether it is one.
 */
export function isFunction(fn: unknown): boolean {
  return typeof fn === "function";
}

/** Runs the user's function over the lines of a batch, one after another. */
export async function runLines({ bytes, work }: Batch): Promise<BatchResult> {
  const began = performance.now();
  const { fn, inputFormat, outputFormat, onError } = work;
  const output: string[] = [];
  const failures: Failure[] = [];
  let lines = 0;
  for (const line of linesOf(bytes)) {
    let input: string | undefined;
    let theirs = false; // whether it is the user's function that throws
    try {
      input = withoutReturn(typeof line === "string" ? line : decoder.decode(line));
      // JSON has no word for an empty line; text has: the empty text.
      if (inputFormat === "text" || input.trim() !== "") {
        const value = parseLine(input, inputFormat);
        theirs = true;
        let result = fn(value);
        if (typeof (result as PromiseLike<unknown>)?.then === "function") result = await result;
        theirs = false;
        output.push(writeLine(result, outputFormat));
      }
    } catch (error) {
      const failure = { index: lines, ...said(error), stack: theirs ? framesOf(error) : "" };
      failures.push(onError === "collect" ? { ...failure, input } : failure);
    }
    lines++;
    if (failures.length > 0 && onError === "stop") break;
  }
  output.push("");
  return {
    output: encoder.encode(output.join("\n")),
    lines,
    bytes: bytes.length,
    time: performance.now() - began,
    failures,
  };
}

/** The lines, without line feeds; as bytes where some of them are not UTF-8. */
function linesOf(bytes: Uint8Array): Iterable<string | Uint8Array> {
  const end = bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length;
  const content = bytes.subarray(0, end);
  try {
    return decoder.decode(content).split("\n");
  } catch {
    return slices(content); // the decoder refuses the lines at fault, one by one
  }
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let end; (end = bytes.indexOf(NEWLINE, start)) >= 0; start = end + 1) {
    yield bytes.subarray(start, end);
  }
  yield bytes.subarray(start);
}

/**
 * @param line The bytes of a line, with or without its line break.
 * @returns Its text, as functions get it; `undefined` where it is none.
 */
export function textOf(line: Uint8Array): string | undefined {
  try {
    return withoutReturn(decoder.decode(line.at(-1) === NEWLINE ? line.subarray(0, -1) : line));
  } catch {
    return undefined;
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function said(error: unknown): { name: string; message: string } {
  if (error instanceof Error) return { name: error.name, message: error.message };
  return { name: "Error", message: `${String(error)} was thrown, which is no Error` };
}

/** Where an error was made, down to the call by this module. */
function framesOf(error: unknown): string {
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const ours = frames.findIndex((line) => line.includes(runLines.name));
  return frames.slice(0, ours < 0 ? frames.length : ours).join("\n");
}
