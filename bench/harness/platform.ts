/**
 * What differs between the runtimes.
 *
 * @module
 */
import os from "node:os";
import process from "node:process";

/** The names that only some runtimes know. */
const globals = globalThis as {
  Deno?: { version: { deno: string; v8: string } };
  Bun?: { version: string; gc(synchronously: boolean): void };
  gc?: () => void;
};

/** Name of the runtime. */
export const RUNTIME: "deno" | "bun" | "node" = globals.Deno
  ? "deno"
  : globals.Bun
  ? "bun"
  : "node";

/** Version of the runtime. */
export const VERSION: string = globals.Deno?.version.deno ?? globals.Bun?.version ??
  process.versions.node;

/** How many threads can run at a time. */
export const PROCESSORS: number = os.availableParallelism();

/** Collects garbage now, so that nobody pays for another's. */
export function collectGarbage(): void {
  if (globals.Bun) globals.Bun.gc(true);
  else globals.gc?.();
}

/** @returns Bytes of memory that this process holds. */
export function residentBytes(): number {
  return process.memoryUsage.rss();
}

/** @returns Milliseconds of processor time that this process has used. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Resolves after some milliseconds. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
