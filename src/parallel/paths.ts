/**
 * Paths to what cannot be sent, as users know them: a chunk's arguments and its
 * report are the library's own affair.
 *
 * @module
 */
import { NotSerializableError } from "../base/errors.ts";

/** An item: they are the second argument of the kernels. */
const ITEM = /^args\[1\]\[(\d+)\]/;
/** A value that a closure has captured: the first argument. */
const CAPTURED = /^args\[0\]\.values\[\d+\]/;
/** The same among the stages of an iterator. */
const CAPTURED_BY_STAGE = /^args\[0\](\[\d+\])+\.values\[\d+\]/;
/** An output: they are the second part of a report. */
const OUTPUT = /^result\[1\](?:\[(\d+)\])?/;

/** @returns The place of an item in its batch, of a path that leads there; else 0. */
export function placeOfItem(path: string): number {
  return Number(ITEM.exec(path)?.[1] ?? 0);
}

/**
 * @param error Why a batch was refused.
 * @param start The index of its first item.
 * @returns The same error, or one whose path begins with the item.
 */
export function withItemPath(error: unknown, start: number): unknown {
  return withPath(
    error,
    (path) =>
      path.replace(ITEM, (_, place) => `items[${start + Number(place)}]`)
        .replace(CAPTURED, "captured").replace(CAPTURED_BY_STAGE, "captured"),
  );
}

/**
 * @param error Why a job has failed as a whole.
 * @param start The index of its first result, where each item has one.
 * @returns The same error, or one whose path begins with the result.
 */
export function withOutputPath(error: unknown, start: number | undefined): unknown {
  return withPath(
    error,
    (path) =>
      path.replace(
        OUTPUT,
        (_, place) => start === undefined ? "value" : `results[${start + Number(place)}]`,
      ),
  );
}

function withPath(error: unknown, change: (path: string) => string): unknown {
  if (!(error instanceof NotSerializableError)) return error;
  const path = change(error.path);
  if (path === error.path) return error;
  const { cause } = error;
  const reason = error.message.slice(`Cannot send ${error.path}: `.length);
  return new NotSerializableError(path, reason, { cause });
}
