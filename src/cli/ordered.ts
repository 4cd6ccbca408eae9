/**
 * Results in the order of the input, of jobs that run ahead of whoever reads them.
 *
 * @module
 */
import type { Pool } from "../../mod.ts";

/** Runs a function over items on a pool; at most `window` of them are under way. */
export async function* ordered<T, R>(
  pool: Pool,
  fn: (item: T) => R,
  items: AsyncIterator<T>,
  { window, signal }: { readonly window: number; readonly signal: AbortSignal },
): AsyncGenerator<Awaited<R>> {
  const jobs: Promise<Awaited<R>>[] = [];
  let pull: Promise<IteratorResult<T>> | undefined = items.next();
  while (pull !== undefined || jobs.length > 0) {
    const pulled: Promise<unknown>[] = pull !== undefined && jobs.length < window ? [pull] : [];
    await Promise.race([...pulled, ...jobs.slice(0, 1)]);
    if (pulled.length > 0 && await isSettled(pull!)) {
      const next: IteratorResult<T> = await pull!;
      if (!next.done) {
        const job = pool.runWith({ signal }, fn, next.value);
        job.catch(() => {}); // it is awaited in its turn
        jobs.push(job);
      }
      pull = next.done ? undefined : items.next();
    }
    if (jobs.length > 0 && await isSettled(jobs[0]!)) yield await jobs.shift()!;
  }
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = {};
  return await Promise.race([promise, Promise.resolve(pending)]).catch(() => {}) !== pending;
}
