/**
 * Checks that imports run downward only: between the folders of src/ as
 * `MAY_USE` says, and between files without a cycle. Type-only imports count,
 * since they too tell what a file has to know.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { listFiles } from "./files.js";
import { ROOT } from "./process.js";
import { setup } from "./setup.js";

/** What all that follows is built on, from the bottom up. */
const SHARED = [
  "base",
  "sync",
  "memory",
  "transport",
  "codec",
  "scheduling",
  "runtime",
  "task",
];

/**
 * What each folder of src/ may import from, besides itself. mod.ts and
 * worker.ts lie above all of them.
 *
 * @type {Record<string, string[]>}
 */
const MAY_USE = {
  base: [],
  sync: ["base"],
  memory: ["base", "sync"],
  transport: ["base", "sync", "memory"],
  codec: ["base"],
  scheduling: ["base"],
  runtime: ["base"],
  task: ["base", "sync", "memory", "transport", "codec"],
  dispatch: SHARED,
  kernels: [...SHARED, "dispatch"],
  parallel: [...SHARED, "dispatch", "kernels"],
  worker: [...SHARED, "dispatch", "kernels"], // and never pool
  pool: [...SHARED, "dispatch", "parallel"], // and never worker
  cli: [], // it knows mod.ts alone, as any program does
};

/**
 * The command line is a program that uses the library, and no part of it: it lives in
 * files and streams, which all runtimes have from Node, and may have dependencies, since
 * nothing imports it.
 */
const PROGRAM = "cli";
const PROGRAM_USES = ["mod.ts"];
const PROGRAM_DEPENDENCIES = ["cli-progress", "commander"];

/** Files at the root that make up the package, with src/. */
const ENTRIES = ["mod.ts", "worker.ts"];

/** @typedef {Map<string, string[]>} Graph Path to the specifiers it imports. */

/** @returns {Promise<string[]>} What is wrong, a line each. */
export async function checkLayers() {
  const files = [...ENTRIES, ...listFiles(["src"])]
    .filter((path) => path.endsWith(".ts") && listFiles([path]).length > 0);
  /** @type {Graph} */
  const graph = new Map();
  for (const path of files) {
    const source = readFileSync(join(ROOT, path), "utf8");
    graph.set(path, await importsOf(source));
  }
  return [...badImports(graph), ...cycles(graph)];
}

/** @param {string} source @returns {Promise<string[]>} Specifiers. */
async function importsOf(source) {
  const { init, parse } = await import("es-module-lexer"); // needs setup
  await init;
  const found = parse(source)[0].flatMap(({ specifier }) => specifier ?? []);
  // The lexer sees no `import("…")` that stands for a type in an alias.
  const code = source.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  for (const [, specifier] of code.matchAll(/\bimport\(\s*["'](.*?)["']/g)) {
    found.push(specifier);
  }
  return [...new Set(found)];
}

/** @param {Graph} graph @returns {string[]} */
function badImports(graph) {
  return [...graph].flatMap(([path, specifiers]) =>
    specifiers.flatMap((specifier) => {
      const wrong = objection(path, specifier);
      return wrong ? [`${path} imports ${specifier}: ${wrong}`] : [];
    })
  );
}

/**
 * @param {string} path @param {string} specifier
 * @returns {string | undefined}
 */
function objection(path, specifier) {
  const folder = folderOf(path);
  if (specifier.startsWith("node:")) {
    return folder === "runtime" || folder === PROGRAM ? undefined : "only src/runtime may";
  }
  if (!specifier.startsWith(".")) {
    if (folder === PROGRAM && PROGRAM_DEPENDENCIES.includes(specifier)) return;
    return "the library has no dependencies";
  }
  const target = resolve(path, specifier);
  if (folder === PROGRAM && PROGRAM_USES.includes(target)) return;
  if (folderOf(target) === PROGRAM && folder !== PROGRAM) return "nothing uses the command line";
  if (!target.startsWith("src/")) return "src/ imports nothing from outside it";
  if (folder === undefined) return; // an entry, above all
  if (!Object.hasOwn(MAY_USE, folder)) {
    return `src/${folder} has no place in tools/layers.js`;
  }
  const used = folderOf(target);
  if (used === folder || (used && MAY_USE[folder].includes(used))) return;
  return `src/${folder} may use ${MAY_USE[folder].join(", ") || "nothing"}`;
}

/** @param {Graph} graph @returns {string[]} */
function cycles(graph) {
  /** @type {string[]} */
  const found = [];
  const done = new Set();
  /** @param {string} path @param {string[]} trail */
  const visit = (path, trail) => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      found.push(`Cycle: ${[...trail.slice(start), path].join(" → ")}`);
    } else if (!done.has(path)) {
      for (const specifier of graph.get(path) ?? []) {
        if (specifier.startsWith(".")) {
          visit(resolve(path, specifier), [...trail, path]);
        }
      }
      done.add(path);
    }
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

/** @param {string} importer @param {string} specifier */
function resolve(importer, specifier) {
  return posix.join(posix.dirname(importer), specifier);
}

/** @param {string} path @returns {string | undefined} */
function folderOf(path) {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setup();
  const problems = await checkLayers();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
