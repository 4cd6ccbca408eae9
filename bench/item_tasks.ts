/**
 * What is done to items in items.ts.
 *
 * @module
 */
import { register } from "../mod.ts";

/** So little work that hardly anything but its being called is left. */
export function tiny(n: number, index: number): number {
  return 3 * n + index;
}

/** Some hundred nanoseconds of work on average, up to ten million. */
export function isPrime(n: number): boolean {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return n > 1;
}

/** What one would write by hand. @returns How many primes there are from `start` to below `end`. */
export function countPrimes(start: number, end: number): number {
  let primes = 0;
  for (let n = start; n < end; n++) if (isPrime(n)) primes++;
  return primes;
}

register(import.meta.url, { tiny, isPrime, countPrimes });
