/**
 * Many jobs on one table: sent with each of them, or encoded once and decoded once in
 * each worker; and what they count, in memory that all of them have together.
 *
 * @module
 */
import { Pool, share } from "@multicore/multicore";
import { countLengths } from "./tasks.ts";

const pool = new Pool();
await pool.ready;
const words = Array.from({ length: 20_000 }, (_, i) => `word ${i}`);
const counts = new Int32Array(new SharedArrayBuffer(4 * 16));

for (const table of [words, share(words), words, share(words)]) {
  const began = performance.now();
  const jobs = Array.from({ length: 50 }, (_, i) => pool.run(countLengths, table, i, 50, counts));
  await Promise.all(jobs);
  const time = performance.now() - began;
  console.log(`${table === words ? "sent  " : "shared"} ${time.toFixed(1)} ms`);
}

console.log(`words of 10 characters: ${counts[10]! / 4}`);
await pool.close();
