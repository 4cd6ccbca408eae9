/**
 * A function that no module exports, sent by its source, with what it captures named.
 *
 * @module
 */
import { closure, initialize, ranges, shutdown, Task } from "@multicore/multicore";

await initialize();

const limit = 200_000;
const countPrimes = closure((start: number, end: number): number => {
  let found = 0;
  for (let n = Math.max(2, start); n < end; n++) {
    let isPrime = true;
    for (let i = 2; i * i <= n && isPrime; i++) isPrime = n % i !== 0;
    if (isPrime) found++;
  }
  return found;
});

const task = new Task<number>();
for (const [start, end] of ranges(limit)) task.run(countPrimes, start, end);
const found = (await task.get()).reduce((sum, part) => sum + part, 0);
console.log(`${found} primes below ${limit}`); // 17984 primes below 200000

// What it takes from its surroundings is named, and travels with each call.
const unit = "km";
const show = new Task<string>();
show.run(closure((n: number) => `${n} ${unit}`, { unit }), 42);
console.log(await show.get()); // [ "42 km" ]

await shutdown();
