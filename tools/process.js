/**
 * Child processes whose output is both shown and kept, and which never
 * outlive this one.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** The repository, with a slash at the end. */
export const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** @type {Set<number>} Process groups to end when this process is told to. */
const running = new Set();

for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.once(signal, () => {
    for (const group of running) kill(group);
    process.kill(process.pid, signal);
  });
}

/**
 * Has a child that leads a group of its own ended, with all of that, when this
 * process is told to end.
 *
 * @param {import("node:child_process").ChildProcess} child
 */
export function endWithThis(child) {
  const { pid } = child;
  if (pid === undefined) return; // it did not start
  running.add(pid);
  child.once("close", () => running.delete(pid));
}

/**
 * @typedef {object} Outcome
 * @property {number} code Exit status; 1 where a signal ended it.
 * @property {boolean} timedOut Whether it was ended for running too long.
 * @property {string} output Everything it printed, without colours.
 */

/**
 * Runs a command to its end.
 *
 * @param {string} command Path or name of the program.
 * @param {string[]} args
 * @param {object} [options]
 * @param {string} [options.cwd] Where to run; the repository if not given.
 * @param {boolean} [options.quiet] Keep the output to the caller.
 * @param {number} [options.timeout] Milliseconds after which it is ended, with
 * all that it started.
 * @param {Record<string, string>} [options.env] Variables besides those of this process.
 * @param {{ uid: number, gid: number }} [options.owner] Whom it runs as, instead of root.
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { cwd = ROOT, quiet, timeout, env: more, owner } = {}) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...more };
    if (process.stdout.isTTY && !quiet) env.FORCE_COLOR ??= "1";
    else env.NO_COLOR ??= "1";
    const child = spawn(command, args, {
      cwd,
      env,
      ...owner,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32", // a group of its own, to end whole
      shell: process.platform === "win32" && /^np[mx]$/.test(command),
    });
    const pid = child.pid;
    endWithThis(child);

    /** @type {string[]} */
    const kept = [];
    /** @param {NodeJS.WriteStream} sink @returns {(text: string) => void} */
    const keepAndShow = (sink) => (text) => {
      kept.push(text);
      if (!quiet) sink.write(text);
    };
    child.stdout.setEncoding("utf8").on("data", keepAndShow(process.stdout));
    child.stderr.setEncoding("utf8").on("data", keepAndShow(process.stderr));

    let timedOut = false;
    const timer = timeout === undefined ? undefined : setTimeout(() => {
      timedOut = true;
      if (pid !== undefined) kill(pid);
    }, timeout);

    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      const output = stripVTControlCharacters(kept.join(""));
      resolve({ code: code ?? 1, timedOut, output });
    });
  });
}

/** @param {number} group */
function kill(group) {
  try {
    process.kill(process.platform === "win32" ? group : -group, "SIGKILL");
  } catch (error) {
    // It has ended by itself in the meantime.
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") {
      throw error;
    }
  }
}
