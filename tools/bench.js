/**
 * Runs the benchmarks on Deno, Bun and Node, one after another.
 *
 * - `npm run bench`: everything, some four minutes a runtime; writes bench/results/,
 *   docs/benchmarks.md and docs/charts/
 * - `npm run bench -- --quick`: the most telling rows and contenders, in about a minute
 * - `npm run bench -- --runtime=bun,node`: on some runtimes
 * - `npm run bench -- --rows=calls,cpu --contenders=piscina`: some rows, some contenders
 * - `npm run bench -- --guard`: only whether calls are still about as fast as they were
 * - `npm run bench -- --items`: only what mapped items cost, and what iterators gain
 * - `npm run bench -- --workers`: only what more workers gain, up to one for each processor
 * - `npm run bench -- --scale`: only whether costs stay linear, up to 10,000,000 jobs
 * - `npm run bench -- --report`: only draws the results that are there again
 *
 * What is not everything is shown, and written to .build/bench/ alone.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { buildNode, bundleForNode, NODE_BUILD } from "./build.js";
import { COLLECTS, FAMILIES, measureRuntime, STARTS } from "./measure.js";
import { ROOT, run } from "./process.js";
import { chosenRuntimes } from "./runtimes.js";
import { DENO, installPinned, setup } from "./setup.js";

/** @typedef {import("../bench/harness/results.ts").Results} Results */

const BENCH = join(ROOT, "bench");
const DRAFTS = join(ROOT, ".build/bench");

/** Who takes part in a quick run, beside multicore, unless others are asked for. */
const QUICK_CONTENDERS = ["multicore Task", "postMessage", "piscina"];

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    runtime: { type: "string" },
    rows: { type: "string" },
    contenders: { type: "string" },
    guard: { type: "boolean", default: false },
    items: { type: "boolean", default: false },
    workers: { type: "boolean", default: false },
    scale: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
  },
});
const runtimes = chosenRuntimes(values.runtime);
const families = chosen("rows", values.rows, FAMILIES);

await setup();
const alone = values.guard || values.scale || values.items || values.workers;
if (!alone) await installPinned(BENCH);
await buildNode({ joined: false });
await bundleForNode();
linkPackages();

if (values.guard) await check("guard", 120, "Calls have become slow");
else if (values.scale) await check("scale", 300, "A cost is not linear");
else if (values.items) await check("items", 300, "Something is wrong with items");
else if (values.workers) await check("workers", 400, "Something is wrong with many workers");
else if (values.report) await publish();
else await measure();

/** Measures, and publishes what is whole. */
async function measure() {
  const { CONTENDERS } = await built("contenders/all");
  const few = values.quick ? QUICK_CONTENDERS.join(",") : undefined;
  const picked = chosen("contenders", values.contenders ?? few, CONTENDERS);
  const contenders = [...new Set([CONTENDERS[0], ...picked])];
  const isWhole = !values.quick && values.rows === undefined && values.contenders === undefined;
  const folder = isWhole ? join(BENCH, "results") : DRAFTS;
  const revision = await findRevision();
  /** @type {Results[]} */
  const all = [];
  for (const runtime of runtimes) {
    const results = await measureRuntime({
      runtime,
      contenders,
      families,
      quick: values.quick,
      revision,
    });
    all.push(results);
    writeFile(join(folder, `${runtime}.json`), `${JSON.stringify(results, rounded, 1)}\n`);
  }
  const { table, nameOf } = await built("report/tables");
  for (const results of all) {
    console.log(`\n=== ${nameOf(results)}: multicore, then multiples of it\n`);
    for (const family of families) console.log(`${table(results, family).join("\n")}\n`);
  }
  if (isWhole) await publish();
  else await writeReport(all, DRAFTS);
}

/** Draws the results that are published. */
async function publish() {
  /** @type {Results[]} */
  const all = Object.keys(STARTS)
    .map((runtime) => join(BENCH, "results", `${runtime}.json`))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, "utf8")));
  if (all.length === 0) throw new Error("Cannot report: bench/results/ is empty");
  const written = await writeReport(all, join(ROOT, "docs"));
  const results = runtimesWithResults().map((path) => join("bench", "results", path));
  await run(DENO, ["fmt", "--quiet", ...written], { quiet: true });
  await run(DENO, ["fmt", "--quiet", ...results], { quiet: true });
}

/** @returns {string[]} */
function runtimesWithResults() {
  return Object.keys(STARTS).map((runtime) => `${runtime}.json`)
    .filter((name) => existsSync(join(BENCH, "results", name)));
}

/**
 * @param {Results[]} all @param {string} folder
 * @returns {Promise<string[]>} What may be formatted.
 */
async function writeReport(all, folder) {
  const { drawCharts } = await built("report/charts");
  const { document } = await built("report/tables");
  /** @type {Map<string, string>} */
  const charts = drawCharts(all);
  for (const [id, svg] of charts) writeFile(join(folder, "charts", `${id}.svg`), svg);
  const path = join(folder, "benchmarks.md");
  writeFile(path, document(all, [...charts.keys()]));
  console.log(`\nWritten: ${path} and ${charts.size} charts beside it`);
  return [path];
}

/**
 * Runs a program of bench/ in each runtime.
 *
 * @param {string} name @param {number} seconds The longest it may take.
 * @param {string} verdict Where it fails.
 */
async function check(name, seconds, verdict) {
  for (const runtime of runtimes) {
    const [program, ...args] = STARTS[runtime](name, COLLECTS);
    const { code } = await run(program, args, { cwd: BENCH, timeout: 1000 * seconds });
    if (code !== 0) {
      console.error(`${verdict} on ${runtime}`);
      process.exitCode = 1;
    }
  }
}

/** Lets the build for Node find the packages of bench/. */
function linkPackages() {
  const link = join(NODE_BUILD, "bench/node_modules");
  const target = join(BENCH, "node_modules");
  if (existsSync(target) && !existsSync(link)) symlinkSync(target, link, "junction");
}

/** @param {string} name Of a module of bench/. @returns {Promise<any>} */
function built(name) {
  return import(pathToFileURL(join(NODE_BUILD, `bench/${name}.js`)).href);
}

/** @returns {Promise<string>} */
async function findRevision() {
  const { code, output } = await run("git", ["describe", "--always", "--dirty"], { quiet: true });
  return code === 0 ? output.trim() : "unknown";
}

/**
 * @param {string} option @param {string | undefined} value @param {readonly string[]} known
 * @returns {string[]}
 */
function chosen(option, value, known) {
  const names = value?.split(",") ?? [...known];
  for (const name of names) {
    if (!known.includes(name)) {
      throw new Error(`Cannot use --${option}=${name}: give ${known.join(", ")}`);
    }
  }
  return names;
}

/** Four digits are more than any figure here is worth. @param {string} _key @param {unknown} value */
function rounded(_key, value) {
  return typeof value === "number" && !Number.isInteger(value)
    ? Number(value.toPrecision(4))
    : value;
}

/** @param {string} path @param {string} text */
function writeFile(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
