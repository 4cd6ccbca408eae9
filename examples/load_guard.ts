/**
 * Goes parallel only where the machine is not busy with other things.
 *
 * @module
 */
import { initialize, loadAverage, NUMBER_OF_WORKERS, shutdown, Task } from "@multicore/multicore";
import { fibonacci } from "./tasks.ts";

await initialize();
const numbers = [25, 26, 27, 28];
console.log(`load ${loadAverage().toFixed(2)}, ${NUMBER_OF_WORKERS} workers`);

// With two paths: null says that the sequential one is the better.
const task = Task.create<number>({ maxLoadAverage: 0.8 });
if (task === null) {
  console.log("sequential", numbers.map(fibonacci));
} else {
  for (const n of numbers) task.run(fibonacci, n);
  console.log("parallel", await task.get());
}

// With one path: where the load is high the same jobs run on this thread.
const either = Task.create<number>({ maxLoadAverage: 0.8, fallback: "inline" });
for (const n of numbers) either.run(fibonacci, n);
console.log("either", await either.get());

await shutdown();
