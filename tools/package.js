/**
 * Checks the package as its users get it from npm: builds and packs it,
 * installs it in a folder elsewhere, and there type-checks and runs the program
 * of tests/consumer/ on every runtime, and the command line by what starts it there.
 *
 * `node tools/package.js [--runtime=deno]` does this alone.
 *
 * @module
 */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { buildDist } from "./build.js";
import { inWords, outcome, sum } from "./count.js";
import { ROOT, run } from "./process.js";
import { chosenRuntimes, RUNTIMES } from "./runtimes.js";
import { BUN, DENO, NODE, setup, TSC } from "./setup.js";
import { toJs, transpile } from "./transpile.js";

/** @typedef {import("./count.js").Count} Count */

const PROGRAM = ["main.ts", "tasks.ts"];
const TIMEOUT = 30_000;

/**
 * How each runtime starts the command line of an installed package.
 *
 * @type {Record<string, [program: string, ...args: string[]]>}
 */
const COMMANDS = {
  deno: [DENO, "run", "--quiet", "-A", "node_modules/@multicore/multicore/dist/cli.js"],
  bun: [BUN, "x", "--bun", "multicore"], // bunx
  node: ["npx", "--no-install", "multicore"],
};

/** What a program in Node has at the least, and a strict one checks. */
const TSCONFIG = {
  compilerOptions: {
    target: "es2022",
    lib: ["es2022", "dom", "esnext.disposable"],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    allowImportingTsExtensions: true,
    noEmit: true,
    types: [],
  },
};

/**
 * @param {string[]} runtimes
 * @returns {Promise<Record<string, Count>>} By what was checked.
 */
export async function checkPackage(runtimes) {
  await buildDist();
  const folder = mkdtempSync(join(tmpdir(), "multicore-consumer-"));
  try {
    await install(folder);
    /** @type {Record<string, Count>} */
    const counts = {};
    const types = await run(NODE, [TSC, "-p", folder]);
    counts["package, types"] = outcome(types.code === 0);
    for (const runtime of runtimes) {
      const [program, ...args] = RUNTIMES[runtime];
      const { code, timedOut } = await run(program, [
        ...args,
        join(folder, "main.js"),
      ], {
        cwd: folder,
        timeout: TIMEOUT,
      });
      const passed = code === 0 && !timedOut;
      console.log(`${passed ? "ok" : "FAILED"} the package in ${runtime}`);
      counts[`package, ${runtime}`] = outcome(passed);
      counts[`package, command in ${runtime}`] = await checkCommand(runtime, folder);
    }
    return counts;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string} runtime @param {string} folder @returns {Promise<Count>} */
async function checkCommand(runtime, folder) {
  const [program, ...args] = COMMANDS[runtime];
  writeFileSync(join(folder, "numbers.jsonl"), "1\n2\n3\n");
  const { code, output, timedOut } = await run(
    program,
    [...args, "map", "./tasks.js#double", "--input", "numbers.jsonl"],
    { cwd: folder, quiet: true, timeout: TIMEOUT },
  );
  const passed = code === 0 && !timedOut && output === "2\n4\n6\n";
  console.log(`${passed ? "ok" : "FAILED"} the package's command in ${runtime}`);
  if (!passed) console.log(output);
  return outcome(passed);
}

/** @param {string} folder Gets the package and the program that uses it. */
async function install(folder) {
  mkdirSync(join(folder, "packed"));
  await npm(
    ROOT,
    "pack",
    "--ignore-scripts",
    "--pack-destination",
    join(folder, "packed"),
  );
  const { name, version } = JSON.parse(
    readFileSync(join(ROOT, "package.json"), "utf8"),
  );
  const archive = `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;

  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ private: true, type: "module" }),
  );
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  await npm(
    folder,
    "install",
    "--no-audit",
    "--no-fund",
    join(folder, "packed", archive),
  );
  for (const file of PROGRAM) {
    const source = readFileSync(join(ROOT, "tests/consumer", file), "utf8");
    const { code } = await transpile(source, file, {
      sourcefile: file,
      aliases: {},
    });
    writeFileSync(join(folder, file), source);
    writeFileSync(join(folder, toJs(file)), code);
  }
}

/** @param {string} cwd @param {...string} args */
async function npm(cwd, ...args) {
  const { code, output } = await run("npm", args, { cwd, quiet: true });
  if (code !== 0) throw new Error(`Cannot npm ${args[0]}: ${output}`);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { runtime: { type: "string" } } });
  await setup();
  const counts = await checkPackage(chosenRuntimes(values.runtime));
  const total = sum(Object.values(counts));
  console.log(`\n${inWords(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}
