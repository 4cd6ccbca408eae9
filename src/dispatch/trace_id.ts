/**
 * What a submission is traced by, and how that travels: behind the arguments.
 *
 * @module
 */
import { show } from "../base/checks.ts";
import type { Format } from "../codec/mod.ts";

/** A pool's option `traceId`. */
export type TraceId = () => string | undefined;

/** Arguments with what the submission is traced by behind them. */
export class TracedArguments extends Array<unknown> {
  /**
   * @param args The arguments.
   * @param traceId What the submission is traced by.
   * @param format How they are encoded.
   */
  constructor(args: readonly unknown[], traceId: string, format: Format | undefined) {
    super(args.length + 1);
    for (let i = 0; i < args.length; i++) this[i] = args[i];
    this[args.length] = format === "bytes" ? new TextEncoder().encode(traceId) : traceId;
  }
}

/**
 * @param give The pool's option.
 * @returns What it gives for a submission that is made now.
 * @throws {TypeError} Where that is no string.
 */
export function traceBy(give: TraceId): string | undefined {
  const traceId: unknown = give();
  if (traceId === undefined || typeof traceId === "string") return traceId;
  throw new TypeError(
    `Cannot use traceId ${show(traceId)}: the option must give a string or undefined`,
  );
}
