/**
 * Whether this thread is a worker of a pool. Kept on the global object, so that
 * every copy of this library in the thread knows it.
 *
 * @module
 */
const KEY = Symbol.for("multicore.worker");

/** Worker: says that this thread belongs to a pool. */
export function markPoolWorker(index: number): void {
  (globalThis as { [KEY]?: number })[KEY] = index;
}

/** @returns Whether this thread is a worker of a pool. */
export function inPoolWorker(): boolean {
  return (globalThis as { [KEY]?: number })[KEY] !== undefined;
}
