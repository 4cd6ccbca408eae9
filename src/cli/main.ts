#!/usr/bin/env node
/**
 * The command line of multicore: a program, not a module to import.
 *
 * ```sh
 * deno run -A jsr:@multicore/multicore/cli map ./users.ts#render --input users.jsonl
 * bunx @multicore/multicore map ./users.ts#render --input users.jsonl
 * npx @multicore/multicore map ./users.js#render --input users.jsonl
 * ```
 *
 * @module
 */
import process from "node:process";
import { readCommand } from "./command.ts";
import { DONE, Exit } from "./exit.ts";
import { interruption } from "./interruption.ts";
import { map } from "./map.ts";

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readCommand(args);
    return options === undefined ? DONE : await map(options, interruption());
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
    if (error.message !== "") await say(error.message);
    return error.status;
  }
}

function say(message: string): Promise<void> {
  return new Promise((resolve) => {
    process.stderr.write(`multicore: ${message}\n`, () => resolve());
  });
}

process.stderr.on("error", () => {}); // nobody is there to be told
process.exit(await main(process.argv.slice(2)));
