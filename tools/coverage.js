/**
 * Measures which lines and branches of src/ the tests reach on Node, and prints them by
 * folder. What each file leaves out is in .build/coverage/: `lcov.info` for editors,
 * `coverage-summary.json`, and with `--missing` on the screen.
 *
 * - `npm run coverage`: all tests, some five minutes
 * - `npm run coverage -- tests/codec`: only what some tests reach
 * - `npm run coverage -- --missing=src/codec tests/codec`: and what they do not, there
 *
 * Workers that are ended by force report nothing: what only they have run counts as
 * not run. Lines are those with code, not comments or blank ones.
 *
 * @module
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { buildNode, NODE_BUILD } from "./build.js";
import { listFiles } from "./files.js";
import { ROOT, run } from "./process.js";
import { NODE, setup } from "./setup.js";
import { sideBySide } from "./side_by_side.js";
import { toJs } from "./transpile.js";

const FOLDER = join(ROOT, ".build/coverage");
const MERGED = join(FOLDER, "merged");
const TIMEOUT = 5 * 60_000;
/** What the coverage is of. */
const BUILT = ["src/", "mod.js", "worker.js"].map((path) =>
  pathToFileURL(join(NODE_BUILD, path)).href
);

/** @typedef {{ result: { url: string }[] }} Covered What a process has written, as V8 has it. */

/**
 * @typedef {object} Reached What was reached in one file, or in several.
 * @property {number} lines
 * @property {number} allLines
 * @property {number} branches
 * @property {number} allBranches
 * @property {number[]} missing Lines that were not reached.
 */

const { values, positionals } = parseArgs({
  options: { missing: { type: "string" } },
  allowPositionals: true,
});
const paths = positionals.length > 0 ? positionals.map(withoutEnds) : ["tests"];
const tests = listFiles(paths).filter((path) => path.endsWith("_test.ts"));
if (tests.length === 0) throw new Error(`No tests at ${paths.join(", ")}`);

