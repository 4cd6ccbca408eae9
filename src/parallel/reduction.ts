/**
 * What chunks were reduced to, combined in order.
 *
 * @module
 */
import { PayloadTooLargeError, QueueFullError } from "../base/errors.ts";
import type { Engine } from "../dispatch/engine.ts";
import { foldParts, type SentFunction } from "../kernels/mod.ts";
import { callOn } from "./call.ts";
import { JobGroup } from "./job_group.ts";

/** Most parts that wait to be combined. */
const PARTS = 64;

/** Combines parts, on a worker: the function may be one that only workers know. */
export class Reduction {
  /** The jobs of the call that this is a part of. */
  readonly group: JobGroup = new JobGroup();
  readonly #engine: Engine;
  readonly #fn: () => SentFunction;
  readonly #seed: readonly unknown[];
  #parts: unknown[] = [];

  /**
   * @param engine What runs the function.
   * @param fn Gives what makes one part of two.
   * @param seed What comes of no parts, if there is such a thing.
   */
  constructor(engine: Engine, fn: () => SentFunction, seed: readonly unknown[]) {
    this.#engine = engine;
    this.#fn = fn;
    this.#seed = seed;
  }

  /** Takes what came of the next chunk: one part, or none. */
  async add(parts: readonly unknown[]): Promise<void> {
    this.#parts.push(...parts);
    if (this.#parts.length < PARTS) return;
    // Not afterwards: what filled the queue may have ended when its refusal arrives.
    const isBusy = this.group.isBusy;
    try {
      this.#parts = [await this.#fold(this.#parts)];
    } catch (error) {
      // A queue that is full of chunks has no room before one of them ends: the next part is tried.
      if (!(error instanceof QueueFullError && isBusy)) throw error;
    }
  }

  /** @returns What came of all. @throws {TypeError} Where that is nothing, and there is no seed. */
  async end(): Promise<unknown> {
    if (this.#parts.length > 0) return await this.#fold(this.#parts);
    if (this.#seed.length === 1) return this.#seed[0];
    throw new TypeError("Cannot reduce: there are no values, and no initial one");
  }

  /** Together they may be too large to be sent, while each of them is not. */
  async #fold(parts: readonly unknown[]): Promise<unknown> {
    if (parts.length === 1) return parts[0];
    this.group.begin();
    try {
      return await callOn(this.#engine, foldParts, [this.#fn(), parts], undefined);
    } catch (error) {
      if (!(error instanceof PayloadTooLargeError) || parts.length === 2) throw error;
    } finally {
      this.group.end();
    }
    const middle = parts.length >>> 1;
    const left = await this.#fold(parts.slice(0, middle));
    return await this.#fold([left, await this.#fold(parts.slice(middle))]);
  }
}
