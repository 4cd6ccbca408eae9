/**
 * Runs tests/stress/leaks.ts on each runtime: opens and closes pools, makes calls and
 * lets workers crash, and fails where memory, threads, files or handles have grown.
 *
 * - `npm run leaks`: 1,000 pools, 10,000,000 calls, 1,000 crashes, some five minutes a runtime
 * - `npm run leaks -- --runtime=bun --pools=100 --calls=0 --crashes=0`
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
    runtime: { type: "string" },
    pools: { type: "string", default: "1000" },
    calls: { type: "string", default: "10000000" },
    crashes: { type: "string", default: "1000" },
  },
});
const args = [values.pools, values.calls, values.crashes];
for (const count of args) {
  if (!/^\d+$/.test(count)) throw new RangeError(`Cannot repeat something ${count} times`);
}

/** @type {Record<string, [program: string, ...args: string[]]>} Garbage is collected when asked. */
const STARTS = {
  deno: [
    DENO,
    "run",
    "--no-check",
    "--allow-all",
    "--v8-flags=--expose-gc",
    "tests/stress/leaks.ts",
  ],
  bun: [BUN, "tests/stress/leaks.ts"],
  node: [NODE, "--expose-gc", "--enable-source-maps", join(NODE_BUILD, "tests/stress/leaks.js")],
};

await setup();
const failed = [];
for (const runtime of chosenRuntimes(values.runtime)) {
  console.log(`\n=== ${runtime}`);
  if (runtime === "node") await buildNode();
  const [program, ...before] = STARTS[runtime];
  const { code, timedOut } = await run(program, [...before, ...args], { timeout: 30 * 60_000 });
  if (timedOut) console.error("It did not end");
  if (code !== 0) failed.push(runtime);
}
console.log(
  `\n${failed.length > 0 ? `Something has grown on ${failed.join(", ")}` : "All is flat"}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
