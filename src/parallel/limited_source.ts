/**
 * The first items of another supply.
 *
 * @module
 */
import type { Batch, Source } from "./source.ts";

/** So many items of another source; it has more, and is to be closed. */
export class LimitedSource implements Source {
  readonly #source: Source;
  #left: number;

  /**
   * @param source The other source.
   * @param most How many items to take from it.
   */
  constructor(source: Source, most: number) {
    this.#source = source;
    this.#left = most;
  }

  get ended(): boolean {
    return this.#left === 0 || this.#source.ended;
  }

  get remaining(): number | undefined {
    const { remaining } = this.#source;
    return remaining === undefined ? undefined : Math.min(remaining, this.#left);
  }

  take(most: number, eager: boolean): Batch | undefined {
    const batch = this.#source.take(Math.min(most, this.#left), eager);
    this.#left -= batch?.count ?? 0;
    return batch;
  }

  close(): void | Promise<void> {
    return this.#source.close();
  }
}
