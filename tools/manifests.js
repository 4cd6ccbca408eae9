/**
 * Checks that the manifests of JSR (deno.json) and of npm (package.json)
 * describe one and the same package, and
 * that tools/, which Deno takes for a project of its own, is formatted alike.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./process.js";

/** Throws where the two differ. */
export function checkManifests() {
  const jsr = readJson("deno.json");
  const npm = readJson("package.json");
  for (const key of ["name", "version", "license"]) {
    deepStrictEqual(npm[key], jsr[key], `${key} differs in package.json`);
  }
  /** @type {Record<string, unknown>} */
  const expected = Object.fromEntries(
    Object.entries(jsr.exports).map(([key, path]) => [key, built(path)]),
  );
  expected["./cli"] = `./${npm.bin.multicore}`; // a program, with nothing to declare
  deepStrictEqual(
    npm.exports,
    { ...expected, "./package.json": "./package.json" },
    "exports differ in package.json",
  );
  const version = /VERSION = "(.*)"/.exec(readFileSync(join(ROOT, "src/cli/version.ts"), "utf8"));
  deepStrictEqual(version?.[1], jsr.version, "version differs in src/cli/version.ts");
  for (const name of ["cli-progress", "commander"]) {
    const pinned = `npm:${name}@${npm.devDependencies[name]}`;
    deepStrictEqual(jsr.imports[name], pinned, `${name} differs in deno.json`);
  }
  deepStrictEqual(readJson("tools/deno.json").fmt, jsr.fmt, "fmt differs in tools/deno.json");
  if (npm.dependencies) {
    throw new Error("The package has dependencies: it must have none");
  }
}

/** @param {string} path Of a source file, from the root. */
function built(path) {
  const stem = path.replace(/^\.\//, "./dist/").replace(/\.ts$/, "");
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) checkManifests();
