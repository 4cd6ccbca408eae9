/**
 * Runs the command line as its users do, in a folder of its own.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Outcome, type ProgramOptions, runProgram } from "../support/program.ts";

/** The program. */
export const PROGRAM: URL = new URL("../../src/cli/main.ts", import.meta.url);

/** Where the functions are that tests run. */
export const FUNCTIONS: string = new URL("../fixtures/cli/functions.ts", import.meta.url).href;

/** A folder for a test's files, and the program run in it. */
export class Folder implements Disposable {
  /** Its path. */
  readonly path: string = mkdtempSync(join(tmpdir(), "multicore-cli-"));

  /** Runs `multicore map` with one of the functions, two workers, and these arguments. */
  map(fn: string, args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
    return this.run(["map", `${FUNCTIONS}#${fn}`, "--workers", "2", ...args], options);
  }

  /** Runs `multicore`. */
  run(args: readonly string[], options: ProgramOptions = {}): Promise<Outcome> {
    const permissions = ["--allow-read", "--allow-write=."];
    const input = options.started === undefined ? { input: "" } : {};
    return runProgram(PROGRAM, { permissions, folder: this.path, ...input, ...options, args });
  }

  /** Writes a file, and gives its path. */
  write(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.path, name), content);
    return join(this.path, name);
  }

  /** Reads a file. */
  read(name: string): string {
    return readFileSync(join(this.path, name), "utf8");
  }

  /** Whether there is such a file. */
  has(name: string): boolean {
    return existsSync(join(this.path, name));
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/**
 * Runs programs side by side, two at a time: mostly they wait for threads that start.
 *
 * @returns What they give, in their order.
 */
export async function together<T>(...runs: (() => Promise<T>)[]): Promise<T[]> {
  const results = new Array<T>(runs.length);
  let next = 0;
  const lane = async () => {
    for (let index; (index = next++) < runs.length;) results[index] = await runs[index]!();
  };
  await Promise.all([lane(), lane()]);
  return results;
}

/** @returns Lines of JSON, with ids from 1. */
export function users(count: number): string {
  return Array.from({ length: count }, (_, i) => `{"id":${i + 1}}\n`).join("");
}
