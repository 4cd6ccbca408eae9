/**
 * Batches that cannot be sent whole.
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

function divided({ start, count, items }: Batch, at: number): [Batch, Batch] {
  const all = Array.from(items as ArrayLike<unknown>);
  return [
    { start, count: at, items: all.slice(0, at) },
    { start: start + at, count: count - at, items: all.slice(at) },
  ];
}
