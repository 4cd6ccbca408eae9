/**
 * What a run was told.
 *
 * @module
 */
import type { Format } from "./line.ts";
import type { OnError } from "./lines.ts";

/** The options of `multicore map`. */
export interface MapOptions {
  /** The function, as it was written. */
  readonly fn: string;
  /** A path, or `-` for standard input. */
  readonly input: string;
  /** A path, or `-` for standard output. */
  readonly output: string;
  readonly inputFormat: Format;
  readonly outputFormat: Format;
  readonly onError: OnError;
  /** Where collected failures go: a path, or `-` for standard error. */
  readonly errors: string;
  /** Number of workers; as many as processors where not given. */
  readonly workers?: number;
  /** Most lines in a batch; measured where not given. */
  readonly chunk?: number;
  /** Whether files that exist may be overwritten. */
  readonly force?: boolean;
  /** Whether to show no progress. */
  readonly quiet?: boolean;
}
