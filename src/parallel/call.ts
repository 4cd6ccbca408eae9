/**
 * Single calls: a promise for each.
 *
 * @module
 */
import type { Engine, JobOptions, Settler } from "../dispatch/engine.ts";
import { runtime } from "../runtime/mod.ts";
import { Failure, fromCaller, raise, unwrap } from "./trace.ts";

type Resolve = (value: unknown) => void;

/** What the promise that was made last resolves by. */
let resolveLast!: Resolve;
/** The same for all promises: one of its own for each costs a tenth of the promise. */
const executor = (resolve: Resolve): void => void (resolveLast = resolve);

/** Settles the promise of one call. */
class Call implements Settler {
  readonly #resolve: Resolve;

  constructor(resolve: Resolve) {
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
  const promise = new Promise<R | Failure>(executor as (resolve: (value: R) => void) => void);
  try {
    engine.submit(fn, args, new Call(resolveLast), 0, options);
  } catch (error) {
    return Promise.reject(fromCaller(error, callOn));
  }
  return runtime.tracesPromises ? promise as Promise<R> : unwrap(promise);
}
