/**
 * Checks the models of the lock-free protocols, tests/model/*.pml, with SPIN: each
 * exhaustively, and each with every one of its mutations, which must be caught: a
 * check that cannot fail says nothing.
 *
 * - `node tools/models.js`: at the sizes of the files
 * - `node tools/models.js --full`: at the larger ones of `FULL`, which take minutes
 *
 * SPIN and a C compiler have to be there: Debian's packages `spin`, `gcc` and
 * `libc6-dev`.
 *
 * @module
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { inWords, sum } from "./count.js";
import { ROOT, run } from "./process.js";
import { sideBySide } from "./side_by_side.js";

const FOLDER = join(ROOT, "tests/model");
/** Most milliseconds for one check. */
const PATIENCE = 600_000;
/** Definitions for `--full`, by model. */
const FULL = /** @type {Record<string, string>} */ ({
  "job.pml": "-DJOBS=3",
  "sleep.pml": "-DJOBS=3",
  "deque.pml": "-DENTRIES=4",
  "reclaim.pml": "-DLIVES=3",
});

/** @param {boolean} full @returns {Promise<import("./count.js").Count>} */
export async function checkModels(full = false) {
  /** @type {[model: string, size: string | undefined, mutation: string | undefined][]} */
  const checks = [];
  for (const model of readdirSync(FOLDER).filter((name) => name.endsWith(".pml")).sort()) {
    const source = readFileSync(join(FOLDER, model), "utf8");
    const mutations = new Set([...source.matchAll(/^#ifn?def (M_\w+)/gm)].map(([, name]) => name));
    const size = full ? FULL[model] : undefined;
    checks.push([model, size, undefined]);
    for (const mutation of mutations) checks.push([model, undefined, mutation]);
  }
  return sum(await sideBySide(checks, (it) => check(...it)));
}

/**
 * @param {string} model
 * @param {string | undefined} size
 * @param {string | undefined} mutation
 */
async function check(model, size, mutation) {
  const folder = mkdtempSync(join(tmpdir(), "model-"));
  try {
    const flags = [size ?? [], mutation === undefined ? [] : `-D${mutation}`].flat();
    await must(folder, "spin", ["-a", ...flags, join(FOLDER, model)]);
    // A mutation is mostly caught sooner than it would be compiled well.
    const optimise = mutation === undefined ? "-O2" : "-O1";
    // COLLAPSE stores states in less memory; SAFETY leaves out what only cycles need.
    await must(folder, "gcc", [optimise, "-w", "-DSAFETY", "-DCOLLAPSE", "-o", "pan", "pan.c"]);
    const { output, timedOut } = await run(join(folder, "pan"), ["-m1000000", "-n"], {
      cwd: folder,
      quiet: true,
      timeout: PATIENCE,
    });
    const errors = Number(/errors: (\d+)/.exec(output)?.[1] ?? NaN);
    const states = /(\d+) states, stored/.exec(output)?.[1];
    const complete = !timedOut && !/max search depth too small|out of memory/.test(output);
    const passed = mutation === undefined ? complete && errors === 0 : errors > 0;
    const what = mutation === undefined ? `${states} states` : `${mutation} is caught`;
    console.log(`${passed ? "ok" : "not ok"} ${model}: ${what}`);
    if (!passed) console.log(output);
    return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} cwd @param {string} program @param {string[]} args */
async function must(cwd, program, args) {
  try {
    const { code, output } = await run(program, args, { cwd, quiet: true, timeout: PATIENCE });
    if (code !== 0) throw new Error(output);
  } catch (cause) {
    throw new Error(`Cannot check models: ${program} fails; is it installed?`, { cause });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { full: { type: "boolean" } } });
  const count = await checkModels(values.full);
  console.log(`\nmodels: ${inWords(count)}`);
  process.exitCode = count.failed > 0 ? 1 : 0;
}
