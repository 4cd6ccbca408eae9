/**
 * What a process holds: memory, threads, open files and whatever keeps its event loop.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import process from "node:process";

/** What a process holds. */
export interface Footprint {
  /** Resident memory in MiB, the least of some readings. */
  readonly memory: number;
  /** Number of threads; `undefined` where there is no `/proc`. */
  readonly threads: number | undefined;
  /** Number of open file descriptors; `undefined` where there is no `/proc`. */
  readonly files: number | undefined;
  /** Number of handles that an event loop knows; `undefined` where nothing tells. */
  readonly handles: number | undefined;
}

const READINGS = 3;
const PAUSE = 30;

/** Collects garbage on this thread, where the runtime was told to let programs do so. */
export function collect(): void {
  const { gc, Bun } = globalThis as {
    gc?: () => void;
    Bun?: { gc(synchronously: boolean): void };
  };
  if (Bun === undefined) gc?.();
  else Bun.gc(true);
}

/**
 * Reads what this process holds. What has ended, a thread, say, needs a moment to go.
 *
 * @returns The least of some readings, each after a collection of garbage.
 */
export async function footprint(): Promise<Footprint> {
  const readings: Footprint[] = [];
  for (let i = 0; i < READINGS; i++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    collect();
    readings.push({
      memory: process.memoryUsage().rss / 2 ** 20,
      threads: entries("/proc/self/task"),
      files: entries("/proc/self/fd"),
      handles: process.getActiveResourcesInfo?.().length,
    });
  }
  const least = (of: (reading: Footprint) => number | undefined) =>
    readings.map(of).reduce((a, b) => a === undefined || b === undefined ? a : Math.min(a, b));
  return {
    memory: least(({ memory }) => memory)!,
    threads: least(({ threads }) => threads),
    files: least(({ files }) => files),
    handles: least(({ handles }) => handles),
  };
}

function entries(folder: string): number | undefined {
  try {
    return readdirSync(folder).length;
  } catch {
    return undefined; // not Linux
  }
}
