/**
 * A job that tells how far it is, and one that stops where nobody waits for it any more.
 *
 * @module
 */
import { Pool, TimeoutExceededError } from "@multicore/multicore";
import { countPrimes } from "./tasks.ts";

const pool = new Pool({ workers: 1 });

const shares: string[] = [];
const onProgress = (share: unknown) => void shares.push(`${Math.round(100 * Number(share))} %`);
const found = await pool.runWith({ onProgress }, countPrimes, 100_000);
console.log(shares.join(", ")); // 10 %, 20 %, 30 %, 40 %, 50 %, 60 %, 70 %, 80 %, 90 %
console.log(`${found} primes`); // 9592 primes

// It would take minutes. The promise rejects at once; and as the function asks, in each round of
// its loop, whether anybody waits for it, its worker is free again at once, too.
try {
  await pool.runWith({ timeout: 50 }, countPrimes, 1_000_000_000);
} catch (error) {
  if (!(error instanceof TimeoutExceededError)) throw error;
  console.log(error.message);
}
console.log(await pool.run(countPrimes, 1000)); // 168

await pool.close();
