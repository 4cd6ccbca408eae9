/**
 * Which runtime this is.
 *
 * @module
 */
import type { Runtime, WorkerRuntime } from "./adapter.ts";
import { restrictedWorkerRuntime, threadsRuntime, threadsWorkerRuntime } from "./threads.ts";
import { webRuntime, webWorkerRuntime } from "./web.ts";

export { type AsyncStorage, asyncStorage, withContext } from "./context.ts";
export type {
  MailLine,
  Permissions,
  Runtime,
  Tie,
  WorkerHandle,
  WorkerRuntime,
} from "./adapter.ts";

const globals = globalThis as {
  Deno?: unknown;
  Bun?: unknown;
  process?: { getBuiltinModule?: unknown };
};

/** Deno, Bun and Node hand out their own modules by this; browsers have nothing of the kind. */
const hasThreads = typeof globals.process?.getBuiltinModule === "function";

const name = globals.Deno ? "deno" : globals.Bun ? "bun" : "node";

/** The runtime that this thread runs in. */
export const runtime: Runtime = hasThreads ? threadsRuntime(name) : webRuntime();

/** @returns This thread's side of it as a worker of a pool, `undefined` where it is none. */
export function workerRuntime(): WorkerRuntime | undefined {
  if (!hasThreads) return webWorkerRuntime();
  return threadsWorkerRuntime(name) ?? (name === "deno" ? restrictedWorkerRuntime() : undefined);
}
