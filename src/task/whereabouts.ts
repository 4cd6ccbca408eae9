/**
 * Whether this thread is a worker of a pool, and what its jobs can begin jobs with.
 * Kept on the global object, so that every copy of this library in the thread
 * knows it.
 *
 * @module
 */
const KEY = Symbol.for("multicore.worker");

/** A worker as its own code sees it. */
export interface PoolWorker {
  /** Its place in the pool. */
  readonly index: number;
  /** Most bytes of one payload: the pool's `memory.max`. */
  readonly largest?: number;
  /** The engine for nested work; its type is known to the layers above. */
  readonly engine: unknown;
  /** What the pool's `setup` returned here. */
  context: unknown;
}

/** Worker: says that this thread belongs to a pool. */
export function markPoolWorker(worker: PoolWorker): void {
  (globalThis as { [KEY]?: PoolWorker })[KEY] = worker;
}

/** @returns The worker that this thread is; `undefined` where it is none. */
export function poolWorker(): PoolWorker | undefined {
  return (globalThis as { [KEY]?: PoolWorker })[KEY];
}

/** @returns Whether this thread is a worker of a pool. */
export function inPoolWorker(): boolean {
  return poolWorker() !== undefined;
}
