/**
 * A cold start, in a process of its own for each sample: from starting the
 * workers to the first result, and to the moment when all of them are ready,
 * where the contender tells. Loading the contender's own modules on the host
 * comes before, and is a row by itself. A bare worker of the kind that multicore
 * starts is the limit.
 *
 * @module
 */
import { loadContender } from "../contenders/all.ts";
import { PROCESSORS } from "../harness/platform.ts";
import { startWorkerThread } from "../harness/threads.ts";

/** One sample, in milliseconds. */
export interface Startup {
  readonly load?: number;
  readonly first?: number;
  readonly ready?: number;
}

/** Name of a worker that says that it is there, and does nothing else. */
const BARE_WORKER = "bare worker";

/** Takes one sample. @param workers How many to start; 0 for one for each processor. */
export function startup(name: string, workers: number): Promise<Startup> {
  const count = workers === 0 ? PROCESSORS : workers;
  return name === BARE_WORKER ? startBareWorkers(count) : startContender(name, count);
}

async function startContender(name: string, workers: number): Promise<Startup> {
  const before = performance.now();
  const contender = await loadContender(name);
  const began = performance.now();
  const running = await contender.start(workers);
  let ready: number | undefined;
  const isReady = running.ready?.then(() => {
    ready = performance.now() - began;
  });
  await running.bind("same")(1);
  const first = performance.now() - began;
  await isReady;
  return { load: began - before, first, ...(ready !== undefined && { ready }) };
}

async function startBareWorkers(workers: number): Promise<Startup> {
  const url = new URL("./startup_worker.ts", import.meta.url);
  const threads = await import("node:worker_threads");
  const began = performance.now();
  await Promise.all(
    Array.from(
      { length: workers },
      () => new Promise((resolve) => startWorkerThread(threads, url, resolve)),
    ),
  );
  return { ready: performance.now() - began };
}
