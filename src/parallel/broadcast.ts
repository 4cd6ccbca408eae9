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
  // All of them, or none.
  engine.checkRoom(engine.size);
  const task = new Task<R>({}, engine);
  try {
    for (let worker = 0; worker < engine.size; worker++) {
      task.runWith({ worker }, fn as (...args: unknown[]) => R, ...args);
    }
  } catch (error) {
    // Code of the user's, which runs while arguments are encoded, was kind to the first ones only.
    await task.settled({ signal: AbortSignal.abort() }).catch(() => {});
    throw error;
  }
  return await task.get();
}
