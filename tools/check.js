/**
 * All checks that run no test: format, lint, types, layers, documentation,
 * and what would be published. Goes on after a failure, to show all of them.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, run } from "./process.js";
import { DENO, NODE, setup, TSC } from "./setup.js";

/** What Deno checks the types of; tools/ is JavaScript for Node. */
const TYPED = [
  "mod.ts",
  "worker.ts",
  "deps.ts",
  "src",
  "tests",
  "examples",
  "tools/lint",
].filter((path) => existsSync(join(ROOT, path)));

/** @type {string[]} */
const ENTRIES = Object.values(
  JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")).exports,
);

/** @type {[name: string, program: string, ...args: string[]][]} */
const STEPS = [
  ["format", DENO, "fmt", "--check"],
  ["lint", DENO, "lint"],
  ["types", NODE, TSC, "-p", "."],
  ["types in Deno", DENO, "check", ...TYPED],
  ["layers", NODE, "tools/layers.js"],
  ["manifests", NODE, "tools/manifests.js"],
  ["documentation", DENO, "doc", "--lint", ...ENTRIES],
  ["package", DENO, "publish", "--dry-run", "--allow-dirty"],
];

await setup();
const failed = [];
for (const [name, program, ...args] of STEPS) {
  console.log(`\n=== ${name}`);
  const { code } = await run(program, args);
  if (code !== 0) failed.push(name);
}
console.log(
  failed.length > 0 ? `\nFailed: ${failed.join(", ")}` : `\nAll ${STEPS.length} checks passed`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
