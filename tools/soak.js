/**
 * Runs the soak, tests/stress/soak.ts, on all runtimes at the same time: everything
 * at once, at random, and every job accounted for.
 *
 * - `node tools/soak.js`: for an hour
 * - `node tools/soak.js --seconds=60 --runtime=bun --seed=7`: a seed repeats what the
 *   program does, though not what the threads make of it
 *
 * @module
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildNode, NODE_BUILD } from "./build.js";
import { run } from "./process.js";
import { chosenRuntimes } from "./runtimes.js";
import { BUN, DENO, NODE, setup } from "./setup.js";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3600" },
    seed: { type: "string" },
    runtime: { type: "string" },
  },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new RangeError(`Cannot soak for ${values.seconds} s`);
const args = [String(seconds), ...(values.seed === undefined ? [] : [values.seed])];

await setup();
if (chosenRuntimes(values.runtime).includes("node")) await buildNode();
// All of them at once: threads that wait for a processor show more than such as have one each.
const outcomes = await Promise.all(chosenRuntimes(values.runtime).map(soak));
const failed = outcomes.filter((passed) => !passed).length;
console.log(`\nsoak: ${failed === 0 ? "every job accounted for" : `failed on ${failed}`}`);
process.exitCode = failed > 0 ? 1 : 0;

/** @param {string} runtime @returns {Promise<boolean>} Whether every job was accounted for. */
async function soak(runtime) {
  const [program, ...before] = {
    deno: [DENO, "run", "--no-check", "--allow-read", "--allow-env", "tests/stress/soak.ts"],
    bun: [BUN, "tests/stress/soak.ts"],
    node: [NODE, "--enable-source-maps", join(NODE_BUILD, "tests/stress/soak.js")],
  }[runtime] ?? [];
  const { code, output } = await run(program ?? "", [...before, ...args], {
    quiet: true,
    timeout: seconds * 1000 + 180_000,
  });
  console.log(`\n=== ${runtime}\n\n${output}`);
  return code === 0;
}
