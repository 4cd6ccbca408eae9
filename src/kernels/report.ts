/**
 * What comes back of a chunk.
 *
 * @module
 */
import { encodeFailure } from "./failures.ts";

/** What comes back of a chunk: milliseconds, what it made, and what ended it early, as bytes. */
export type ChunkReport = readonly [ms: number, output: unknown, failure?: Uint8Array];

/** @returns A report of a chunk that was begun at a time and has come to its end. */
export function complete(began: number, output: unknown): ChunkReport {
  return [performance.now() - began, output];
}

/** @returns A report of a chunk that an error has ended. */
export function broken(began: number, output: unknown, thrown: unknown): ChunkReport {
  return [performance.now() - began, output, encodeFailure(thrown)];
}
