/**
 * The language's iterator methods, run by all workers.
 *
 * @module
 */
import { closure, Pool } from "@multicore/multicore";
import { isPrime } from "./tasks.ts";

await using pool = new Pool();
await pool.ready;

const limit = 2_000_000;
const began = performance.now();
const found = await pool.iter(limit).filter(isPrime).count();
const parallel = performance.now() - began;

let count = 0;
for (let n = 0; n < limit; n++) if (isPrime(n)) count++;
const sequential = performance.now() - began - parallel;

console.log(`${found} primes below ${limit}`); // 148933 primes below 2000000
console.log(`a loop finds ${count}; ${(sequential / parallel).toFixed(1)} times as fast`);

// Order is kept, and what is not needed is not worked on, but for a little ahead.
const squares = pool.iter(Infinity).filter(isPrime).map(closure((n: number) => n * n));
console.log(await squares.drop(3).take(4).toArray()); // [ 49, 121, 169, 289 ]
console.log(await squares.find(closure((n: number) => n > 1000))); // 1369

// Each worker folds its ranges, and what comes of them is folded again.
const words = ["to", "be", "or", "not", "to", "be"];
const tally = closure((counts: Map<string, number>, word: string) =>
  counts.set(word, (counts.get(word) ?? 0) + 1)
);
const merge = closure((a: Map<string, number>, b: Map<string, number>) => {
  for (const [word, count] of b) a.set(word, (a.get(word) ?? 0) + count);
  return a;
});
console.log(await pool.iter(words).reduce(tally, new Map(), merge));
