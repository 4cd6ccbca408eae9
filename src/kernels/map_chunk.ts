/**
 * The worker's part of `map` and `stream`.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { isThenable } from "../base/thenable.ts";
import { Checkpoints } from "./checkpoints.ts";
import { type AnyFunction, callable, type SentFunction } from "./functions.ts";
import { broken, type ChunkReport, complete } from "./report.ts";

/**
 * Calls a function for each item of a chunk. Where it returns promises, those of the
 * chunk are awaited together; the first failure is that of the first item in order.
 *
 * @param sent The function; it gets the item and its index.
 * @param items The items: an array, or a typed array.
 * @param start The first one's index.
 * @returns The results, up to the first failure.
 */
export function mapChunk(
  sent: SentFunction,
  items: ArrayLike<unknown>,
  start: number,
): ChunkReport | Promise<ChunkReport> {
  const began = now();
  const values: unknown[] = [];
  try {
    const fn = callable(sent);
    const checkpoints = new Checkpoints(items.length, false);
    for (let i = 0; i < items.length;) {
      const end = checkpoints.pass(i);
      for (; i < end; i++) {
        const value = fn(items[i], start + i);
        if (isThenable(value)) return mapTogether(fn, items, start, values, value, began);
        values.push(value);
      }
    }
  } catch (error) {
    return broken(began, values, error);
  }
  return complete(began, values);
}

/** Goes on where the first promise was returned. */
async function mapTogether(
  fn: AnyFunction,
  items: ArrayLike<unknown>,
  start: number,
  values: unknown[],
  first: PromiseLike<unknown>,
  began: number,
): Promise<ChunkReport> {
  const pending: Promise<unknown>[] = [Promise.resolve(first)];
  for (let i = values.length + 1; i < items.length; i++) {
    try {
      pending.push(Promise.resolve(fn(items[i], start + i)));
    } catch (error) {
      pending.push(Promise.reject(error));
      break;
    }
  }
  // They are awaited in order: until then none that rejects may count as unhandled.
  for (const promise of pending) promise.catch(() => {});
  try {
    for (const promise of pending) values.push(await promise);
  } catch (error) {
    return broken(began, values, error);
  }
  return complete(began, values);
}
