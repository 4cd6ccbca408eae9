/**
 * The main check: the suite on Deno, Bun and Node, what of it runs in a browser,
 * the examples of the documentation, those with databases, and the package as
 * users get it, one after another. Ends with one line that sums up all of them.
 *
 * - `npm test`
 * - `npm test -- tests/codec`: only the tests of some files or folders
 * - `npm test -- --runtime=bun tests/codec/text_test.ts`: on some runtimes
 *
 * @module
 */

import { parseArgs } from "node:util";
import { inWords, outcome, sum } from "./count.js";
import { runDatabases } from "./databases.js";
import { runExamples } from "./examples.js";
import { checkPackage } from "./package.js";
import { chosenRuntimes, RUNTIMES } from "./runtimes.js";
import { setup } from "./setup.js";
import { SUITES } from "./suites.js";

const { values, positionals } = parseArgs({
  options: { runtime: { type: "string" } },
  allowPositionals: true,
});
const suites = chosenRuntimes(values.runtime, Object.keys(SUITES));
const runtimes = suites.filter((runtime) => runtime in RUNTIMES);
const paths = positionals.map((path) => path.replace(/^\.\/|\/$/g, ""));

await setup();

/** @typedef {import("./count.js").Count} Count */
/** @type {Record<string, Count>} */
const counts = {};

for (const name of suites) {
  await count(name, async () => ({
    [name]: await SUITES[name](paths.length > 0 ? paths : ["tests"]),
  }));
}
if (paths.length === 0) {
  await count("examples", () => runExamples(runtimes));
  await count("databases", () => runDatabases(runtimes));
  await count("package", () => checkPackage(runtimes));
}

/**
 * One part of the whole. What breaks down before it can count has failed, and
 * the rest runs all the same.
 *
 * @param {string} name @param {() => Promise<Record<string, Count>>} part
 */
async function count(name, part) {
  console.log(`\n=== ${name}\n`);
  try {
    Object.assign(counts, await part());
  } catch (error) {
    console.error(error);
    counts[name] = outcome(false);
  }
}

console.log();
for (const [name, count] of Object.entries(counts)) {
  console.log(`${name}: ${inWords(count)}`);
}
const total = sum(Object.values(counts));
console.log(`\n${inWords(total)}`);
process.exitCode = total.failed > 0 ? 1 : 0;
