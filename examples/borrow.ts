/**
 * Large binary arguments: copied into shared memory once, and not out of it again.
 *
 * @module
 */
import { Pool } from "@multicore/multicore";
import { sum } from "./tasks.ts";

const pool = new Pool();
await pool.ready;
const bytes = new Uint8Array(16 << 20).fill(1);

for (const borrow of [false, true, false, true]) {
  const began = performance.now();
  // The view that the function gets is valid until it settles; it must not keep it.
  const total = await pool.runWith({ borrow }, sum, bytes);
  const time = performance.now() - began;
  console.log(`${borrow ? "borrowed" : "copied  "} ${total} in ${time.toFixed(1)} ms`);
}

await pool.close();
