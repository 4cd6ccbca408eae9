/**
 * What a run has come to so far: lines, failures, and the progress that is shown.
 *
 * @module
 */
import type { Stats } from "node:fs";
import process from "node:process";
import { Exit, FAILED } from "./exit.ts";
import type { BatchResult, Failure } from "./lines.ts";
import type { MapOptions } from "./options.ts";
import { openOutput, type Output } from "./output.ts";
import { Progress } from "./progress.ts";

const encoder = new TextEncoder();

/** Counts lines, and does with failures what the command says. */
export class Report {
  readonly #onError: MapOptions["onError"];
  readonly #errors: Output | undefined;
  readonly #progress: Progress | undefined;
  #lines = 0;
  #failed = 0;

  private constructor(
    onError: MapOptions["onError"],
    errors: Output | undefined,
    progress: Progress | undefined,
  ) {
    this.#onError = onError;
    this.#errors = errors;
    this.#progress = progress;
  }

  /**
   * @param options What the command said.
   * @param input The input's file, if it is one.
   * @throws {Exit} Where the file of failures cannot be opened.
   */
  static async open(options: MapOptions, input: Stats | undefined): Promise<Report> {
    const { onError, errors, quiet, output } = options;
    const { stdout, stderr } = process;
    const sink = onError === "collect" ? await openOutput(errors, stderr) : undefined;
    // On the terminal that shows the results, a bar would be among them.
    const shown = stderr.isTTY && !quiet && !(output === "-" && stdout.isTTY);
    const total = input?.isFile() ? input.size : undefined;
    return new Report(onError, sink, shown ? new Progress(stderr, total) : undefined);
  }

  /** How many lines were read. */
  get lines(): number {
    return this.#lines;
  }

  /** How many of them failed. */
  get failed(): number {
    return this.#failed;
  }

  /**
   * Adds a batch, whose output was written.
   *
   * @throws {Exit} Where a line failed that ends the run.
   */
  async add({ lines, bytes, failures }: BatchResult): Promise<void> {
    const before = this.#lines;
    this.#lines += lines;
    this.#failed += failures.length;
    this.#progress?.advance(lines, bytes);
    if (failures.length === 0) return;
    if (this.#onError === "stop") throw stopped(before, failures[0]!);
    if (this.#errors === undefined) return;
    this.#progress?.clear();
    const records = failures.map((failure) => record(before, failure));
    await this.#errors.write(encoder.encode(records.join("")));
  }

  /** What there is to say in the end. */
  get summary(): string {
    return this.#failed === 0 ? "" : `${this.#failed} of ${this.#lines} lines failed`;
  }

  /** Shows the last state. */
  async close(): Promise<void> {
    this.#progress?.stop();
    await this.#errors?.close();
  }
}

function stopped(before: number, { index, name, message, stack }: Failure): Exit {
  const where = stack === "" ? "" : `\n${stack}`;
  return new Exit(FAILED, `Line ${before + index + 1} failed: ${name}: ${message}${where}`);
}

/** A line of the file of failures. */
function record(before: number, { index, name, message, input }: Failure): string {
  return JSON.stringify({ line: before + index + 1, error: { name, message }, input }) + "\n";
}
