/**
 * Builds the JavaScript that Node and bundlers run.
 *
 * - `node tools/build.js dist`: the package, bundled, with declarations, in dist/.
 * - `node tools/build.js node`: the whole tree with tests and examples, for
 *   running in Node, in .build/node/.
 * - `node tools/build.js`: both.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle, bundleProgram } from "./bundle.js";
import { listFiles, writeTree } from "./files.js";
import { joinModules } from "./join.js";
import { ROOT, run } from "./process.js";
import { NODE, setup, TSC } from "./setup.js";
import { toJs, transpile } from "./transpile.js";

/** Where the build for running in Node lies. */
export const NODE_BUILD = join(ROOT, ".build/node/");

const ENTRIES = ["mod.ts", "worker.ts"];
const ALL = [
  ...ENTRIES,
  "src",
  "deps.ts",
  "tests",
  "examples",
  "bench",
  ".build/examples", // those of the documentation
];

/** @typedef {Map<string, string | Uint8Array>} Files Path in the folder to content. */

/** Builds dist/. */
export async function buildDist() {
  /** @type {Files} */
  const files = await bundle(ENTRIES);
  for (const [path, content] of await bundleProgram()) files.set(path, content);
  for (const [path, text] of await declarations()) files.set(path, text);
  writeTree(join(ROOT, "dist"), files);
}

/**
 * Builds .build/node/. A file that cannot be built becomes one that says so when
 * it is imported, so that only what needs it fails.
 *
 * @param {object} [options]
 * @param {boolean} [options.joined] Whether the library is one file, from which workers start
 * in half the time, and not one for each module.
 */
export async function buildNode({ joined = true } = {}) {
  /** @type {Files} */
  const files = new Map([[
    "package.json",
    JSON.stringify(nodeManifest(), null, 2),
  ]]);
  await Promise.all(
    listFiles(ALL).map(async (path) => {
      if (!isTypeScript(path)) {
        files.set(path, readFileSync(join(ROOT, path)));
        return;
      }
      try {
        await buildFile(path, files);
      } catch (error) {
        const message = JSON.stringify(/** @type {Error} */ (error).message);
        files.set(toJs(path), `throw new SyntaxError(${message});\n`);
      }
    }),
  );
  if (joined) await joinLibrary(files);
  writeTree(NODE_BUILD, files);
}

/** @param {Files} files Takes the joined library, unless some of it cannot be built. */
async function joinLibrary(files) {
  const modules = listFiles(["mod.ts", "src"])
    .filter((path) => isTypeScript(path) && !path.startsWith("src/cli/"));
  try {
    for (const [path, content] of await joinModules(modules, ["worker.ts"])) {
      files.set(path, content);
    }
  } catch (error) {
    console.error(error);
  }
}

/**
 * Puts the package's bundle in place of the entries in .build/node/: benchmarks
 * measure what users get, not a file for each module.
 */
export async function bundleForNode() {
  for (const [path, content] of await bundle(ENTRIES)) {
    writeFileSync(join(NODE_BUILD, path), content);
  }
}

/** @param {string} path */
function isTypeScript(path) {
  return path.endsWith(".ts") && !path.endsWith(".d.ts");
}

/**
 * @param {string} path From the root.
 * @param {Files} files Takes the code and its source map.
 */
async function buildFile(path, files) {
  const built = toJs(path);
  const source = readFileSync(join(ROOT, path), "utf8");
  const sourcefile = posix.relative(posix.dirname(`.build/node/${built}`), path);
  const { code, map } = await transpile(source, path, {
    sourcefile,
    aliases: localImports(),
  });
  files.set(
    built,
    `${code}//# sourceMappingURL=${posix.basename(built)}.map\n`,
  );
  files.set(`${built}.map`, map);
}

/** @returns {Promise<Map<string, string>>} Path in dist/ to declarations. */
async function declarations() {
  const folder = join(ROOT, ".build/types");
  writeTree(folder, new Map());
  const { code } = await run(NODE, [TSC, "-p", "tools/tsconfig.dist.json"]);
  if (code !== 0) throw new Error("Cannot build: the types do not check");
  return new Map(
    listFiles(["."], folder).map((path) => {
      const text = readFileSync(join(folder, path), "utf8");
      return [path.replace(/^\.\//, ""), withJsSpecifiers(text)];
    }),
  );
}

/** @param {string} text Declarations, with comments that stay as they are. */
function withJsSpecifiers(text) {
  return text.split("\n").map((line) =>
    /^\s*(\/\*)?\*/.test(line) ? line : line.replaceAll(
      /(\b(?:from|import)\s*\(?\s*["']\.{1,2}\/[^"']*)\.ts(["'])/g,
      "$1.js$2",
    )
  ).join("\n");
}

/** The import map's entries that stand for files of this repository. */
function localImports() {
  const { imports } = readJson("deno.json");
  return Object.fromEntries(
    Object.entries(imports).filter(([, target]) => target.startsWith("./"))
      .map(([specifier, target]) => [specifier, target.slice(2)]),
  );
}

/** Lets the built tests import the package by its own name. */
function nodeManifest() {
  const { name, exports } = readJson("deno.json");
  return {
    name,
    type: "module",
    exports: Object.fromEntries(
      Object.entries(exports).map(([key, path]) => [
        key,
        toJs(path),
      ]),
    ),
  };
}

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), "utf8"));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const which = process.argv[2];
  if (which !== undefined && which !== "dist" && which !== "node") {
    throw new Error(`Cannot build ${which}: give "dist", "node" or nothing`);
  }
  await setup();
  if (which !== "node") await buildDist();
  if (which !== "dist") await buildNode();
}