await setup();
await buildNode({ joined: false });
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(MERGED, { recursive: true });
/** @type {string[]} */
const failed = [];
/** @type {Covered} */
let merged = { result: [] };
// @ts-ignore: it comes without types, and needs setup
const { mergeProcessCovs } = await import("@bcoe/v8-coverage");
await sideBySide(tests, async (path) => {
  const fresh = join(FOLDER, "fresh", path);
  if (!await runTest(path, fresh)) failed.push(path);
  console.log(path);
  addFresh(fresh);
});
writeFileSync(join(MERGED, "coverage.json"), JSON.stringify(merged));
await writeReports();
const files = readLcov();
print(files);
if (values.missing !== undefined) printMissing(files, withoutEnds(values.missing));
if (failed.length > 0) console.error(`\nFailed: ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** @param {string} path @param {string} fresh @returns {Promise<boolean>} Whether it passed. */
async function runTest(path, fresh) {
  const args = ["--enable-source-maps", "--test", "--test-reporter=spec"];
  const { code, output } = await run(NODE, [...args, join(NODE_BUILD, toJs(path))], {
    quiet: true,
    timeout: TIMEOUT,
    env: { NODE_V8_COVERAGE: fresh },
  });
  if (code !== 0) console.error(output);
  return code === 0;
}

/**
 * Adds what the processes and workers of a test have written, more than a megabyte each,
 * and deletes it.
 *
 * @param {string} fresh
 */
function addFresh(fresh) {
  for (const name of readdirSync(fresh)) {
    const result = readCovered(join(fresh, name));
    const ours = result.filter(({ url }) => BUILT.some((start) => url.startsWith(start)));
    merged = mergeProcessCovs([merged, { result: ours }]);
  }
  rmSync(fresh, { recursive: true });
}

/** @param {string} path @returns {Covered["result"]} */
function readCovered(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).result;
  } catch {
    // A test has killed the process while it wrote this.
    console.error(`Left out: ${path} is cut off`);
    return [];
  }
}

/** Leads what was reached back to the sources. */
async function writeReports() {
  const { code } = await run(NODE, [
    join(ROOT, "tools/node_modules/c8/bin/c8.js"),
    "report",
    `--temp-directory=${MERGED}`,
    `--reports-dir=${FOLDER}`,
    "--reporter=lcovonly",
    "--reporter=json-summary",
    "--exclude-after-remap",
    "--all",
    "--src=src",
    "--include=src/**",
    ...filesWithoutCode().map((path) => `--exclude=${path}`),
  ]);
  if (code !== 0) throw new Error("Cannot report: c8 failed");
}

/** @returns {string[]} Files that declare types alone: nothing of them is ever loaded. */
function filesWithoutCode() {
  return listFiles(["src"]).filter((path) => {
    if (!path.endsWith(".ts")) return false;
    const code = readFileSync(join(NODE_BUILD, toJs(path)), "utf8");
    return !code.split("\n").some(isCode);
  });
}

/** @param {string} line */
function isCode(line) {
  return !/^\s*($|\/\/|\/?\*)/.test(line);
}

/** @returns {Map<string, Reached>} By path from the root. */
function readLcov() {
  /** @type {Map<string, Reached>} */
  const files = new Map();
  for (const record of readFileSync(join(FOLDER, "lcov.info"), "utf8").split("end_of_record\n")) {
    const path = /^SF:(.*)$/m.exec(record)?.[1];
    if (path === undefined) continue;
    const lines = readFileSync(join(ROOT, path), "utf8").split("\n");
    const hits = [...record.matchAll(/^DA:(\d+),(\d+)/gm)]
      .map(([, line, times]) => ({ line: Number(line), times: Number(times) }))
      .filter(({ line }) => isCode(lines[line - 1] ?? ""));
    const branches = [...record.matchAll(/^BRDA:.*,(\d+|-)$/gm)].map(([, times]) => Number(times));
    files.set(path.replaceAll("\\", "/"), {
      lines: hits.filter(({ times }) => times > 0).length,
      allLines: hits.length,
      branches: branches.filter((times) => times > 0).length,
      allBranches: branches.length,
      missing: hits.filter(({ times }) => times === 0).map(({ line }) => line),
    });
  }
  return files;
}

/** @param {Map<string, Reached>} files */
function print(files) {
  /** @type {Map<string, Reached>} */
  const folders = new Map();
  for (const [path, reached] of files) {
    for (const name of [path.split("/").slice(0, 2).join("/"), "all"]) {
      const sum = folders.get(name) ??
        { lines: 0, allLines: 0, branches: 0, allBranches: 0, missing: [] };
      sum.lines += reached.lines;
      sum.allLines += reached.allLines;
      sum.branches += reached.branches;
      sum.allBranches += reached.allBranches;
      folders.set(name, sum);
    }
  }
  console.log("\n| folder | lines | branches |\n| --- | --- | --- |");
  const names = [...folders.keys()].filter((name) => name !== "all").sort();
  for (const name of [...names, "all"]) {
    const sum = /** @type {Reached} */ (folders.get(name));
    const lines = inPercent(sum.lines, sum.allLines);
    console.log(`| ${name} | ${lines} | ${inPercent(sum.branches, sum.allBranches)} |`);
  }
}

/** @param {number} some @param {number} all */
function inPercent(some, all) {
  return `${(100 * some / Math.max(all, 1)).toFixed(1)} % of ${all}`;
}

/** @param {Map<string, Reached>} files @param {string} under */
function printMissing(files, under) {
  for (const [path, { missing }] of files) {
    if (!path.startsWith(under) || missing.length === 0) continue;
    const lines = readFileSync(join(ROOT, path), "utf8").split("\n");
    console.log(`\n${path}`);
    for (const line of missing) console.log(`${String(line).padStart(5)}  ${lines[line - 1]}`);
  }
}

/** @param {string} path */
function withoutEnds(path) {
  return path.replace(/^\.\/|\/$/g, "");
}
