/**
 * Nested work: a sort whose halves are jobs of their own. A job that waits for its
 * halves lets its worker run them, or other jobs, meanwhile.
 *
 * @module
 */
import { Pool } from "@multicore/multicore";
import { sort } from "./tasks.ts";

await using pool = new Pool();
const numbers = Float64Array.from({ length: 200_000 }, () => Math.random());
const sorted = await pool.run(sort, numbers);
const isSorted = sorted.every((n, i) => i === 0 || sorted[i - 1]! <= n);
console.log(`${sorted.length} numbers, ${isSorted ? "sorted" : "not sorted"}`);
