/**
 * A function over all items of an array, in parallel, with the progress shown.
 *
 * @module
 */
import { Pool } from "@multicore/multicore";
import { fibonacci, order } from "./tasks.ts";

await using pool = new Pool();

const numbers = Array.from({ length: 200 }, (_, i) => i % 25);
let shown = 0;

const results = await pool.map(fibonacci, numbers, {
  onProgress({ done, total }) {
    const percent = Math.floor(100 * done / total!);
    if (percent < shown + 25) return;
    shown = percent;
    console.log(`${done} of ${total} done`);
  },
});
console.log(results.slice(0, 10).join(" ")); // 0 1 1 2 3 5 8 13 21 34

// The failure of one item, the first in order, rejects the whole map; nothing more is begun.
const orders = ["tea", "tea", "coffee", "tea", "cake"];
const failure = await pool.map(order, orders).catch((error: Error) => error);
console.log(`${failure}`); // OutOfStockError: There is no coffee left
