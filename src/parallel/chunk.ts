/**
 * A chunk of items, on its way through a worker.
 *
 * @module
 */
import { type GroupSettler, Span } from "../dispatch/span.ts";
import type { Batch } from "./source.ts";

/** What ended a chunk early: an error of this thread, or of its worker, or the same in bytes. */
export type ChunkFailure =
  | { readonly error: unknown; readonly isLocal: boolean }
  | { readonly bytes: Uint8Array };

/** Who is told of chunks. */
export interface ChunkOwner {
  /** A chunk has come back, or was given up. */
  settled(chunk: Chunk, failed: boolean, outcome: unknown): void;
}

/** A batch on its way. */
export class Chunk implements GroupSettler {
  readonly span: Span = new Span();
  readonly #owner: ChunkOwner;
  /** Its items; where the worker has made way for others, those that are done. */
  batch: Batch;
  /** Whether it has come back. */
  done = false;
  /** Whether it has made anything: else it has failed as a whole. */
  hasOutput = false;
  /** What it has made. */
  output: unknown;
  /** What has ended it early. */
  failure: ChunkFailure | undefined;
  /** Milliseconds that sending it took. */
  sending = 0;

  /**
   * @param owner Who is told of it.
   * @param batch Its items.
   */
  constructor(owner: ChunkOwner, batch: Batch) {
    this.#owner = owner;
    this.batch = batch;
  }

  /** Its first item's index. */
  get start(): number {
    return this.batch.start;
  }

  /** Tells its owner. */
  settle(_index: number, failed: boolean, outcome: unknown): void {
    this.#owner.settled(this, failed, outcome);
  }
}
