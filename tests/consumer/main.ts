/**
 * A program that has the package from npm, in its node_modules. It is built and
 * run outside this repository: see tools/package.js.
 */
import { initialize, shutdown, Task } from "@multicore/multicore";
import { double } from "./tasks.ts";

await initialize();
const task = new Task<number>();
for (let n = 0; n < 100; n++) task.run(double, n);
const results: number[] = await task.get();
await shutdown();

if (results.length !== 100 || results.some((result, n) => result !== 2 * n)) {
  throw new Error(`Wrong results: ${results}`);
}
