import { test } from "node:test";
import { assert, assertEquals, assertLess, assertMatch } from "../../deps.ts";
import { type ProgramOptions, runProgram, RUNTIME } from "../support/program.ts";

/** Lets a program collect garbage; Bun always does. */
const COLLECTS = {
  permissions: ["--allow-read", "--v8-flags=--expose-gc"],
  nodeOptions: ["--expose-gc"],
};

/** The same with little memory, where V8 does not put off for long what it has to collect. */
const COLLECTS_SOON = {
  permissions: ["--allow-read", "--v8-flags=--expose-gc,--max-old-space-size=64"],
  nodeOptions: ["--expose-gc", "--max-old-space-size=64"],
};

/** Runs a program that must end by itself and well. @returns Its lines. */
async function linesOf(name: string, options?: ProgramOptions): Promise<string[]> {
  const program = new URL(`../fixtures/programs/${name}.ts`, import.meta.url);
  const { code, stdout, stderr, late } = await runProgram(program, options);
  assert(!late, `it did not end; it wrote: ${stdout}${stderr}`);
  assertEquals(code, 0, stderr);
  return stdout.trim().split("\n");
}

test("Pool with handles everywhere lets a script that forgets shutdown end", async () => {
  assertEquals(await linesOf("forgets_handles"), [
    "bumped 20 sum 6",
    "made 16 moved 2048 ports true",
  ]);
});

test(
  "Pool's workers let go of what share returned once nobody has it here",
  { timeout: 60_000 },
  async () => {
    const [decoded, left, again] = await linesOf("lets_go", { ...COLLECTS, deadline: 45_000 });
    assertEquals(decoded, "decoded 11 11");
    // One is still held, and still there.
    assertEquals([left, again], ["left 1 1", "decoded again 0 0"]);
  },
);

test(
  "Pool's memory is flat while ten thousand values are shared",
  { timeout: 90_000 },
  async () => {
    const options = { ...COLLECTS_SOON, deadline: 80_000 };
    const rounds = (await linesOf("shares_flat", options)).map(Number);
    // From here to the end 220 MiB are shared, and as much is decoded from them.
    assertLess(rounds.at(-1)! - rounds[2]!, RUNTIME === "bun" ? 250 : 100);
  },
);

test(
  "Pool hands around everything at once while garbage is collected and workers die",
  { timeout: 90_000 },
  async () => {
    const options = { ...COLLECTS, args: ["4000"], deadline: 60_000 };
    const [line] = await linesOf("hands_around", options);
    assertMatch(line!, /^(all|some) \{/);
  },
);
