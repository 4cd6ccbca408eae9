/**
 * What a flow of chunks has taken from its input and not handed out: chunks that wait
 * for their turn to be read, and items that are to be sent out once more.
 *
 * @module
 */
import { divided } from "./batch_parts.ts";
import type { Chunk } from "./chunk.ts";
import type { Batch } from "./source.ts";

/** What has a place among all items. */
interface Placed {
  readonly start: number;
}

/** The line in which chunks wait to be read: in the order of their items, or as they are done. */
export class ChunkLine {
  readonly #ordered: boolean;
  /** In order all chunks that were sent, else those that are done; before `#first` nothing. */
  #chunks: (Chunk | undefined)[] = [];
  /** The place of the first chunk: the others are not moved up each time that one is taken. */
  #first = 0;
  /** Parts of batches that could not be sent whole or were not done, in the order of the items. */
  #left: Batch[] = [];

  /** @param ordered Whether chunks are read in the order of their items. */
  constructor(ordered: boolean) {
    this.#ordered = ordered;
  }

  /** Whether no chunk waits. */
  get isEmpty(): boolean {
    return this.#first === this.#chunks.length;
  }

  /** How many items are to be sent out once more. */
  get left(): number {
    return this.#left.reduce((sum, { count }) => sum + count, 0);
  }

  /** A chunk is sent. */
  sent(chunk: Chunk): void {
    if (this.#ordered) insert(chunk, this.#chunks, this.#first);
  }

  /** It was not accepted. */
  takeBack(chunk: Chunk): void {
    if (this.#ordered) this.#chunks.splice(this.#chunks.lastIndexOf(chunk), 1);
  }

  /** It is done. */
  done(chunk: Chunk): void {
    chunk.done = true;
    if (!this.#ordered) this.#chunks.push(chunk);
  }

  /** Items are to be sent out once more. */
  leave(batch: Batch): void {
    insert(batch, this.#left, 0);
  }

  /** @returns The chunk whose turn it is to be read, once it is done. */
  take(): Chunk | undefined {
    const first = this.#chunks[this.#first];
    if (first === undefined || !first.done) return undefined;
    const left = this.#left[0];
    if (this.#ordered && left !== undefined && left.start < first.start) return undefined;
    this.#chunks[this.#first++] = undefined;
    // Fewer are moved up then than were taken.
    if (2 * this.#first > this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
    return first;
  }

  /**
   * @param most How many of them to take where they are numbers; other items are few enough.
   * @returns The next items that are to be sent out once more.
   */
  takeLeft(most: number): Batch | undefined {
    const batch = this.#left.shift();
    if (batch === undefined || typeof batch.items !== "number" || batch.count <= most) return batch;
    const [first, rest] = divided(batch, most);
    this.#left.unshift(rest);
    return first;
  }

  /** Whether something comes after a chunk that has failed: everything, where there is no order. */
  isBehind({ start }: Placed, failed: Chunk): boolean {
    return !this.#ordered || start > failed.start;
  }

  /** Drops what comes after a chunk that has failed. */
  endWith(failed: Chunk): void {
    this.#left = this.#left.filter((batch) => !this.isBehind(batch, failed));
    if (this.#ordered) this.#chunks.length = this.#chunks.lastIndexOf(failed) + 1;
  }

  /** Drops all. */
  clear(): void {
    this.#chunks = [];
    this.#first = 0;
    this.#left = [];
  }
}

/** Puts something where it belongs in the order of the items, from `first` on; mostly at the end. */
function insert<T extends Placed>(one: T, others: (T | undefined)[], first: number): void {
  let place = others.length;
  while (place > first && others[place - 1]!.start > one.start) place--;
  others.splice(place, 0, one);
}
