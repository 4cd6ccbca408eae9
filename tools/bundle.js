/**
 * The JavaScript of the package: its entries, a file each, and one more with all
 * that they share. A worker so loads two files, where it would load sixty, which
 * takes three times as long; and whoever imports both entries in one thread has
 * each module once.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { dirname, posix, relative } from "node:path";
import { ROOT } from "./process.js";
import { TARGET, toJs, TYPESCRIPT } from "./transpile.js";

/** A URL of something beside the source file, given as a literal. */
const URL_BESIDE = /\bnew URL\(\s*"(\.{1,2}\/[^"]*)",\s*import\.meta\.url\b/g;

/**
 * @param {string[]} entries TypeScript files at the root.
 * @returns {Promise<Map<string, Uint8Array>>} Path to content, source maps included. The
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
    plugins: [urlsInto(entries)],
  });
  return new Map(outputFiles.map(({ path, contents }) => [relative(ROOT, path), contents]));
}

/**
 * Lets the URLs that source files make of their own lead to the bundled files.
 *
 * @param {string[]} entries
 * @returns {import("esbuild").Plugin}
 */
function urlsInto(entries) {
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
 * @param {string[]} entries
 * @returns {string} The same as seen from the bundled files, which all lie in one folder.
 */
function bundledUrl(specifier, importer, entries) {
  const target = posix.join(posix.dirname(importer), specifier);
  if (entries.includes(target)) return `./${toJs(target)}`;
  return specifier; // an example, in a comment or a message
}
