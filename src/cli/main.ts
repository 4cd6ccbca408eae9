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

async function main(args: readonly string[]): Promise<Exit> {
  try {
    const options = readCommand(args);
    return options === undefined ? new Exit(DONE, "") : await map(options, interruption());
  } catch (error) {
    if (error instanceof Exit) return error;
    throw error;
  }
}

function say(message: string): Promise<void> {
  return new Promise((resolve) => {
    process.stderr.write(`multicore: ${message}\n`, () => resolve());
  });
}

process.stderr.on("error", () => {}); // nobody is there to be told
const { status, message } = await main(process.argv.slice(2));
if (message !== "") await say(message);
process.exit(status);
