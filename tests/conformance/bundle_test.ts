import { test } from "node:test";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { assert, assertEquals } from "../../deps.ts";
import { runProgram } from "../support/program.ts";

/** The bundler that `npm test` installs; a checkout for Deno or Bun alone has none. */
function bundler(): string | undefined {
  // From the sources, or from what is built of them for Node.
  for (const root of ["../../", "../../../../"]) {
    const packages = fileURLToPath(new URL(`${root}tools/node_modules/@esbuild`, import.meta.url));
    if (!existsSync(packages)) continue;
    for (const name of readdirSync(packages)) {
      for (const program of ["bin/esbuild", "esbuild.exe"]) {
        const path = join(packages, name, program);
        if (existsSync(path)) return path;
      }
    }
  }
  return undefined;
}

/** The file of a module, which is JavaScript where it was built. */
function sourceOf(path: string): string {
  const source = fileURLToPath(new URL(path, import.meta.url));
  return existsSync(source) ? source : source.replace(/\.ts$/, ".js");
}

const esbuild = bundler();
const skip = esbuild === undefined && "there is no esbuild; npm test installs it";

for (const minify of [false, true]) {
  test(`Pool runs what is bundled${minify ? " and minified" : ""}, and spawns nothing in workers`, {
    skip,
    timeout: 60_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "multicore-bundle-"));
    try {
      const { status, stderr } = spawnSync(esbuild!, [
        sourceOf("../fixtures/bundle/main.ts"),
        sourceOf("../fixtures/bundle/names.ts"),
        sourceOf("../../worker.ts"),
        "--bundle",
        "--format=esm",
        "--platform=node",
        "--target=node20",
        "--entry-names=[name]",
        "--out-extension:.js=.mjs",
        "--log-level=warning",
        ...(minify ? ["--minify"] : []),
        `--outdir=${folder}`,
      ], { encoding: "utf8" });
      assertEquals([status, stderr], [0, ""]);
      assertEquals(readdirSync(folder).sort(), ["main.mjs", "names.mjs", "worker.mjs"]);
      const main = pathToFileURL(join(folder, "main.mjs"));
      const { code, stdout, stderr: complaints, late } = await runProgram(main);
      assert(!late && code === 0, stdout + complaints);
      assertEquals(stdout.trim().split("\n"), [
        "0 1 4 9 16 25 36 49 64 81",
        "a call in 0 pools' workers",
        "2",
        "[ 1, 4, 9 ] 10",
        "Hello, Ada! Hello, Grace!",
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
