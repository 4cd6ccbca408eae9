/**
 * What items.ts and workers.ts send to workers.
 *
 * @module
 */
import { register, Task } from "../mod.ts";

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

/** A function that calls itself twice. */
export function fibonacci(n: number): number {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

/** The same as nested tasks, down to calls of some hundred microseconds. */
export async function nestedFibonacci(n: number): Promise<number> {
  if (n < 22) return fibonacci(n);
  const task = new Task<number>();
  task.run(nestedFibonacci, n - 1);
  task.run(nestedFibonacci, n - 2);
  const [left, right] = await task.get();
  return left! + right!;
}

register(import.meta.url, { tiny, isPrime, countPrimes, fibonacci, nestedFibonacci });
