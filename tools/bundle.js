/**
 * The JavaScript of the package: its entries, a file each, and one more with all
 * that they share. A worker so loads two files, where it would load sixty, which
 * takes three times as long; and whoever imports both entries in one thread has
 * each module once. The command line, which is a program on the library, comes with
 * its dependencies, and without the library: it imports it as others do.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { ROOT } from "./process.js";
import { TARGET, toJs, TYPESCRIPT } from "./transpile.js";

/** A URL of something beside the source file, given as a literal. */
const URL_BESIDE = /\bnew URL\(\s*"(\.{1,2}\/[^"]*)",\s*import\.meta\.url\b/g;

/** The command line and what its workers import, and the files that become of them. */
const PROGRAM = new Map([
  ["src/cli/main.ts", "cli.ts"],
  ["src/cli/worker.ts", "cli_worker.ts"],
]);

/** @typedef {Map<string, Uint8Array>} Files Path to content, source maps included. */

/**
 * @param {string[]} entries TypeScript files at the root.
 * @returns {Promise<Files>} The
 * maps have the sources beside the bundled files, so that `parallel/trace.ts` knows the
 * library's frames by their folder in mapped stacks too.
 */
export async function bundle(entries) {
  const { build } = await import("esbuild"); // needs setup
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: entries,
    outdir: ROOT,
    write: false,
    bundle: true,
    splitting: true,
    // Two entries have no more than one chunk in common.
    chunkNames: "shared",
    format: "esm",
    platform: "neutral",
    target: TARGET,
    tsconfigRaw: TYPESCRIPT,
    sourcemap: true,
    logLevel: "warning",
    plugins: [urlsInto(new Map(entries.map((path) => [path, path])))],
  });
  return filesOf(outputFiles);
}

/** @returns {Promise<Files>} The command line, with the licences of what is in it. */
export async function bundleProgram() {
  const { build } = await import("esbuild"); // needs setup
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...PROGRAM].map(([path, out]) => ({ in: path, out: out.replace(/\.ts$/, "") })),
    outdir: ROOT,
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: TARGET,
    tsconfigRaw: TYPESCRIPT,
    // Dependencies that are CommonJS call `require` for modules of Node's.
    banner: { js: "const require = process.getBuiltinModule;" },
    metafile: true,
    logLevel: "warning",
    plugins: [urlsInto(PROGRAM), libraryOutside()],
  });
  const files = filesOf(outputFiles);
  files.set("cli.licenses.txt", Buffer.from(licences(Object.keys(metafile.inputs))));
  return files;
}

/** @param {import("esbuild").OutputFile[]} outputFiles @returns {Files} */
function filesOf(outputFiles) {
  return new Map(outputFiles.map(({ path, contents }) => [relative(ROOT, path), contents]));
}

/** Leaves the import of mod.ts as one of the package's own file. @returns {import("esbuild").Plugin} */
function libraryOutside() {
  return {
    name: "library",
    setup({ onResolve }) {
      onResolve({ filter: /^\.\.\/\.\.\/mod\.ts$/ }, () => ({ path: "./mod.js", external: true }));
    },
  };
}

/** @param {string[]} inputs Files that a bundle is made of, from the root. @returns {string} */
function licences(inputs) {
  const folders = inputs.flatMap((path) =>
    /^node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []
  );
  return [...new Set(folders)].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
    const file = ["LICENSE", "license", "LICENSE.md", "LICENSE-MIT.txt"]
      .map((name) => join(ROOT, folder, name)).find(existsSync);
    if (file === undefined) throw new Error(`Cannot build: ${name} has no licence`);
    return `cli.js contains ${name} ${version}:\n\n${readFileSync(file, "utf8").trim()}\n`;
  }).join(`\n${"-".repeat(72)}\n\n`);
}

/**
 * Lets the URLs that source files make of their own lead to the bundled files.
 *
 * @param {Map<string, string>} entries Path from the root to the name of what becomes of it.
 * @returns {import("esbuild").Plugin}
 */
export function urlsInto(entries) {
  return {
    name: "urls",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const importer = relative(ROOT, path).replaceAll("\\", "/");
        const contents = readFileSync(path, "utf8").replaceAll(
          URL_BESIDE,
          (text, specifier) => text.replace(specifier, bundledUrl(specifier, importer, entries)),
        );
        return { contents, loader: "ts", resolveDir: dirname(path) };
      });
    },
  };
}

/**
 * @param {string} specifier
 * @param {string} importer From the root.
 * @param {Map<string, string>} entries
 * @returns {string} The same as seen from the bundled files, which all lie in one folder.
 */
function bundledUrl(specifier, importer, entries) {
  const target = posix.join(posix.dirname(importer), specifier);
  const bundled = entries.get(target);
  if (bundled !== undefined) return `./${toJs(bundled)}`;
  return specifier; // an example, in a comment or a message
}
