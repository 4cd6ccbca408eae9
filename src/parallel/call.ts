/**
 * Single calls: a promise for each.
 *
 * @module
 */
import type { Engine, JobOptions, Settler } from "../dispatch/engine.ts";
import { runtime } from "../runtime/mod.ts";
import { Failure, fromCaller, raise, unwrap } from "./trace.ts";

/** Settles the promise of one call. */
class Call implements Settler {
  readonly #resolve: (value: unknown) => void;

  constructor(resolve: (value: unknown) => void) {
    this.#resolve = resolve;
  }

  settle(_index: number, failed: boolean, outcome: unknown): void {
    if (!failed) this.#resolve(outcome);
    else this.#resolve(runtime.tracesPromises ? raise(outcome) : new Failure(outcome));
  }
}

/**
 * Submits a job.
 *
 * @returns A promise of its result; it rejects also where the job cannot be accepted.
 */
export function callOn<R>(
  engine: Engine,
  fn: unknown,
  args: readonly unknown[],
  options: JobOptions | undefined,
): Promise<R> {
  const promise = new Promise<R | Failure>((resolve, reject) => {
    try {
      engine.submit(fn, args, new Call(resolve as (value: unknown) => void), 0, options);
    } catch (error) {
      reject(fromCaller(error, callOn));
    }
  });
  return runtime.tracesPromises ? promise as Promise<R> : unwrap(promise);
}
