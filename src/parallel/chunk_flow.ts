/**
 * The flow of chunks from an input through the workers to a reader: what `map`,
 * `stream` and `iter` have in common.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { MulticoreError, PayloadTooLargeError, QueueFullError } from "../base/errors.ts";
import { whenAborted } from "../dispatch/aborts.ts";
import { asCaller } from "../dispatch/current_job.ts";
import { shareError } from "../dispatch/shared_errors.ts";
import { type ChunkReport, decodeFailure } from "../kernels/mod.ts";
import { divided, partsOf } from "./batch_parts.ts";
import { ChunkLine } from "./chunk_line.ts";
import { Chunk, type ChunkFailure, type ChunkOwner } from "./chunk.ts";
import type { Delivery, FlowOptions } from "./flow_options.ts";
import { withItemPath, withOutputPath } from "./paths.ts";
import type { Batch, Source } from "./source.ts";
import { renameIn } from "./task_function.ts";
import { Failure } from "./trace.ts";

/** Chunks under way for each worker: one that runs, and one that it finds when that has ended. */
const UNDER_WAY = 2;

/**
 * How long in milliseconds a worker may go on with an item that nobody wants any more, where
 * that is in the ordinary course of things: reading has ended, or another item has failed.
 */
const GRACE = 1000;

/**
 * Takes items from an input, sends them out in chunks, and hands out what they make.
 *
 * - Reading pulls: no more than the window is ever taken from the input and not read.
 * - A failure is handed out when all before it was: it is that of the first item in order
 *   that fails, as in a loop. Where order is of no interest, it is the first in time.
 * - With a failure, an abort or `close`, nothing more is taken and what is queued is given up.
 *
 * One reader, which waits for one delivery before it asks for the next.
 */
export class ChunkFlow implements ChunkOwner {
  readonly #options: FlowOptions;
  readonly #source: Source;
  readonly #mostUnderWay: number;
  readonly #mostInChunk: number;
  /** What was taken and not handed out. */
  readonly #line: ChunkLine;
  /** Chunks that were not settled. */
  readonly #underWay = new Set<Chunk>();
  #unreadItems = 0;
  #unreadChunks = 0;
  /** What the reader has in hand, until it asks for more. */
  #inHand: Chunk | undefined;
  /** Whether nothing more is taken from the input. */
  #stopped = false;
  /** Whether the reader gets nothing more. */
  #over = false;
  /** What the reader gets instead of whatever is left. */
  #ending: { readonly error: unknown } | undefined;
  #filling = false;
  #fillsSoon = false;
  #wake: (() => void) | undefined;
  /** Runs what may call the user's code, on which chunks that come back have no claim. */
  readonly #asCaller = asCaller((action: () => void) => action());
  readonly #onAbort = (reason: unknown): void => this.#asCaller(() => this.#end(reason));
  readonly #onClosing = (): void => this.#asCaller(() => this.#breakOffClosed());
  readonly #fillLater = (): void => this.#fillSoon();
  #forgetClosing: (() => void) | undefined;
  #forgetSignal: (() => void) | undefined;

