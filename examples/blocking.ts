/**
 * Results without await: `getSync` blocks the thread until they are there.
 *
 * @module
 */
import { initialize, shutdown, Task } from "@multicore/multicore";
import { fibonacci } from "./tasks.ts";

void initialize(); // jobs may be submitted before the workers are ready

function fibonaccis(...numbers: number[]): number[] {
  const task = new Task<number>();
  for (const n of numbers) task.run(fibonacci, n);
  return task.getSync({ timeout: 60_000 });
}

console.log(fibonaccis(25, 26, 27, 28)); // [ 75025, 121393, 196418, 317811 ]

await shutdown();
