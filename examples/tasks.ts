/**
 * Task functions of the examples beside this file.
 *
 * @module
 */
import { register } from "@multicore/multicore";

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

register(import.meta.url, { OutOfStockError, order, fibonacci, isPrime, sum });
