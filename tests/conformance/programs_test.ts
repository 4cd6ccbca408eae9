import { test } from "node:test";
import { assert, assertEquals, assertLess, assertMatch } from "../../deps.ts";
import { type ProgramOptions, runProgram, RUNTIME } from "../support/program.ts";

/** Runs a program that must end by itself and well. @returns Its lines. */
async function linesOf(program: URL, options?: ProgramOptions): Promise<string[]> {
  const { code, stdout, stderr, late } = await runProgram(program, options);
  assert(!late, `it did not end; it wrote: ${stdout}${stderr}`);
  assertEquals(code, 0, stderr);
  return stdout.trim().split("\n");
}

test("Pool lets a script that forgets shutdown end with all results delivered", async () => {
  const program = new URL("../fixtures/programs/forgets_shutdown.ts", import.meta.url);
  assertEquals(await linesOf(program), ["task 1000 1000", "call late", "after 2"]);
});

test("shutdown while workers still load lets the process end", async () => {
  const program = new URL("../fixtures/programs/shuts_down_early.ts", import.meta.url);
  assertEquals(await linesOf(program), ["shut down", "terminated"]);
});

test("Task.getSync works before any await, and blocks without spinning", async () => {
  const program = new URL("../fixtures/programs/blocks_first.ts", import.meta.url);
  const [sum, held, time] = await linesOf(program);
  assertEquals([sum, held], ["5050", "1000"]);
  // One second is the job's own.
  assertLess(Number(time!.split(" ").at(-1)), 1.5);
});

test("Pool that idles uses no processor time", { timeout: 30_000 }, async () => {
  const program = new URL("../fixtures/programs/idles.ts", import.meta.url);
  const [states, used] = await linesOf(program);
  assertEquals(states, "parked parked parked parked");
  // Milliseconds in the quietest second. Bun itself uses up to 6 for four workers that do nothing.
  assertLess(Number(used), RUNTIME === "bun" ? 12 : 2);
});

test(
  "Pool's memory is flat after 400,000 calls that carry payloads",
  { timeout: 60_000 },
  async () => {
    const program = new URL("../fixtures/programs/stays_flat.ts", import.meta.url);
    const rounds = (await linesOf(program, { deadline: 60_000 }))
      .map((line) => line.split(" ").map(Number));
    const [halfway, last] = [rounds[rounds.length / 2 - 1]!, rounds.at(-1)!];
    // The first half warms up. What engines' heaps still grow by later, some 20 MiB at most, is far
    // less than the payloads of the second half: 60 MB each way.
    assertLess(last[0]! - halfway[0]!, 48 * 2 ** 20);
    for (const [, size, used] of rounds) assertEquals([size, used], [rounds[0]![1], 0]);
  },
);

// Other runtimes do not count them, or allocate in ways of their own.
test("Pool makes large copies in memory that the process has", {
  skip: RUNTIME !== "node",
  timeout: 60_000,
}, async (t) => {
  const program = new URL("../fixtures/programs/reuses_memory.ts", import.meta.url);
  const [pages, isGlibc] = await linesOf(program, { deadline: 60_000 });
  if (isGlibc !== "true") return t.skip("the C library keeps freed memory as it likes");
  // A call makes two copies of 256 pages.
  assertLess(Number(pages), 128);
});

test("Pool keeps no arguments of calls that were given up", { timeout: 60_000 }, async () => {
  const program = new URL("../fixtures/programs/gives_up.ts", import.meta.url);
  const lines = await linesOf(program, {
    deadline: 60_000,
    permissions: ["--allow-read", "--v8-flags=--expose-gc"],
    nodeOptions: ["--expose-gc"],
  });
  assertEquals(lines.pop(), "given up 2");
  const rounds = lines.map(Number);
  // Nine rounds gave up 90 MB; garbage that is not collected yet may be a round's.
  assertLess(rounds.at(-1)! - rounds[0]!, 30e6);
});

test("JobOptions.signal lets the process end though a report still waits for an import", {
  // It ends there as well, and calls an import that did not an error.
  skip: RUNTIME === "deno",
}, async () => {
  const program = new URL("../fixtures/programs/gives_up_reports.ts", import.meta.url);
  assertEquals(await linesOf(program), ["enough", "closed"]);
});

test("Pool in a main module that workers import spawns nothing there", async () => {
  const program = new URL("../fixtures/programs/runs_itself.ts", import.meta.url);
  assertEquals(await linesOf(program), ["0 1 4 9 16 25 36 49 64 81", "pools inside [0]"]);
});

for (const permission of ["", "=loadavg"]) {
  const permissions = ["--allow-read", ...(permission ? [`--allow-sys${permission}`] : [])];
  test(`loadAverage and the guard need no more than ${permissions.join(" ")}`, async () => {
    const program = new URL("../fixtures/programs/guards_load.ts", import.meta.url);
    const [line] = await linesOf(program, { permissions });
    assertMatch(line!, /^true true \[ 2 \] \[ 3 \]$/);
  });
}
