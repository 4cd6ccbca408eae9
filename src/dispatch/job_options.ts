/**
 * Checks of one call's options.
 *
 * @module
 */
import {
  abortSignal,
  callback,
  checkKnown,
  duration,
  flag,
  integer,
  oneOf,
} from "../base/checks.ts";
import { FORMATS } from "../task/payload_kind.ts";
import type { JobOptions } from "./engine.ts";

const JOB_OPTIONS = [
  "format",
  "signal",
  "timeout",
  "priority",
  "retry",
  "worker",
  "borrow",
  "onProgress",
];

/**
 * Checks one call's options.
 *
 * @param options What the user passed.
 * @param workers Number of workers of the pool.
 * @returns The same.
 * @throws {TypeError | RangeError} Where one makes no sense; the message names it and its value.
 */
export function checkJobOptions(options: JobOptions, workers: number): JobOptions {
  if (options === undefined) {
    throw new TypeError("Cannot use undefined as options of runWith: pass an object, or use run");
  }
  checkKnown("runWith", options, JOB_OPTIONS);
  if (options.format !== undefined) {
    oneOf("format", options.format, FORMATS);
  }
  if (options.priority !== undefined) {
    oneOf("priority", options.priority, ["low", "normal", "high"]);
  }
  if (options.timeout !== undefined) duration("timeout", options.timeout);
  if (options.retry !== undefined) integer("retry", options.retry, 0, 1000);
  if (options.worker !== undefined) integer("worker", options.worker, 0, workers - 1);
  if (options.borrow !== undefined) flag("borrow", options.borrow);
  if (options.onProgress !== undefined) callback("onProgress", options.onProgress);
  if (options.signal !== undefined) abortSignal(options.signal);
  return options;
}
