/**
 * Batches that are divided: they cannot be sent whole, or have come back half done.
 *
 * @module
 */
import { NotSerializableError, PayloadTooLargeError } from "../base/errors.ts";
import { placeOfItem } from "./paths.ts";
import type { Batch } from "./source.ts";

/**
 * @param batch A batch that was refused.
 * @param error Why.
 * @returns What it can be divided into, so that no item fails for another.
 */
export function partsOf(batch: Batch, error: unknown): [Batch, Batch] | undefined {
  if (typeof batch.items === "number") return undefined;
  if (error instanceof PayloadTooLargeError) {
    return batch.count > 1 ? divided(batch, batch.count >>> 1) : undefined;
  }
  if (!(error instanceof NotSerializableError)) return undefined;
  const place = placeOfItem(error.path);
  return place > 0 ? divided(batch, place) : undefined;
}

/** @returns The first items of a batch, and the others. */
export function divided({ start, count, items }: Batch, at: number): [Batch, Batch] {
  if (typeof items === "number") {
    return [
      { start, count: at, items },
      { start: start + at, count: count - at, items: items + at },
    ];
  }
  const all = Array.from(items);
  return [
    { start, count: at, items: all.slice(0, at) },
    { start: start + at, count: count - at, items: all.slice(at) },
  ];
}
