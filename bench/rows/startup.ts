/**
 * A cold start, in a process of its own for each sample: from starting the
 * workers to the first result, and to the moment when all of them are ready,
 * where the contender tells. Loading the contender's own modules on the host
 * comes before, and is a row by itself.
 *
 * @module
 */
import { loadContender } from "../contenders/all.ts";
import { PROCESSORS } from "../harness/platform.ts";

/** One sample, in milliseconds. */
export interface Startup {
  readonly load: number;
  readonly first: number;
  readonly ready?: number;
}

/** Takes one sample. */
export async function startup(name: string, workers: number): Promise<Startup> {
  const before = performance.now();
  const contender = await loadContender(name);
  const began = performance.now();
  const running = await contender.start(workers === 0 ? PROCESSORS : workers);
  let ready: number | undefined;
  const isReady = running.ready?.then(() => {
    ready = performance.now() - began;
  });
  await running.bind("same")(1);
  const first = performance.now() - began;
  await isReady;
  return { load: began - before, first, ...(ready !== undefined && { ready }) };
}
