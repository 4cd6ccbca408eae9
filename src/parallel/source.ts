/**
 * What supplies the items of chunks.
 *
 * @module
 */

/** Some items in a row. */
export interface Batch {
  /** The first one's index. */
  readonly start: number;
  /** How many there are. */
  readonly count: number;
  /** The items; where they are whole numbers in a row, the first of them. */
  readonly items: ArrayLike<unknown> | number;
}

/** A supply of batches. */
export interface Source {
  /** Whether there is no more to take. */
  readonly ended: boolean;
  /** How many items are left, where that is known. */
  readonly remaining: number | undefined;
  /**
   * Takes the next items. Runs code of the user's, and throws what that throws.
   *
   * @param most Most of them.
   * @param eager Whether fewer that are there now are better than more later.
   * @returns The batch; `undefined` where there is none, or not yet.
   */
  take(most: number, eager: boolean): Batch | undefined;
  /** Takes no more: lets the input know, once, unless it has ended. */
  close(): void | Promise<void>;
}

/** How an input is read. */
export interface SourceOptions {
  /** Items at the beginning that are left out; the one behind them has place 0. Default 0. */
  readonly skip?: number;
  /** Whether batches have to be as large as asked for, but for the last. */
  readonly exact: boolean;
  /** Called when more can be taken than at the last time. */
  readonly onMore: () => void;
}
