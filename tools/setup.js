/**
 * Installs, where missing or of another version, what package.json and
 * tools/package.json pin: nothing but Node and npm is needed beforehand.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, run } from "./process.js";

const TOOLS = join(ROOT, "tools");
const EXE = process.platform === "win32" ? ".exe" : "";

/** Paths of the pinned programs, valid once `setup` has resolved. */
export const DENO = join(TOOLS, "node_modules/deno", `deno${EXE}`);
export const BUN = join(TOOLS, "node_modules/bun/bin/bun.exe"); // its name everywhere
export const NODE = process.execPath;
export const TSC = join(TOOLS, "node_modules/typescript/bin/tsc");

/** Makes the pinned packages and runtimes ready to use. */
export async function setup() {
  for (const folder of [ROOT, TOOLS]) await installPinned(folder);
  await placeBinary("deno", "install.cjs", DENO);
  await placeBinary("bun", "install.js", BUN);
}

/** Installs, where it is missing, what a folder's package.json pins. @param {string} folder */
export async function installPinned(folder) {
  if (!isInstalled(folder)) await install(folder);
}

/** @param {string} folder @returns {boolean} */
function isInstalled(folder) {
  const { dependencies, devDependencies } = readJson(join(folder, "package.json"));
  return Object.entries({ ...dependencies, ...devDependencies }).every(([name, version]) => {
    const manifest = join(folder, "node_modules", name, "package.json");
    return existsSync(manifest) && readJson(manifest).version === version;
  });
}

/** @param {string} folder */
async function install(folder) {
  console.log(`Installing what ${join(folder, "package.json")} pins`);
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const { code } = await run("npm", args, { cwd: folder });
  if (code !== 0) throw new Error(`Cannot install ${folder}: npm ci failed`);
}

/**
 * npm may have been told to run no install scripts; these two packages put
 * their program in place by one.
 *
 * @param {string} name @param {string} script @param {string} program
 */
async function placeBinary(name, script, program) {
  if (await answers(program)) return;
  const cwd = join(TOOLS, "node_modules", name);
  await run(NODE, [script], { cwd });
  if (!await answers(program)) {
    throw new Error(`Cannot start ${name}: ${program} does not run`);
  }
}

/** @param {string} program @returns {Promise<boolean>} */
async function answers(program) {
  if (!existsSync(program)) return false;
  try {
    return (await run(program, ["--version"], { quiet: true })).code === 0;
  } catch {
    return false; // bun's package comes with a text file in the program's place
  }
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
