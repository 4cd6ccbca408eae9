/**
 * Task functions of the examples beside this file.
 *
 * @module
 */
import { context, currentJob, register, Task, transfer } from "@multicore/multicore";

/** An error with more to it than a message. */
export class OutOfStockError extends Error {
  override readonly name = "OutOfStockError";
  readonly code = "OUT_OF_STOCK";
  readonly item: string;

  constructor(item: string) {
    super(`There is no ${item} left`);
    this.item = item;
  }
}

/** Throws unless the item is tea. */
export function order(item: string): string {
  if (item !== "tea") throw new OutOfStockError(item);
  return `one ${item}`;
}

/** Computes for a while. */
export function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

/** Tells whether a number is prime. */
export function isPrime(n: number): boolean {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return n > 1;
}

/** Adds up bytes. */
export function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let i = 0; i < bytes.length; i++) total += bytes[i]!;
  return total;
}

/** Counts primes; tells how far it is, and stops where nobody waits for it any more. */
export function countPrimes(limit: number): number {
  const job = currentJob();
  let found = 0;
  for (let n = 2; n < limit; n++) {
    job.throwIfAborted();
    if (n % Math.ceil(limit / 10) === 0) job.report(n / limit);
    if (isPrime(n)) found++;
  }
  return found;
}

/** Something that takes long to make, and that jobs then have at hand. */
export interface Dictionary {
  readonly worker: number;
  readonly words: ReadonlyMap<string, string>;
}

/** Runs once in each worker, before its first job. */
export async function openDictionary(worker: number): Promise<Dictionary> {
  await new Promise((resolve) => setTimeout(resolve, 20)); // reads a file, say
  return { worker, words: new Map([["tea", "Tee"], ["cake", "Kuchen"]]) };
}

/** Runs once in each worker, after its last job. */
export function closeDictionary({ worker, words }: Dictionary): void {
  if (words.size === 0) throw new Error(`Worker ${worker} had no words`);
}

/** Looks a word up in what `openDictionary` returned. */
export async function translate(word: string): Promise<string> {
  const { words } = context<Dictionary>();
  await undefined;
  return `${currentJob().traceId}: ${words.get(word) ?? "unknown"}`;
}

/** Numbers under this many are sorted at once: a job must do more than it costs. */
const SMALL = 20_000;

/** Sorts numbers; each half of many is a job of the same pool. */
export function sort(numbers: Float64Array): Float64Array {
  if (numbers.length <= SMALL) return numbers.toSorted();
  const middle = numbers.length >>> 1;
  const halves = new Task<Float64Array>();
  halves.run(sort, numbers.subarray(0, middle));
  halves.run(sort, numbers.subarray(middle));
  const [left, right] = halves.getSync() as [Float64Array, Float64Array];
  return merge(left, right);
}

function merge(left: Float64Array, right: Float64Array): Float64Array {
  const merged = new Float64Array(left.length + right.length);
  let l = 0;
  let r = 0;
  for (let i = 0; i < merged.length; i++) {
    const takeLeft = r === right.length || (l < left.length && left[l]! <= right[r]!);
    merged[i] = takeLeft ? left[l++]! : right[r++]!;
  }
  return merged;
}

/** Counts the lengths of every so manyth word, in memory that others count in as well. */
export function countLengths(
  words: readonly string[],
  first: number,
  step: number,
  counts: Int32Array,
): void {
  for (let i = first; i < words.length; i += step) Atomics.add(counts, words[i]!.length, 1);
}

/** Inverts the first bytes, and gives all of them back. */
export function invert(bytes: Uint8Array, count: number): Uint8Array {
  for (let i = 0; i < count; i++) bytes[i] = 255 - bytes[i]!;
  return transfer(bytes, [bytes.buffer]);
}

register(import.meta.url, {
  closeDictionary,
  countPrimes,
  fibonacci,
  isPrime,
  openDictionary,
  order,
  OutOfStockError,
  sum,
  countLengths,
  invert,
  translate,
  sort,
});
