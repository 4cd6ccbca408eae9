/**
 * What a submission is traced by.
 *
 * @module
 */
import { show } from "../base/checks.ts";

/** A pool's option `traceId`. */
export type TraceId = () => string | undefined;

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
