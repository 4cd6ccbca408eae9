/**
 * The site that browsers run the suite from: the tree that is built for Node, in
 * which the modules of Node's that tests use are replaced by what a page can do.
 * It also keeps their files, since jobs and tests talk by files.
 *
 * @module
 */

import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { NODE_BUILD } from "../build.js";
import { renameImports } from "../transpile.js";

/** What stands for modules of Node's, and the pages themselves. */
const PAGES = fileURLToPath(new URL("./page/", import.meta.url));
/** Modules of packages, bundled, by the specifier that they stand for. */
const PACKAGES = /** @type {Record<string, string>} */ ({
  "fast-check": 'export { default } from "fast-check"; export * from "fast-check";',
  "node:assert":
    'import assert from "assert/"; export const { AssertionError, deepStrictEqual } = assert;',
  "node:util": 'import util from "util/"; export const { inspect } = util;',
});
/** What the page's modules say where there is nothing in a browser to stand for a thing. */
export const ABSENT = "which browsers do not have";

const TYPES = /** @type {Record<string, string>} */ ({
  ".js": "text/javascript",
  ".html": "text/html; charset=utf-8",
});

/**
 * Serves it on a port of its own, on this machine alone.
 *
 * @returns {Promise<{ origin: string, close: () => void }>}
 */
export async function openSite() {
  const packages = await bundlePackages();
  /** @type {Map<string, string>} The files that tests have written, by their paths. */
  const files = new Map();
  const server = createServer(async (request, response) => {
    // Only pages that nobody else can look into have shared memory.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    const url = new URL(request.url ?? "/", `http://${request.headers.host}`);
    try {
      const [type, content] = url.pathname === "/-/files"
        ? ["application/json", JSON.stringify(doToFiles(files, await bodyOf(request)))]
        : await resource(url, packages);
      response.setHeader("Content-Type", type);
      response.end(content);
    } catch (error) {
      response.statusCode = 404;
      response.end(String(error));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * @param {URL} url
 * @param {Map<string, string>} packages
 * @returns {Promise<[type: string, content: string | Uint8Array]>}
 */
async function resource({ origin, pathname, searchParams }, packages) {
  const script = TYPES[".js"] ?? "";
  if (pathname === "/-/absent.js") {
    const names = (searchParams.get("names") ?? "").split(",");
    return [script, absentModule(searchParams.get("module") ?? "", names)];
  }
  const bundled = packages.get(pathname);
  if (bundled !== undefined) return [script, bundled];
  const root = pathname.startsWith("/-/") ? PAGES : NODE_BUILD;
  const path = join(root, normalize(pathname.replace(/^\/-/, "")));
  const type = TYPES[extname(path)] ?? "application/octet-stream";
  const content = readFileSync(path);
  return [type, type === script ? await withoutNode(content.toString(), origin) : content];
}

/** @param {import("node:http").IncomingMessage} request */
async function bodyOf(request) {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += part;
  return JSON.parse(text);
}

/**
 * What `page/node_fs.js` asks for.
 *
 * @param {Map<string, string>} files
 * @param {{ action: "read" | "write" | "append" | "remove", path: string, text?: string }} request
 * @returns {string | null} The file's content before; `null` where there was none.
 */
function doToFiles(files, { action, path, text = "" }) {
  const before = files.get(path) ?? null;
  if (action === "write") files.set(path, text);
  else if (action === "append") files.set(path, (before ?? "") + text);
  else if (action === "remove") {
    for (const name of files.keys()) {
      if (name === path || name.startsWith(`${path}/`)) files.delete(name);
    }
  }
  return before;
}

/**
 * Has a module import what stands for what browsers cannot load by its name, from the whole
 * address: functions whose source is sent have none of their own.
 *
 * @param {string} code
 * @param {string} origin
 */
const withoutNode = (code, origin) =>
  renameImports(
    code,
    (specifier, statement) =>
      /^[./]|^https?:/.test(specifier) ? specifier : origin + placeOf(specifier, statement),
  );

/**
 * @param {string} specifier
 * @param {string} statement The import of it.
 * @returns {string} Where the site has it.
 */
function placeOf(specifier, statement) {
  if (specifier in PACKAGES) return placeOfPackage(specifier);
  const file = `${specifier.replace(":", "_")}.js`;
  if (existsSync(join(PAGES, file))) return `/-/${file}`;
  const [, named = ""] = /\{([^}]*)\}/.exec(statement) ?? [];
  const names = named.split(",").map((name) => name.trim().split(/\s+as\s+/)[0] ?? "");
  const all = ["default", ...names.filter((name) => name !== "" && name !== "default")];
  return `/-/absent.js?${new URLSearchParams({ module: specifier, names: all.join() })}`;
}

/** @param {string} specifier */
const placeOfPackage = (specifier) => `/-/packages/${specifier.replace(":", "_")}.js`;

/** @param {string} name @param {string[]} names A module whose exports throw as soon as they are used. */
function absentModule(name, names) {
  const lines = names.map((one, index) =>
    `const it${index} = absent(${JSON.stringify(one)}); export { it${index} as ${one} };`
  );
  return `const absent = (name) => {
  const fail = () => { throw new Error(\`Needs \${name} of ${name}, ${ABSENT}\`); };
  return new Proxy(class {}, { apply: fail, construct: fail, get: fail });
};
${lines.join("\n")}
`;
}

/** @returns {Promise<Map<string, string>>} By their places on the site. */
async function bundlePackages() {
  const { build } = await import("esbuild"); // needs setup
  const bundled = await Promise.all(
    Object.entries(PACKAGES).map(async ([specifier, contents]) => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: PAGES },
        bundle: true,
        write: false,
        format: "esm",
        platform: "browser",
        target: "chrome110",
        banner: { js: "const global = globalThis, process = { env: {} };" },
      });
      return /** @type {const} */ ([placeOfPackage(specifier), outputFiles[0]?.text ?? ""]);
    }),
  );
  return new Map(bundled);
}
