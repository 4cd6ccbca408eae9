/**
 * The engine of the default pool, for whoever makes a task without naming a pool.
 *
 * @module
 */
import { MulticoreError } from "../base/errors.ts";
import type { Engine } from "../dispatch/engine.ts";
import { poolWorker } from "../task/whereabouts.ts";

let current: Engine | undefined;

/** Makes an engine the default one, or takes it away. */
export function setCurrentEngine(engine: Engine | undefined): void {
  current = engine;
}

/** @returns In a pool's worker what runs the jobs that its jobs begin; else `undefined`. */
export function workerEngine(): Engine | undefined {
  return poolWorker()?.engine as Engine | undefined;
}

/** @returns The default pool's engine; in a worker, the thread's own; `undefined` where no pool runs. */
export function currentEngine(): Engine | undefined {
  current ??= workerEngine();
  return current?.open ? current : undefined;
}

/**
 * @param action What needs it, for the error.
 * @returns The default pool's engine.
 * @throws {MulticoreError} Where no pool runs; or what has ended the pool.
 */
export function requireEngine(action: string): Engine {
  const engine = currentEngine();
  if (engine !== undefined) return engine;
  if (current?.closedBy !== undefined) throw current.closedBy;
  throw new MulticoreError(
    `Cannot ${action}: no pool runs. Call initialize() first, or make a Pool and use pool.task() ` +
      "or pool.run(); Task.create() gives null then",
  );
}
