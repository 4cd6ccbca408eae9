/**
 * `multicore map`.
 *
 * @module
 */
import process from "node:process";
import { Pool, remote } from "../../mod.ts";
import { FixedSize, MeasuredSize } from "./batch_size.ts";
import { batches } from "./batches.ts";
import { COLLECTED, DONE, Exit, FAILED, misuse } from "./exit.ts";
import { Flow } from "./flow.ts";
import { inOrder } from "./in_order.ts";
import { openInput } from "./input.ts";
import type { Batch, BatchResult, Work } from "./lines.ts";
import type { MapOptions } from "./options.ts";
import { checkOutput, openOutput } from "./output.ts";
import { Report } from "./report.ts";
import { functionName, importAdvice } from "./specifier.ts";
import { endedWorker, type RunOn, Suspects } from "./suspects.ts";

/** Batches under way, or waiting for an earlier one, for each worker: enough that a slow one keeps none of the others waiting long. */
const AHEAD = 8;

const WORKER = new URL("./worker.ts", import.meta.url);
const { isFunction, runLines } = remote<typeof import("./worker.ts")>(WORKER);

/**
 * Runs a function over the lines of the input.
 *
 * @param options What the command said.
 * @param signal Ends the run, with an {@linkcode Exit} as its reason.
 * @returns How to end.
 * @throws {Exit} Where the run ends before its time.
 */
export async function map(options: MapOptions, signal: AbortSignal): Promise<Exit> {
  const { module, name } = functionName(options.fn, process.cwd());
  const fn = remote<Record<string, Work["fn"]>>(module)[name]!;
  const { workers } = options;
  const pool = new Pool({ ...(workers === undefined ? {} : { workers }), preload: [WORKER] });
  await checkFunction(pool, fn, options.fn, signal);

  // What ends the run also ends a read that may be under way for ever.
  const ending = new AbortController();
  const ended = AbortSignal.any([signal, ending.signal]);
  const input = await openInput(options.input, ended);
  for (const path of [options.output, options.errors]) {
    checkOutput(path, { force: options.force === true, input: input.file });
  }
  const output = await openOutput(options.output, process.stdout);
  const report = await Report.open(options, input.file);
  const runOn: RunOn = (pool, batch) => pool.runWith({ signal: ended }, runLines, batch);
  const suspects = new Suspects(runOn, [WORKER]);
  const run = async (batch: Batch): Promise<BatchResult> => {
    try {
      return await runOn(pool, batch);
    } catch (error) {
      if (!endedWorker(error, pool)) throw error;
      return await suspects.run(batch);
    }
  };
  const flow = new Flow();
  const size = options.chunk === undefined ? new MeasuredSize() : new FixedSize(options.chunk);
  const take = async (result: BatchResult): Promise<void> => {
    flow.leave(result.bytes);
    size.learn(result);
    await output.write(result.output);
    await report.add(result);
  };

  try {
    const source = work(fn, options, batches(input.bytes, size), flow);
    const window = AHEAD * pool.size;
    for await (const result of inOrder(source, run, { window, signal: ended })) {
      try {
        await take(result);
      } catch (error) {
        ending.abort(error);
        throw error;
      }
    }
  } catch (error) {
    throw ending.signal.aborted ? error : endOf(error, signal, report.lines);
  } finally {
    await report.close();
    await output.close();
  }
  await Promise.all([pool.close(), suspects.close()]);
  const status = report.failed > 0 && options.onError === "collect" ? COLLECTED : DONE;
  return new Exit(status, report.summary);
}

/** Has a worker import the module, so that what is wrong with it shows before anything is done. */
async function checkFunction(
  pool: Pool,
  fn: Work["fn"],
  name: string,
  signal: AbortSignal,
): Promise<void> {
  let found: boolean;
  try {
    found = await pool.runWith({ signal }, isFunction, fn);
  } catch (error) {
    if (error instanceof Exit) throw error;
    throw misuse(`Cannot run ${name}: ${(error as Error).message}${importAdvice(name)}`);
  }
  if (!found) throw misuse(`Cannot run ${name}: it is no function`);
}

async function* work(
  fn: Work["fn"],
  { inputFormat, outputFormat, onError }: MapOptions,
  source: AsyncIterable<Uint8Array>,
  flow: Flow,
): AsyncGenerator<Batch> {
  const what: Work = { fn, inputFormat, outputFormat, onError };
  for await (const bytes of source) {
    await flow.enter(bytes.length);
    yield { bytes, work: what };
  }
}

/** What ends the program when the results have ended before its time. */
function endOf(error: unknown, signal: AbortSignal, lines: number): Exit {
  if (signal.aborted) {
    return new Exit((signal.reason as Exit).status, `Interrupted after ${lines} lines`);
  }
  if (error instanceof Exit) return error;
  const { message } = error as Error;
  return new Exit(FAILED, `Cannot go on after line ${lines}: ${message}`, { cause: error });
}
