/**
 * What chunks were reduced to, combined in order.
 *
 * @module
 */
import type { Engine } from "../dispatch/engine.ts";
import { foldParts, type SentFunction } from "../kernels/mod.ts";
import { callOn } from "./call.ts";

/** Most parts that wait to be combined. */
const PARTS = 64;

/** Combines parts, on a worker: the function may be one that only workers know. */
export class Reduction {
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
    if (this.#parts.length >= PARTS) this.#parts = [await this.#fold()];
  }

  /** @returns What came of all. @throws {TypeError} Where that is nothing, and there is no seed. */
  async end(): Promise<unknown> {
    const parts = this.#parts;
    if (parts.length > 1) return await this.#fold();
    if (parts.length === 1) return parts[0];
    if (this.#seed.length === 1) return this.#seed[0];
    throw new TypeError("Cannot reduce: there are no values, and no initial one");
  }

  #fold(): Promise<unknown> {
    return callOn(this.#engine, foldParts, [this.#fn(), this.#parts], undefined);
  }
}