  /** @param options How chunks flow. Nothing is taken from the input before the first `next`. */
  constructor(options: FlowOptions) {
    this.#options = options;
    this.#source = options.source(this.#fillLater);
    this.#line = new ChunkLine(options.ordered);
    this.#mostUnderWay = UNDER_WAY * options.engine.size;
    const share = Math.floor(options.window / (2 * this.#mostUnderWay));
    this.#mostInChunk = Math.min(options.most, Math.max(1, share));
    const { signal } = options;
    if (signal?.aborted) this.#end(signal.reason);
    else if (signal !== undefined) this.#forgetSignal = whenAborted(signal, this.#onAbort);
  }

  /**
   * @returns What the next chunk has made; a failure that came from a worker; `undefined` at the end.
   * @throws The signal's reason, what `onDone` or the input threw, or why items cannot be sent.
   */
  async next(): Promise<Delivery | Failure | undefined> {
    this.#forgetClosing ??= this.#options.engine.whenClosed(this.#onClosing);
    for (;;) {
      if (this.#ending !== undefined) return this.#leave(this.#ending.error);
      if (this.#over) return undefined;
      const read = this.#inHand;
      this.#inHand = undefined;
      if (read !== undefined) {
        this.#unreadItems -= read.batch.count;
        this.#unreadChunks--;
        if (read.failure !== undefined) return await this.#fail(read.failure);
      }
      this.#fill();
      const chunk = this.#line.take();
      if (chunk !== undefined) {
        this.#inHand = chunk;
        if (chunk.hasOutput) return { output: chunk.output };
      } else if (this.#line.isEmpty && this.#underWay.size === 0 && this.#isExhausted()) {
        this.#finish();
        // It may have more than was wanted of it.
        await this.#source.close();
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  /** The reader wants no more. @returns When the input knows; it may throw. */
  close(): void | Promise<void> {
    if (this.#over) return;
    this.#finish();
    return this.#source.close();
  }

  /** A chunk has settled. */
  settled(chunk: Chunk, failed: boolean, outcome: unknown): void {
    // Else it was given up.
    if (!this.#underWay.delete(chunk)) return;
    this.#options.group.end();
    this.#asCaller(() => this.#note(chunk, failed, outcome));
  }

  #note(chunk: Chunk, failed: boolean, outcome: unknown): void {
    if (failed) {
      renameIn(outcome, this.#options.name);
      const from = this.#options.isMap ? chunk.batch.start : undefined;
      chunk.failure = { error: withOutputPath(outcome, from), isLocal: false };
    } else this.#readReport(chunk, outcome as ChunkReport);
    this.#line.done(chunk);
    if (chunk.failure !== undefined) this.#stopBehind(chunk);
    else this.#tellDone(chunk.batch.count);
    this.#fillSoon();
  }

  #isExhausted(): boolean {
    return this.#line.left === 0 && (this.#stopped || this.#source.ended);
  }

  #readReport(chunk: Chunk, [ms, output, ended]: ChunkReport): void {
    chunk.output = output;
    chunk.hasOutput = true;
    if (typeof ended === "number") this.#divide(chunk, ended);
    else if (ended !== undefined) chunk.failure = { bytes: ended };
    this.#options.sizes.learn(chunk.batch.count, ms, chunk.sending);
  }

  /** A worker has done the first items of a chunk, and made way for others. */
  #divide(chunk: Chunk, done: number): void {
    const [first, rest] = divided(chunk.batch, done);
    chunk.batch = first;
    this.#unreadItems -= rest.count;
    this.#line.leave(rest);
  }

  #tellDone(count: number): void {
    try {
      this.#options.onDone?.(count);
    } catch (error) {
      this.#end(error);
    }
  }

  /** Code of the user's that settles jobs is not to be waited for by the engine: it runs later. */
  #fillSoon(): void {
    if (this.#fillsSoon) return;
    this.#fillsSoon = true;
    queueMicrotask(() => {
      this.#fillsSoon = false;
      this.#asCaller(() => this.#fill());
      this.#wake?.();
      this.#wake = undefined;
    });
  }

  /** Sends out chunks for as long as there are items, and room. */
  #fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    while (this.#underWay.size < this.#mostUnderWay) {
      const batch = this.#take();
      if (batch === undefined || !this.#send(batch)) break;
    }
    this.#filling = false;
  }

  #take(): Batch | undefined {
    const { left } = this.#line;
    if (left > 0) return this.#line.takeLeft(this.#sizeOfNext(left, Infinity));
    const { engine, window, ahead } = this.#options;
    const room = window - this.#unreadItems;
    if (room < 1 || this.#unreadChunks >= ahead || this.#isExhausted()) return undefined;
    try {
      const size = this.#sizeOfNext(0, room);
      const batch = this.#source.take(size, this.#underWay.size < engine.size);
      // Code of the user's ran, and may have closed this.
      return this.#stopped ? undefined : batch;
    } catch (error) {
      this.#breakOff({ start: Infinity, count: 0, items: [] }, error);
      return undefined;
    }
  }

  #sizeOfNext(left: number, room: number): number {
    const { remaining } = this.#source;
    const all = remaining === undefined ? undefined : remaining + left;
    return this.#options.sizes.next(all, Math.min(room, this.#mostInChunk));
  }

  /** @returns Whether more may be sent. */
  #send(batch: Batch): boolean {
    const { engine, group, kernel, args, flow } = this.#options;
    const chunk = this.#enter(batch);
    this.#underWay.add(chunk);
    group.begin();
    this.#line.sent(chunk);
    const began = now();
    try {
      engine.submit(kernel, args(batch), chunk, 0, flow === undefined ? undefined : { flow });
      chunk.sending = now() - began;
      return true;
    } catch (error) {
      if (!this.#underWay.delete(chunk)) return false;
      group.takeBack();
      this.#line.takeBack(chunk);
      this.#unreadItems -= batch.count;
      this.#unreadChunks--;
      return this.#sendOtherwise(batch, error);
    }
  }

  /** A batch was refused. @returns Whether more may be sent. */
  #sendOtherwise(batch: Batch, error: unknown): boolean {
    const { group } = this.#options;
    if (error instanceof QueueFullError && group.isBusy) {
      group.whenOneEnds(this.#fillLater);
      this.#line.leave(batch);
      return false;
    }
    const parts = partsOf(batch, error);
    if (parts !== undefined) {
      if (error instanceof PayloadTooLargeError) this.#options.sizes.bound(parts[0].count);
      for (const part of parts) this.#line.leave(part);
      return true;
    }
    this.#breakOff(batch, withItemPath(error, batch.start));
    return false;
  }

  /** Counts a batch as taken and not read. */
  #enter(batch: Batch): Chunk {
    this.#unreadItems += batch.count;
    this.#unreadChunks++;
    return new Chunk(this, batch);
  }

  /** What comes in place of a batch is an error. */
  #breakOff(batch: Batch, error: unknown): void {
    const chunk = this.#enter(batch);
    // The outputs of another flow may be the items of this one.
    chunk.failure = error instanceof Failure
      ? { error: error.error, isLocal: false }
      : { error, isLocal: true };
    this.#line.sent(chunk);
    this.#line.done(chunk);
    this.#stopBehind(chunk);
    this.#fillSoon();
  }

  /** Gives up what comes after a chunk: everything, where there is no order. */
  #stopBehind(failed: Chunk): void {
    this.#line.endWith(failed);
    const behind = [...this.#underWay].filter((chunk) => this.#line.isBehind(chunk, failed));
    this.#stop(behind, GRACE);
    this.#closeQuietly();
  }

  /** The reader gets an error at once, and nothing else. */
  #end(error: unknown): void {
    if (this.#over) return;
    shareError(error);
    this.#ending ??= { error };
    this.#line.clear();
    this.#stop([...this.#underWay], undefined);
    this.#closeQuietly();
    this.#fillSoon();
  }

  #stop(chunks: readonly Chunk[], grace: number | undefined): void {
    this.#stopped = true;
    const error = new MulticoreError("Cannot finish: nobody waits for this chunk any more");
    for (const chunk of chunks) this.#underWay.delete(chunk);
    for (const chunk of chunks) {
      this.#options.engine.cancelAll(chunk, error, grace);
      this.#options.group.end();
    }
  }

  /** No more can be sent: what is to come of the input is an error, not to be waited for. */
  #breakOffClosed(): void {
    if (this.#over || this.#isExhausted()) return;
    this.#breakOff({ start: Infinity, count: 0, items: [] }, this.#options.engine.closedBy);
  }

  /** What the input says to its being closed is of no interest beside the error that ends it. */
  #closeQuietly(): void {
    try {
      void Promise.resolve(this.#source.close()).catch(() => {});
    } catch {
      // The same from an iterator that is not async.
    }
  }

  #finish(): void {
    this.#over = true;
    this.#line.clear();
    this.#forgetSignal?.();
    this.#forgetClosing?.();
    this.#stop([...this.#underWay], GRACE);
    this.#wake?.();
    this.#wake = undefined;
  }

  async #fail(failure: ChunkFailure): Promise<Failure> {
    this.#finish();
    if ("bytes" in failure) return new Failure(await decodeFailure(failure.bytes));
    if (failure.isLocal) throw failure.error;
    return new Failure(failure.error);
  }

  #leave(error: unknown): never {
    this.#ending = undefined;
    this.#finish();
    throw error;
  }
}
