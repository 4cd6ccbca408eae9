/**
 * Modules joined: one bundle that has all of them, and in place of each a file with
 * the exports that the bundle has of it. Whoever imports some of them so loads two
 * or three files, where it would load sixty, and each module is still there once.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { urlsInto } from "./bundle.js";
import { ROOT } from "./process.js";
import { TARGET, toJs, TYPESCRIPT } from "./transpile.js";

/** `parallel/trace.ts` knows the library's frames by this name. */
const BUNDLE = "shared.js";

/** @typedef {import("./build.js").Files} Files */

/**
 * @param {string[]} paths TypeScript modules, from the root.
 * @param {string[]} entries Those that workers begin with, which are no part of the bundle.
 * @returns {Promise<Files>}
 */
export async function joinModules(paths, entries) {
  const { build } = await import("esbuild"); // needs setup
  const modules = await Promise.all(
    paths.map(async (path, i) => ({
      path,
      exports: (await exportsOf(path)).map((name) => ({ name, joined: `${name}_${i}` })),
    })),
  );
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    stdin: {
      contents: modules.map(({ path, exports }) => {
        const names = exports.map(({ name, joined }) => `${name} as ${joined}`);
        return `export { ${names.join(", ")} } from "./${path}";\n`;
      }).join(""),
      resolveDir: ROOT,
    },
    outfile: join(ROOT, BUNDLE),
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: TARGET,
    tsconfigRaw: TYPESCRIPT,
    sourcemap: true,
    logLevel: "warning",
    plugins: [urlsInto(new Map(entries.map((path) => [path, path])))],
  });
  /** @type {Files} */
  const files = new Map(outputFiles.map(({ path, contents }) => [posix.basename(path), contents]));
  for (const { path, exports } of modules) {
    const names = exports.map(({ name, joined }) => `${joined} as ${name}`);
    const bundle = posix.relative(posix.dirname(path), BUNDLE);
    const specifier = bundle.startsWith(".") ? bundle : `./${bundle}`;
    files.set(toJs(path), `export { ${names.join(", ")} } from "${specifier}";\n`);
  }
  return files;
}

/** @param {string} path @returns {Promise<string[]>} What a module exports, types left out. */
async function exportsOf(path) {
  const { transform } = await import("esbuild"); // needs setup
  const { init, parse } = await import("es-module-lexer"); // needs setup
  await init;
  const source = readFileSync(join(ROOT, path), "utf8");
  const { code } = await transform(source, { loader: "ts", tsconfigRaw: TYPESCRIPT });
  return parse(code)[1].map((found) => {
    if ("name" in found) return found.name;
    throw new Error(`Cannot join ${path}: what \`export *\` exports is not known`);
  });
}
