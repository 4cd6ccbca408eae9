/**
 * Runs the soak, tests/stress/soak.ts, on each runtime: everything at once, at random,
 * and every job accounted for.
 *
 * - `node tools/soak.js`: an hour on each
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
let failed = 0;
for (const runtime of chosenRuntimes(values.runtime)) {
  console.log(`\n=== ${runtime}`);
  if (runtime === "node") await buildNode();
  const [program, ...before] = {
    deno: [DENO, "run", "--no-check", "--allow-read", "--allow-env", "tests/stress/soak.ts"],
    bun: [BUN, "tests/stress/soak.ts"],
    node: [NODE, "--enable-source-maps", join(NODE_BUILD, "tests/stress/soak.js")],
  }[runtime] ?? [];
  const timeout = seconds * 1000 + 180_000;
  const { code } = await run(program ?? "", [...before, ...args], { timeout });
  if (code !== 0) failed++;
}
console.log(`\nsoak: ${failed === 0 ? "every job accounted for" : `failed on ${failed}`}`);
process.exitCode = failed > 0 ? 1 : 0;
