/**
 * Batches whose worker has ended: finds the lines that end workers.
 *
 * @module
 */
import { Pool, WorkerCrashedError } from "../../mod.ts";
import { FixedSize } from "./batch_size.ts";
import { type Batch, type BatchResult, type Failure, textOf } from "./lines.ts";

/** Runs a batch on a pool. */
export type RunOn = (pool: Pool, batch: Batch) => Promise<BatchResult>;

const ONE_LINE = new FixedSize(1);

/**
 * Runs lines alone, one after another, on a worker of their own.
 *
 * - Nothing else runs beside a line: with a worker of the pool's, whose jobs await things side
 *   by side, one batch may be ended by another.
 * - A line is at fault only where it has ended a worker that had run no line before it: what
 *   an earlier one has left behind, such as a timer, may end the worker in the midst of it.
 */
export class Suspects {
  readonly #run: RunOn;
  readonly #preload: readonly URL[];
  #pool: Pool | undefined;
  /** Whether the worker has run nothing since its start. */
  #fresh = true;
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param run Runs a batch on a pool.
   * @param preload What the worker imports before all else.
   */
  constructor(run: RunOn, preload: readonly URL[]) {
    this.#run = run;
    this.#preload = preload;
  }

  /**
   * Runs the lines of a batch again, after those of the batches before.
   *
   * @returns What became of it. Lines that end their worker have failed.
   */
  run(batch: Batch): Promise<BatchResult> {
    const result = this.#last.then(() => this.#runAlone(batch));
    this.#last = result.catch(() => {});
    return result;
  }

  /** Ends the worker. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }

  async #runAlone({ bytes, work }: Batch): Promise<BatchResult> {
    const results: BatchResult[] = [];
    for (let from = 0; from < bytes.length;) {
      const to = ONE_LINE.cut(bytes, from);
      const result = await this.#runLine({ bytes: bytes.subarray(from, to), work });
      results.push(result);
      if (result.failures.length > 0 && work.onError === "stop") break;
      from = to;
    }
    return { ...joined(results), bytes: bytes.length };
  }

  async #runLine(line: Batch): Promise<BatchResult> {
    const pool = this.#pool ??= new Pool({ workers: 1, preload: [...this.#preload] });
    for (;;) {
      const fresh = this.#fresh;
      this.#fresh = false;
      try {
        return await this.#run(pool, line);
      } catch (error) {
        if (!endedWorker(error, pool)) throw error;
        this.#fresh = true; // another one is started
        if (fresh) return failed(line, error);
      }
    }
  }
}

/** Whether it is a job's worker that has ended, and not the whole pool. */
export function endedWorker(error: unknown, pool: Pool): error is WorkerCrashedError {
  return error instanceof WorkerCrashedError && pool.stats().state !== "failed";
}

function failed({ bytes, work }: Batch, { name, cause }: WorkerCrashedError): BatchResult {
  const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  const failure: Failure = { index: 0, name, message: `the worker has ended: ${why}`, stack: "" };
  return {
    output: new Uint8Array(),
    lines: 1,
    bytes: bytes.length,
    time: 0,
    failures: [work.onError === "collect" ? { ...failure, input: textOf(bytes) } : failure],
  };
}

function joined(results: readonly BatchResult[]): BatchResult {
  const output = new Uint8Array(results.reduce((sum, result) => sum + result.output.length, 0));
  const failures: Failure[] = [];
  let [at, lines, bytes, time] = [0, 0, 0, 0];
  for (const result of results) {
    output.set(result.output, at);
    at += result.output.length;
    for (const failure of result.failures) {
      failures.push({ ...failure, index: lines + failure.index });
    }
    lines += result.lines;
    bytes += result.bytes;
    time += result.time;
  }
  return { output, lines, bytes, time, failures };
}
