/**
 * Takes the examples out of the documentation and runs them on every runtime,
 * as programs of their own that can import and register like a user's; and the
 * programs in examples/, the demo among them.
 *
 * Every fenced block marked `ts` in a doc comment or in Markdown is one. It
 * passes when it type-checks and ends with status 0. A block whose first line
 * is `// name.ts` is saved under that name, for its neighbours in the same
 * comment or document to import; one marked `ts ignore` is left out. Last comes
 * the command line, which has to print what is in the example's file.
 *
 * `node tools/examples.js [--runtime=deno]` runs these alone.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { buildNode, NODE_BUILD } from "./build.js";
import { inWords, outcome, sum } from "./count.js";
import { DATABASE_EXAMPLES } from "./databases.js";
import { listFiles, writeTree } from "./files.js";
import { ROOT, run } from "./process.js";
import { chosenRuntimes, RUNTIMES } from "./runtimes.js";
import { DENO, setup } from "./setup.js";
import { sideBySide } from "./side_by_side.js";

/** @typedef {import("./count.js").Count} Count */

/** Where the examples are put, from the root. */
const FOLDER = ".build/examples";
const SOURCES = ["mod.ts", "src", "README.md", "docs"];
/** Programs that are examples as they are; modules beside them are in folders, or are these. */
const PROGRAMS = "examples";
const MODULES = ["examples/tasks.ts"];
/** What the command line does in examples/map, and the file with what it prints. */
const COMMAND = [
  "src/cli/main.ts",
  "map",
  "examples/map/users.ts#render",
  "--input=examples/map/users.jsonl",
  "--output-format=text",
];
const PRINTED = "examples/map/html.txt";
const TIMEOUT = 30_000;

/**
 * @typedef {object} Example
 * @property {string} where Source and line, to show.
 * @property {string} path Its file, from the root.
 * @property {string} code
 */

/**
 * @param {string[]} runtimes
 * @returns {Promise<Record<string, Count>>} By what ran them.
 */
export async function runExamples(runtimes) {
  const examples = listFiles(SOURCES)
    .filter((path) => /(?<!_test)\.ts$|\.md$/.test(path))
    .flatMap((path) => extract(path, readFileSync(join(ROOT, path), "utf8")));
  writeTree(
    join(ROOT, FOLDER),
    new Map(examples.map(({ path, code }) => [
      posix.relative(FOLDER, path),
      code,
    ])),
  );
  if (examples.length === 0) return {};

  /** @type {Record<string, Count>} */
  const counts = { "examples, types": await checkTypes(examples) };
  if (runtimes.includes("node")) await buildNode();
  for (const runtime of runtimes) {
    const results = await sideBySide(
      [...examples, ...programs()],
      (example) => runExample(runtime, example),
    );
    results.push(await runCommand(runtime));
    counts[`examples, ${runtime}`] = sum(results);
  }
  return counts;
}

/** @returns {Example[]} */
function programs() {
  return listFiles([PROGRAMS])
    .filter((path) => posix.dirname(path) === PROGRAMS && path.endsWith(".ts"))
    .filter((path) => !MODULES.includes(path) && !DATABASE_EXAMPLES.includes(path))
    .map((path) => ({ where: path, path, code: "" }));
}

/** @param {Example[]} examples @returns {Promise<Count>} */
async function checkTypes(examples) {
  const files = examples.map(({ path }) => path);
  const { code } = await run(DENO, ["check", "--quiet", ...files]);
  return outcome(code === 0);
}

/**
 * @param {string} runtime @param {Example} example
 * @returns {Promise<Count>}
 */
async function runExample(runtime, { path, where }) {
  const [program, ...args] = RUNTIMES[runtime];
  const file = runtime === "node"
    ? join(NODE_BUILD, path.replace(/\.ts$/, ".js"))
    : join(ROOT, path);
  const { code, output, timedOut } = await run(program, [...args, file], {
    quiet: true,
    timeout: TIMEOUT,
  });
  const passed = code === 0 && !timedOut;
  console.log(`${passed ? "ok" : "FAILED"} ${where} (${runtime})`);
  if (timedOut) console.log(`did not end within ${TIMEOUT / 1000} s`);
  if (!passed) console.log(output);
  return outcome(passed);
}

