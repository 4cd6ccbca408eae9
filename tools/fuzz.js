/**
 * Fuzzes the decoder, guided by coverage: jsfuzz makes inputs, keeps those that reach
 * something new, and makes more of them. What it keeps stays in tests/codec/corpus/,
 * which `tests/codec/corpus_test.ts` decodes on every runtime.
 *
 * - `npm run fuzz`: for a minute
 * - `npm run fuzz -- --seconds=3600`
 * - `npm run fuzz -- --seeds`: only writes the encodings of tests/codec/fuzz_seeds.ts to
 *   the corpus, where they are missing
 *
 * @module
 */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { endWithThis, ROOT } from "./process.js";
import { installPinned, NODE, setup } from "./setup.js";
import { TARGET, TYPESCRIPT } from "./transpile.js";

/**
 * @typedef {object} FileCoverage As istanbul has it.
 * @property {Record<string, { start: { line: number } }>} statementMap
 * @property {Record<string, number>} s How often each statement was run.
 */

const CORPUS = join(ROOT, "tests/codec/corpus");
const FOLDER = join(ROOT, ".build/fuzz");
const FUZZER = join(ROOT, "tools/fuzz");
/** Milliseconds that the fuzzer has to end by itself. */
const GRACE = 10_000;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seeds: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new RangeError(`Cannot fuzz for ${values.seconds} s`);

await setup();
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(join(FOLDER, "found"), { recursive: true });
mkdirSync(CORPUS, { recursive: true });
await bundle();
if (values.seeds) {
  const { seeds } = createRequire(import.meta.url)(join(FOLDER, "fuzz_seeds.js"));
  console.log(`${keep(seeds())} new seeds in ${CORPUS}`);
} else {
  await installPinned(FUZZER);
  const isWell = await fuzz();
  report();
  const found = readdirSync(join(FOLDER, "found")).map((name) =>
    readFileSync(join(FOLDER, "found", name))
  );
  console.log(`${keep(found)} new inputs kept in ${CORPUS}`);
  process.exitCode = isWell ? 0 : 1;
}

/** The fuzzer instruments CommonJS, so each entry becomes one file of that. */
async function bundle() {
  const { build } = await import("esbuild"); // needs setup
  await build({
    absWorkingDir: ROOT,
    entryPoints: ["tests/codec/fuzz_target.ts", "tests/codec/fuzz_seeds.ts"],
    outdir: FOLDER,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: TARGET,
    tsconfigRaw: TYPESCRIPT,
    logLevel: "warning",
  });
  writeFileSync(join(FOLDER, "package.json"), '{ "type": "commonjs" }\n');
}

/**
 * Runs the fuzzer for its time. The first folder takes each input that reaches
 * something new, those of the corpus included.
 *
 * @returns {Promise<boolean>} Whether it has found nothing wrong.
 */
async function fuzz() {
  const program = join(FUZZER, "node_modules/jsfuzz/build/src/index.js");
  const args = [
    "--timeout=10",
    "--rss-limit-mb=1024",
    "--versifier=false", // it takes inputs for text, and makes them of 40 MB
    "fuzz_target.js",
    "found",
    CORPUS,
  ];
  const child = spawn(NODE, [program, ...args], {
    cwd: FOLDER,
    stdio: ["ignore", "pipe", "inherit"],
    detached: process.platform !== "win32", // a group, to be told to end together
  });
  endWithThis(child);
  let last = "";
  child.stdout.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
    process.stdout.write(text);
    last = /^#\d+ .*$/m.exec(text)?.[0] ?? last;
  });
  const end = setTimeout(() => tell("SIGINT"), seconds * 1000);
  const kill = setTimeout(() => tell("SIGKILL"), seconds * 1000 + GRACE);
  /** @param {NodeJS.Signals} signal */
  function tell(signal) {
    if (child.pid === undefined || child.exitCode !== null) return;
    process.kill(process.platform === "win32" ? child.pid : -child.pid, signal);
  }
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(end);
  clearTimeout(kill);
  const crash = readdirSync(FOLDER).find((name) => name.startsWith("crash-"));
  if (crash !== undefined) {
    console.error(`\nThe decoder does what it may not, as shown above, for ${join(FOLDER, crash)}`);
    console.error("Move that file to tests/codec/corpus/, where a test decodes it, and mend it");
  } else if (code !== 0) console.error(`\nThe fuzzer ended with status ${code}`);
  else console.log(`\n${last}`);
  return code === 0 && crash === undefined;
}

/** Prints what was reached, by the files that the bundle is made of. */
function report() {
  const path = join(FOLDER, ".nyc_output/cov.json");
  if (!existsSync(path)) return;
  /** @type {Record<string, FileCoverage>} */
  const coverage = JSON.parse(readFileSync(path, "utf8"));
  const [file] = Object.values(coverage);
  const sources = sourcesByLine(readFileSync(join(FOLDER, "fuzz_target.js"), "utf8"));
  /** @type {Map<string, [reached: number, all: number]>} */
  const counts = new Map();
  for (const [id, { start }] of Object.entries(file.statementMap)) {
    const source = sources[start.line] ?? "";
    if (!source.startsWith("src/codec/")) continue;
    const count = counts.get(source) ?? [0, 0];
    if (file.s[id] > 0) count[0]++;
    count[1]++;
    counts.set(source, count);
  }
  for (const [source, [reached, all]] of [...counts].sort()) {
    console.log(`${source.padEnd(36)} ${reached} of ${all} statements`);
  }
}

/** esbuild heads each file's code with its path. @param {string} code @returns {string[]} */
function sourcesByLine(code) {
  let source = "";
  return ["", ...code.split("\n")].map((line) => {
    source = /^\/\/ (\S+\.ts)$/.exec(line)?.[1] ?? source;
    return source;
  });
}

/**
 * Adds to the corpus what is not in it.
 *
 * @param {Uint8Array[]} inputs @returns {number} How many those are.
 */
function keep(inputs) {
  let added = 0;
  for (const input of inputs) {
    const path = join(CORPUS, createHash("sha256").update(input).digest("hex").slice(0, 16));
    if (existsSync(path)) continue;
    writeFileSync(path, input);
    added++;
  }
  return added;
}
