/**
 * A function on every worker.
 *
 * @module
 */
import type { Engine } from "../dispatch/engine.ts";
import { Task } from "./task.ts";

/**
 * Runs a function once on each worker of an engine.
 *
 * @returns The results, in the order of the workers.
 */
export async function broadcastOn<R>(
  engine: Engine,
  fn: unknown,
  args: readonly unknown[],
): Promise<R[]> {
  if (engine.closedBy !== undefined) throw engine.closedBy;
  const task = new Task<R>({}, engine);
  for (let worker = 0; worker < engine.size; worker++) {
    task.runWith({ worker }, fn as (...args: unknown[]) => R, ...args);
  }
  return await task.get();
}
