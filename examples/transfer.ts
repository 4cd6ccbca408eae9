/**
 * A large buffer, there and back: copied, or moved.
 *
 * @module
 */
import { Pool, transfer } from "@multicore/multicore";
import { invert } from "./tasks.ts";

const pool = new Pool({ workers: 1 });
await pool.ready;

for (const way of ["copied", "moved ", "copied", "moved "]) {
  const bytes = new Uint8Array(32 << 20).fill(7);
  const began = performance.now();
  const given = way === "copied" ? bytes : transfer(bytes, [bytes.buffer]);
  const inverted = await pool.run(invert, given, 1000);
  const time = performance.now() - began;
  console.log(
    `${way} ${inverted.length} bytes in ${time.toFixed(1)} ms; ${bytes.length} are left here`,
  );
}

await pool.close();
