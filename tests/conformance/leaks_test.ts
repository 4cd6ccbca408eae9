import { test } from "node:test";
import { assert, assertEquals, assertLessOrEqual } from "../../deps.ts";
import { runProgram } from "../support/program.ts";

/** `npm run leaks` does it with 1,000 pools, 10,000,000 calls and 1,000 crashes. */
const COUNTS = ["10", "30000", "10"];

test("Pool leaves no memory, threads, files or handles behind", { timeout: 60_000 }, async () => {
  const program = new URL("../stress/leaks.ts", import.meta.url);
  const { code, stdout, stderr, late } = await runProgram(program, {
    args: COUNTS,
    deadline: 55_000,
    permissions: ["--allow-all", "--v8-flags=--expose-gc"], // Deno shows /proc to none but such
    nodeOptions: ["--expose-gc"],
  });
  assert(!late, `it did not end; it wrote: ${stdout}${stderr}`);
  assertEquals(code, 0, `${stderr}${stdout}`);
});

test("Pool that has ended is freed, however its last job did", { timeout: 60_000 }, async () => {
  const program = new URL("../stress/freed_pools.ts", import.meta.url);
  const { code, stdout, stderr, late } = await runProgram(program, {
    deadline: 55_000,
    permissions: ["--allow-all", "--v8-flags=--expose-gc"],
    nodeOptions: ["--expose-gc"],
  });
  assert(!late && code === 0, `${stderr}${stdout}`);
  const left = JSON.parse(stdout) as Record<string, number>;
  // Now and then a runtime keeps the last one of some that are alike.
  for (const [way, count] of Object.entries(left)) assertLessOrEqual(count, 1, way);
});
