/**
 * The runtimes, and how a program is run on each.
 *
 * @module
 */

import { BUN, DENO, NODE } from "./setup.js";

/**
 * A program and what comes before the file to run. Deno gets what the library
 * itself needs, and no more.
 *
 * @type {Record<string, [program: string, ...args: string[]]>}
 */
export const RUNTIMES = {
  deno: [DENO, "run", "--quiet", "--allow-read", "--allow-sys=loadavg"],
  bun: [BUN, "run"],
  node: [NODE, "--enable-source-maps"],
};

/**
 * The runtimes that an option such as `--runtime=deno,bun` names; all of them
 * without it.
 *
 * @param {string | undefined} option
 * @param {readonly string[]} [known] All of them.
 * @returns {string[]}
 */
export function chosenRuntimes(option, known = Object.keys(RUNTIMES)) {
  const chosen = option?.split(",") ?? [...known];
  for (const runtime of chosen) {
    if (!known.includes(runtime)) {
      throw new Error(`Cannot run on ${runtime}: give ${known.join(", ")}`);
    }
  }
  return chosen;
}
