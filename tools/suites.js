/**
 * How each runtime's test suite is started, and how its summary is read.
 *
 * @module
 */

import { join } from "node:path";
import { runInBrowser } from "./browser.js";
import { buildNode, NODE_BUILD } from "./build.js";
import { listFiles } from "./files.js";
import { sum } from "./count.js";
import { run } from "./process.js";
import { BUN, DENO, NODE } from "./setup.js";
import { sideBySide } from "./side_by_side.js";
import { toJs } from "./transpile.js";

/** @typedef {import("./count.js").Count} Count */

/** Test files that run at a time, where the runtime can: most tests wait more than they compute. */
const FILES_AT_ONCE = 2;
/** What runs in browsers: the tests of pools. Those of their parts run elsewhere. */
const IN_BROWSERS = /^tests\/(conformance|parallel|worker)\//;
/** Longer than any suite needs, also on a busy machine, in milliseconds: what hangs is ended then. */
const TIMEOUT = 8 * 60_000;

/**
 * Runs the test files at or below these paths, each runtime in its own way.
 *
 * @type {Record<string, (paths: string[]) => Promise<Count>>}
 */
export const SUITES = {
  async deno(paths) {
    const args = ["task", "--quiet", "test", "--parallel", ...testFiles(paths)];
    const env = { DENO_JOBS: String(FILES_AT_ONCE) };
    return count("Deno", await run(DENO, args, { timeout: TIMEOUT, env }), {
      passed: /^.*\| (\d+) passed/gm,
      failed: /\| (\d+) failed/g,
      skipped: /\| (\d+) ignored/g,
    });
  },

  async bun(paths) {
    const files = testFiles(paths).map((path) => `./${path}`);
    // Bun runs one file after another: as many processes share them instead.
    const shares = Array.from(
      { length: Math.min(FILES_AT_ONCE, files.length) },
      (_, share) => files.filter((_, index) => index % FILES_AT_ONCE === share),
    );
    const counts = await sideBySide(shares, async (share) => {
      // Bun takes its limit for one test, of 5 s, from here alone.
      const args = ["test", "--timeout=60000", ...share];
      const outcome = await run(BUN, args, { timeout: TIMEOUT, quiet: true });
      console.log(outcome.output);
      return count("Bun", outcome, {
        passed: /^ *(\d+) pass$/gm,
        failed: /^ *(\d+) (?:fail|errors?)$/gm,
        skipped: /^ *(\d+) (?:skip|todo)$/gm,
      });
    });
    return sum(counts);
  },

  async node(paths) {
    await buildNode();
    const files = testFiles(paths).map((path) => join(NODE_BUILD, toJs(path)));
    const args = [
      "--enable-source-maps",
      "--test",
      `--test-concurrency=${FILES_AT_ONCE}`,
      "--test-reporter=spec",
      ...files,
    ];
    return count("Node", await run(NODE, args, { timeout: TIMEOUT }), {
      passed: /^ℹ pass (\d+)$/gm,
      failed: /^ℹ (?:fail|cancelled) (\d+)$/gm,
      skipped: /^ℹ (?:skipped|todo) (\d+)$/gm,
    });
  },

  async browser(paths) {
    await buildNode();
    const files = testFiles(paths).filter((path) => IN_BROWSERS.test(path)).map(toJs);
    return runInBrowser(files);
  },
};

/** @param {string[]} paths @returns {string[]} */
function testFiles(paths) {
  const files = listFiles(paths).filter((path) => path.endsWith("_test.ts"));
  if (files.length === 0) throw new Error(`No tests at ${paths.join(", ")}`);
  return files;
}

/**
 * Sums up what a suite printed. A suite that ended badly has failed at least
 * once, whatever it says, and so has one that ran nothing.
 *
 * @param {string} name
 * @param {import("./process.js").Outcome} outcome
 * @param {Record<keyof Count, RegExp>} patterns
 * @returns {Count}
 */
function count(name, { code, output, timedOut }, patterns) {
  /** @param {RegExp} pattern */
  const total = (pattern) =>
    [...output.matchAll(pattern)].reduce(
      (all, [, n]) => all + Number(n),
      0,
    );
  const result = {
    passed: total(patterns.passed),
    failed: total(patterns.failed),
    skipped: total(patterns.skipped),
  };
  /** @param {string} reason */
  const fail = (reason) => {
    console.error(`${name}: ${reason}`);
    result.failed = Math.max(result.failed, 1);
  };
  if (timedOut) fail(`did not end within ${TIMEOUT / 1000} s`);
  else if (code !== 0 && result.failed === 0) fail(`ended with status ${code}`);
  if (result.passed + result.failed === 0) fail("ran no tests");
  return result;
}
