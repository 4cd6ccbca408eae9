/**
 * An endless input, worked on in parallel, and read only as far as somebody wants.
 *
 * @module
 */
import { Pool } from "@multicore/multicore";
import { fibonacci } from "./tasks.ts";

let taken = 0;

/** It could as well be the lines of a log, or the messages of a queue. */
async function* measurements(): AsyncGenerator<number> {
  try {
    for (;; taken++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      yield taken % 20;
    }
  } finally {
    console.log("the input is closed");
  }
}

await using pool = new Pool();
let read = 0;

for await (const result of pool.stream(fibonacci, measurements(), { window: 32 })) {
  if (read++ < 5) console.log(result); // 0, 1, 1, 2, 3
  if (read === 50) break; // closes the input, and gives up what is queued
}
console.log(`${read} results read; at most 32 items more were taken: ${taken + 1 - read <= 32}`);
