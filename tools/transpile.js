/**
 * One TypeScript file to one JavaScript file: types stripped, syntax lowered
 * to what Node 20 knows, and every name of a file of ours rewritten to what it
 * is called after the build.
 *
 * @module
 */

import { posix } from "node:path";

/** What is built runs in Node 20 and later. */
export const TARGET = "node20";
/** How TypeScript is read. */
export const TYPESCRIPT = {
  compilerOptions: {
    verbatimModuleSyntax: true,
    useDefineForClassFields: true,
  },
};

/**
 * @typedef {object} Transpiled
 * @property {string} code
 * @property {string} map The source map, as JSON.
 */

/**
 * @param {string} source TypeScript.
 * @param {string} path From the root, with slashes.
 * @param {object} options
 * @param {string} options.sourcefile The source, as seen from the built file.
 * @param {Record<string, string>} options.aliases Bare specifiers that stand
 * for a file of ours, such as `@std/assert`, with its path from the root.
 * @returns {Promise<Transpiled>}
 */
export async function transpile(source, path, { sourcefile, aliases }) {
  const { transform } = await import("esbuild"); // needs setup
  const { code, map } = await transform(source, {
    loader: "ts",
    format: "esm",
    target: TARGET,
    sourcefile,
    sourcemap: "external",
    tsconfigRaw: TYPESCRIPT,
  });
  const rewritten = rewriteUrls(
    await renameImports(code, (specifier) => builtSpecifier(specifier, path, aliases)),
  );
  return { code: rewritten, map };
}

/**
 * Gives what a module imports other names.
 *
 * @param {string} code JavaScript.
 * @param {(specifier: string, statement: string) => string} rename Gets a specifier, and the
 * import that it stands in.
 */
export async function renameImports(code, rename) {
  const { init, parse } = await import("es-module-lexer"); // needs setup
  await init;
  let result = "";
  let end = 0;
  for (const found of parse(code)[0]) {
    if (found.type === "import-meta" || found.specifier === undefined) continue;
    if (found.type === "dynamic" && found.glob) continue;
    const renamed = rename(found.specifier, code.slice(found.importStart, found.importEnd));
    if (renamed === found.specifier) continue;
    // The range of a dynamic import's argument takes in its quotes.
    const quoted = /["'`]/.test(code[found.start]);
    result += code.slice(end, found.start) +
      (quoted ? JSON.stringify(renamed) : renamed);
    end = found.end;
  }
  return result + code.slice(end);
}

/**
 * @param {string} specifier @param {string} importer
 * @param {Record<string, string>} aliases
 */
function builtSpecifier(specifier, importer, aliases) {
  if (Object.hasOwn(aliases, specifier)) {
    const path = posix.relative(posix.dirname(importer), aliases[specifier]);
    return toJs(path.startsWith(".") ? path : `./${path}`);
  }
  return /^\.{0,2}\//.test(specifier) ? toJs(specifier) : specifier;
}

/**
 * `new URL("./x.ts", import.meta.url)` and `import.meta.resolve("./x.ts")`.
 *
 * @param {string} code
 */
function rewriteUrls(code) {
  return code
    .replaceAll(
      /(\bnew URL\(\s*(["'`])(?:(?!\2).)*?)\.ts(\2,\s*import\.meta\.url\b)/g,
      "$1.js$3",
    )
    .replaceAll(
      /(\bimport\.meta\.resolve\(\s*(["'`])\.{1,2}\/(?:(?!\2).)*?)\.ts(\2\s*\))/g,
      "$1.js$3",
    );
}

/**
 * What a file is called after the build. The name is as long as before, so that
 * source maps stay true.
 *
 * @param {string} path
 */
export function toJs(path) {
  return path.replace(/(?<!\.d)\.ts$/, ".js");
}
