/**
 * A program that has the package from npm, in its node_modules. It is built and
 * run outside this repository: see tools/package.js.
 */
import { initialize, Pool, shutdown, Task } from "@multicore/multicore";
import { add, double, fail } from "./tasks.ts";

await initialize();
const task = new Task<number>();
for (let n = 0; n < 100; n++) task.run(double, n);
const results: number[] = await task.get();

const failing = new Task<never>();
failing.run(fail);
const error: Error = await failing.get().then(() => new Error("It did not fail"), (error) => error);
await shutdown();

if (results.length !== 100 || results.some((result, n) => result !== 2 * n)) {
  throw new Error(`Wrong results: ${results}`);
}

// The workers' entry has the functions that these run by.
const pool = new Pool({ workers: 2 });
const doubled: number[] = await pool.map(double, [1, 2, 3]);
const again: number[] = [];
for await (const n of pool.stream(double, doubled)) again.push(n);
const sum: number = await pool.iter(again).map(double).reduce(add);
await pool.close();
if (sum !== 48) throw new Error(`Wrong sum: ${sum}, of ${again}`);

// Of the package's own files the stack shows none; it goes on at the call.
const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
if (
  !(error instanceof RangeError) || !frames[0]?.includes("tasks") ||
  frames.some((line) => line.includes("/dist/"))
) {
  throw new Error(`Wrong stack: ${error.stack}`);
}
