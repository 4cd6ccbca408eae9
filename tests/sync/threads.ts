/**
 * Threads for stress tests.
 *
 * @module
 */
import { Worker } from "node:worker_threads";
import type { Part } from "../fixtures/lock_free_thread.ts";

/** Zeroed shared words. */
export function words(count: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(4 * count));
}

/**
 * Starts a thread.
 *
 * @param part What it does.
 * @returns Once it has begun: a promise of its end.
 */
export async function thread(part: Part): Promise<{ readonly over: Promise<void> }> {
  const worker = new Worker(new URL("../fixtures/lock_free_thread.ts", import.meta.url), {
    workerData: part,
  });
  let begun!: () => void;
  const ready = new Promise<void>((resolve) => void (begun = resolve));
  let ended = false;
  const over = new Promise<void>((resolve, reject) => {
    worker.on("message", (message) => {
      if (message === "ready") return begun();
      ended = true;
      resolve();
    });
    worker.on("error", reject);
    worker.on("exit", () => ended || reject(new Error(`The part ${part.part} was not played`)));
  });
  await Promise.race([ready, over]);
  return { over };
}
