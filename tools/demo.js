/**
 * Runs the demo on Deno, Bun and Node, one after another.
 *
 * - `npm run demo`
 * - `npm run demo -- --runtime=bun FOLDER`: on one runtime, with arguments
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildNode, NODE_BUILD } from "./build.js";
import { ROOT } from "./process.js";
import { chosenRuntimes, RUNTIMES } from "./runtimes.js";
import { setup } from "./setup.js";

const { values, positionals } = parseArgs({
  options: { runtime: { type: "string" } },
  allowPositionals: true,
});
const runtimes = chosenRuntimes(values.runtime);

await setup();
if (runtimes.includes("node")) await buildNode();

// npm changes to the root; paths are meant from where the user stands.
const here = process.env.INIT_CWD ?? process.cwd();
const args = positionals.map((argument) => {
  const path = resolve(here, argument);
  return existsSync(path) ? path : argument;
});

for (const runtime of runtimes) {
  console.log(`\n=== ${runtime}\n`);
  const [program, ...options] = RUNTIMES[runtime];
  const demo = runtime === "node"
    ? join(NODE_BUILD, "examples/demo.js")
    : join(ROOT, "examples/demo.ts");
  const { status } = spawnSync(program, [...options, demo, ...args], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (status !== 0) {
    console.error(`The demo failed on ${runtime}`);
    process.exitCode = 1;
  }
}
