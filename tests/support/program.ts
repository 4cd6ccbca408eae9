/**
 * Runs a program of `fixtures/` as a process of the runtime that runs the tests.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

/** Which runtime this is. */
export const RUNTIME: "deno" | "bun" | "node" | "browser" =
  (["deno", "bun", "browser"] as const).find((name) => name in process.versions) ?? "node";

/** What a program has done. */
export interface Outcome {
  /** Exit status, `null` where it was killed. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it had to be killed at its deadline. */
  readonly late: boolean;
  /** Milliseconds from start to end. */
  readonly time: number;
}

/** How to run a program. */
export interface ProgramOptions {
  readonly args?: readonly string[];
  /** Deno's permissions; the least that the library needs unless told otherwise. */
  readonly permissions?: readonly string[];
  /** Milliseconds after which it is killed. */
  readonly deadline?: number;
  /** What it reads from standard input; nothing unless told otherwise. */
  readonly input?: string | Uint8Array;
  /** Folder that it runs in; this one unless told otherwise. */
  readonly folder?: string;
  /** Node's own options. */
  readonly nodeOptions?: readonly string[];
  /** Gets the process as soon as it runs; standard input is open then, and stays so. */
  readonly started?: (child: ChildProcess) => void;
}

/**
 * @param program A program's file.
 * @param options How it is run.
 * @returns What the runtime gets for that.
 */
export function argumentsOf(program: URL, options: ProgramOptions): string[] {
  const { args = [], permissions = ["--allow-read"], nodeOptions = [] } = options;
  const before = {
    deno: ["run", "--no-check", "--no-prompt", "--quiet", ...permissions],
    bun: ["run"],
    node: ["--enable-source-maps", ...nodeOptions],
    browser: [],
  }[RUNTIME];
  return [...before, fileURLToPath(program), ...args];
}

/**
 * Runs a program to its end.
 *
 * @param program Its file.
 * @param options How.
 */
export function runProgram(program: URL, options: ProgramOptions = {}): Promise<Outcome> {
  const { deadline = 20_000, input, folder, started } = options;
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, argumentsOf(program, options), {
      stdio: [input === undefined && started === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      ...(folder === undefined ? {} : { cwd: folder }),
    }) as ChildProcess & { stdout: Readable; stderr: Readable };
    child.stdin?.on("error", () => {}); // it may end without reading all
    if (input !== undefined) child.stdin!.end(input);
    started?.(child);
    let stdout = "";
    let stderr = "";
    let late = false;
    child.stdout.setEncoding("utf8").on("data", (text: string) => void (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => void (stderr += text));
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, deadline);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr, late, time: performance.now() - began });
    });
  });
}
