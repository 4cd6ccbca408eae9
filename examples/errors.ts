/**
 * What a task function throws arrives as itself: class, properties, both stacks.
 *
 * @module
 */
import { initialize, shutdown, Task } from "@multicore/multicore";
import { order, OutOfStockError } from "./tasks.ts";

await initialize();

const task = new Task<string>();
for (const item of ["tea", "coffee", "cake"]) task.run(order, item);
try {
  await task.get();
} catch (error) {
  // The first failure in the order of the calls, whichever came first.
  if (!(error instanceof OutOfStockError)) throw error;
  console.log(error.message, error.code, error.item); // There is no coffee left OUT_OF_STOCK coffee
  console.log(error.stack);
}

const again = new Task<string>();
for (const item of ["tea", "coffee", "cake"]) again.run(order, item);
for (const outcome of await again.settled()) {
  console.log(outcome.status === "fulfilled" ? outcome.value : outcome.reason.message);
}

await shutdown();
