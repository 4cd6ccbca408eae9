/**
 * A promise with its two ends in hand, for runtimes without `Promise.withResolvers`.
 *
 * @module
 */

/** A promise that is settled from outside. */
export class Deferred<T> {
  /** Settles `promise`. */
  resolve!: (value: T | PromiseLike<T>) => void;
  /** Rejects `promise`. */
  reject!: (reason: unknown) => void;
  /** What the two ends settle. */
  readonly promise: Promise<T> = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}
