/**
 * What comes back of a chunk.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { encodeFailure } from "./failures.ts";

/**
 * What comes back of a chunk: milliseconds, what it made, and what ended it early: a failure
 * as bytes, or that it made way for others, and is done with so many items.
 */
export type ChunkReport = readonly [ms: number, output: unknown, ended?: Uint8Array | number];

/** @returns A report of a chunk that was begun at a time and has come to its end, or far enough. */
export function complete(began: number, output: unknown, done?: number): ChunkReport {
  const ms = now() - began;
  return done === undefined ? [ms, output] : [ms, output, done];
}

/** @returns A report of a chunk that an error has ended. */
export function broken(began: number, output: unknown, thrown: unknown): ChunkReport {
  return [now() - began, output, encodeFailure(thrown)];
}