/** @param {string} runtime @returns {Promise<Count>} */
async function runCommand(runtime) {
  const [program, ...args] = RUNTIMES[runtime];
  const built = runtime === "node";
  const command = built ? COMMAND.map((word) => word.replace(/\.ts(?=#|$)/, ".js")) : COMMAND;
  const { code, output } = await run(program, [...args, ...command], {
    cwd: built ? NODE_BUILD : ROOT,
    quiet: true,
    timeout: TIMEOUT,
  });
  const passed = code === 0 && output === readFileSync(join(ROOT, PRINTED), "utf8");
  console.log(`${passed ? "ok" : "FAILED"} examples/map (${runtime})`);
  if (!passed) console.log(output);
  return outcome(passed);
}

/**
 * @param {string} source Path from the root.
 * @param {string} text
 * @returns {Example[]}
 */
function extract(source, text) {
  const home = `${FOLDER}/${source.replaceAll(/[/.]/g, "_")}`;
  return documents(source, text).flatMap(({ name, lines, first }) => {
    const folder = `${home}${name}`;
    /** @type {Example[]} */
    const found = [];
    for (const { code, line } of fencedBlocks(lines)) {
      const file = /^\/\/ ([\w-]+\.ts)\n/.exec(code)?.[1] ??
        `line_${first + line}.ts`;
      found.push({
        where: `${source}:${first + line}`,
        path: `${folder}/${file}`,
        code: aim(code, source, folder),
      });
    }
    return found;
  });
}

/**
 * Markdown as a whole, or each doc comment of a source file without its stars.
 *
 * @param {string} source @param {string} text
 * @returns {{ name: string, lines: string[], first: number }[]} `first` is the
 * number of the first line.
 */
function documents(source, text) {
  if (source.endsWith(".md")) {
    return [{ name: "", lines: text.split("\n"), first: 1 }];
  }
  return [...text.matchAll(/^[ \t]*\/\*\*[^]*?\*\//gm)].map((match) => {
    const first = text.slice(0, match.index).split("\n").length;
    const lines = match[0].split("\n")
      .map((line) => line.replace(/^\s*\/?\*+ ?/, ""));
    return { name: `/comment_${first}`, lines, first };
  });
}

/**
 * @param {string[]} lines
 * @returns {Generator<{ code: string, line: number }>} `line` counts from 0.
 */
function* fencedBlocks(lines) {
  let start = -1; // of the block that is open
  let wanted = false;
  for (const [index, text] of lines.entries()) {
    const fence = /^\s*```(.*)$/.exec(text);
    if (!fence) continue;
    if (start < 0) {
      start = index + 1;
      const [language, ...attributes] = fence[1].trim().split(/[\s,]+/);
      wanted = language === "ts" && !attributes.includes("ignore");
    } else {
      if (wanted) {
        yield {
          code: `${lines.slice(start, index).join("\n")}\n`,
          line: start,
        };
      }
      start = -1;
    }
  }
}

/**
 * Imports of the source's neighbours are meant from where the source lies.
 *
 * @param {string} code @param {string} source @param {string} folder
 */
function aim(code, source, folder) {
  return code.replaceAll(/(\bfrom ")(\.\.?\/[^"]+)(")/g, (all, a, path, b) => {
    const target = posix.join(posix.dirname(source), path);
    if (!existsSync(join(ROOT, target))) return all;
    return a + posix.relative(folder, target) + b;
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { runtime: { type: "string" } } });
  await setup();
  const counts = await runExamples(chosenRuntimes(values.runtime));
  const total = sum(Object.values(counts));
  console.log(`\n${inWords(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}
