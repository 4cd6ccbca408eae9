/**
 * The suite in a browser: Chromium, without a window, on the page's own thread, where
 * nothing may block; files with tests that block also in a worker, which may.
 * `npm test -- --runtime=browser` runs it alone.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ABSENT, openSite } from "./browser/site.js";
import { NODE_BUILD } from "./build.js";
import { outcome, sum } from "./count.js";
import { sideBySide } from "./side_by_side.js";

/** Where systems have it. */
const PLACES = [
  process.env["CHROMIUM"],
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
/** Milliseconds for all tests of one file. */
const TIMEOUT = 4 * 60_000;
/** What a test's error says where the test needs more than a browser has. */
const BEYOND = {
  page: [ABSENT, "main thread may not; use await get()"],
  worker: [ABSENT, "and a browser starts them only"],
};

/** What a file has in it whose tests block their own thread. */
const BLOCKS = "getSync(";

/** @typedef {import("./count.js").Count} Count */
/** @typedef {keyof typeof BEYOND} Thread Where tests themselves run. */
/** @typedef {{ name?: string, skipped?: boolean, error?: string, end?: boolean }} Report */

/** @returns {string | undefined} The path of Chromium, where it is installed. */
export function findChromium() {
  return PLACES.find((path) => path !== undefined && existsSync(path));
}

/**
 * Runs test files of the tree that is built for Node.
 *
 * @param {string[]} files Their paths in it.
 * @returns {Promise<Count>}
 */
export async function runInBrowser(files) {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    console.log("Skipped: no Chromium. Install it, or name its path in CHROMIUM");
    return { passed: 0, failed: 0, skipped: 1 };
  }
  const { chromium } = await import("playwright-core"); // needs setup
  const site = await openSite();
  const browser = await chromium.launch({
    executablePath,
    // Its sandbox does not run as root.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    /** @type {[thread: Thread, file: string][]} */
    const runs = [];
    for (const file of files) {
      runs.push(["page", file]);
      if (readFileSync(join(NODE_BUILD, file), "utf8").includes(BLOCKS)) {
        runs.push(["worker", file]);
      }
    }
    const counts = await sideBySide(
      runs,
      ([thread, file]) => runFile(browser, site.origin, thread, file),
    );
    return sum(counts);
  } finally {
    await browser.close();
    site.close();
  }
}

/**
 * @param {import("playwright-core").Browser} browser
 * @param {string} origin
 * @param {Thread} thread
 * @param {string} file
 * @returns {Promise<Count>}
 */
async function runFile(browser, origin, thread, file) {
  const page = await browser.newPage();
  /** @type {Count[]} */
  const counts = [];
  const fail = (/** @type {string} */ name, /** @type {string} */ reason) => {
    counts.push(outcome(false));
    console.log(`✖ ${name} (${thread}: ${file})\n${reason.replaceAll(/^/gm, "  ")}`);
  };
  const take = (/** @type {Report} */ { name = file, skipped, error }) => {
    const isBeyond = BEYOND[thread].some((words) => error?.includes(words));
    if (skipped || isBeyond) counts.push({ passed: 0, failed: 0, skipped: 1 });
    else if (error !== undefined) fail(name, error);
    else counts.push(outcome(true));
  };
  /** @type {(value?: unknown) => void} */
  let end = () => {};
  const ended = new Promise((resolve) => void (end = resolve));
  const timer = setTimeout(() => {
    fail(file, `Did not end within ${TIMEOUT / 1000} s`);
    end();
  }, TIMEOUT);
  page.on("crash", () => {
    fail(file, "The page crashed");
    end();
  });
  await page.exposeFunction("report", (/** @type {Report} */ report) => {
    if (report.end) end();
    else take(report);
  });
  await page.goto(`${origin}/-/run.html?${new URLSearchParams({ file, thread })}`);
  await ended;
  clearTimeout(timer);
  await page.close();
  return sum(counts);
}
