import type { ChildProcess } from "node:child_process";
import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "../../deps.ts";
import {
  MulticoreError,
  Pool,
  PoolClosedError,
  remote,
  TimeoutExceededError,
  WorkerCrashedError,
} from "../../mod.ts";
import {
  closeSelf,
  exitDeno,
  exitSlowly,
  exitTwice,
  patchedPromise,
  seemToExit,
} from "../fixtures/fault_tasks.ts";
import { increment, never, sleep } from "../fixtures/tasks.ts";
import { SLEEPS } from "../fixtures/sleeps_at_import.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { soon } from "../support/gate.ts";
import { runProgram, RUNTIME } from "../support/program.ts";

const hanging = new URL("../fixtures/hangs_at_import.ts", import.meta.url);
const { unreachable } = remote<typeof import("../fixtures/hangs_at_import.ts")>(hanging);

for (
  const [how, fn, ...args] of [
    ["self.close", closeSelf],
    ["Deno.exit", exitDeno, 3],
  ] as const
) {
  test(`Pool hears of a worker that ends by ${how}`, { skip: RUNTIME !== "deno" }, async () => {
    await using pool = new Pool({ workers: 1 });
    const job = pool.run(fn as (...args: number[]) => unknown, ...args);
    const queued = pool.run(increment, 1);
    await assertRejects(() => soon(job, "the crash"), WorkerCrashedError, fn.name);
    assertEquals(await soon(queued, "the job behind it"), 2);
    assertEquals(pool.stats().crashes, 1);
  });
}

// Deno and Bun end the process when any of its threads has no memory left.
test("Pool goes on after a worker that has run out of memory", {
  skip: RUNTIME !== "node",
  timeout: 60_000,
}, async () => {
  const program = new URL("../fixtures/programs/runs_out_of_memory.ts", import.meta.url);
  const nodeOptions = ["--max-old-space-size=64"];
  const { stdout, code } = await runProgram(program, { nodeOptions, deadline: 60_000 });
  assertEquals(stdout, "true\ntrue\n");
  assertEquals(code, 0);
});

test("A module that never finishes loading costs its jobs their time, and nothing else", async () => {
  await using pool = new BriefPool({ workers: 1 });
  const job = pool.runWith({ timeout: 300 }, unreachable);
  const behind = pool.run(increment, 1);
  await assertRejects(() => soon(job, "the timeout"), TimeoutExceededError, "unreachable");
  assertEquals(await soon(behind, "the job behind it"), 2);
  // Nobody knows that it never will: it goes with the pool.
  const waiting = pool.run(unreachable).catch((error: unknown) => error);
  await soon(pool.terminate(), "the end");
  assertInstanceOf(await soon(waiting, "the rejection"), PoolClosedError);
});

test("Pool misses a worker that exits while a timer of its exits too", async () => {
  await using pool = new Pool({ workers: 1 });
  for (let crashes = 1; crashes <= 5; crashes++) {
    await assertRejects(() => soon(pool.run(exitTwice), "the crash"), WorkerCrashedError);
    assertEquals(await soon(pool.run(increment, crashes), "the next job"), crashes + 1);
    assertEquals(pool.stats().crashes, crashes);
  }
});

test("Pool.ready rejects where each worker exits twice in its setup, and no job waits", {
  skip: RUNTIME === "browser",
}, async () => {
  await using pool = new Pool({ workers: 1, setup: exitTwice });
  await assertRejects(() => soon(pool.ready, "readiness"), WorkerCrashedError, "with code 5");
});

test("Pool tells a worker's exit code, also while what listens for its exit takes long", async () => {
  await using pool = new Pool({ workers: 1 });
  const crash = () => soon(pool.run(exitSlowly, 6, 300), "the crash");
  await assertRejects(crash, WorkerCrashedError, "it exited with code 6");
  const task = pool.task();
  task.run(exitSlowly, 7, 300);
  assertThrows(() => task.getSync({ timeout: 5000 }), WorkerCrashedError, "it exited with code 7");
});

test("Task.getSync tells any exit code as Task.get does", async () => {
  await using pool = new Pool({ workers: 1 });
  const messageOf = (error: Error) => error.message;
  for (const code of [0, -1, 256, 2 ** 32 - 2]) {
    const told = await soon(pool.run(exitSlowly, code, 0), "the crash").then(() => "", messageOf);
    const task = pool.task();
    task.run(exitSlowly, code, 0);
    assertEquals(assertThrows(() => task.getSync({ timeout: 5000 }), Error).message, told);
  }
});

test("Pool goes on where getSync has noticed a worker's end before its code came to it", async () => {
  const endSelf = RUNTIME === "browser" || RUNTIME === "deno" ? closeSelf : seemToExit;
  for (let round = 0; round < 4; round++) {
    await using pool = new BriefPool({ workers: 2 });
    await pool.ready;
    const task = pool.task<unknown>();
    // Its module is imported for it: it runs when the worker's loop sleeps.
    task.run(endSelf);
    assertThrows(() => task.getSync({ timeout: 5000 }), MulticoreError);
    assertEquals(await soon(pool.run(increment, 1), "the next job"), 2);
  }
});

test("Pool replaces a worker that says that it exits, and does not", async () => {
  await using pool = new Pool({ workers: 1 });
  await assertRejects(() => soon(pool.run(seemToExit), "the crash"), WorkerCrashedError);
  assertEquals(await soon(pool.run(increment, 1), "the next job"), 2);
  await soon(pool.close(), "the end");
});

for (const end of ["close", "terminate"] as const) {
  // Node leaks the open files of a worker that is stopped while it loads.
  test(`Pool.${end} lets workers that still load the library end by themselves`, {
    skip: RUNTIME === "browser",
  }, async () => {
    const pool = new Pool({
      workers: 1,
      worker: new URL("../fixtures/slow_entry.ts", import.meta.url),
    });
    const began = performance.now();
    await soon(pool[end](), "the end");
    assertGreater(performance.now() - began, SLEEPS);
  });
}

test("Pool.close ends workers that never finish loading, where no job waits for them", async () => {
  const pool = new Pool({ workers: 2, preload: [hanging] });
  await soon(pool.close(), "the end");
  await soon(pool.ready.catch(() => {}), "readiness");
});

test("Pool.terminate ends workers that never finish loading", async () => {
  const pool = new Pool({ workers: 2, preload: [hanging] });
  const job = pool.run(increment, 1).catch((error: unknown) => error);
  await soon(pool.terminate(), "the end");
  assertInstanceOf(await soon(job, "the rejection"), PoolClosedError);
  await soon(pool.ready.catch(() => {}), "readiness");
});

for (const end of ["close", "terminate"] as const) {
  test(`Pool.${end} ends workers that compute for ever while they load`, async () => {
    const preload = [new URL("../fixtures/spins_at_import.ts", import.meta.url)];
    // Deno cannot stop it, and gives up waiting: a program of its own, for its thread goes on.
    if (RUNTIME === "deno") return;
    const pool = new Pool({ workers: 1, preload });
    const began = performance.now();
    await soon(pool[end](), "the end");
    // What waits longer is for workers that load the library: these have.
    assert(performance.now() - began < 8000);
  });
}

for (const what of ["then", "constructor"] as const) {
  test(`A promise whose ${what} throws fails no other job`, async () => {
    await using pool = new Pool({ workers: 1 });
    const innocent = pool.run(sleep<string>, 200, "innocent");
    const outcomes = await soon(
      Promise.allSettled([pool.run(patchedPromise, what), innocent]),
      "the jobs",
    );
    const [patched, other] = outcomes;
    // As `await` has it: what a promise says of its own `then` is of no interest.
    if (what === "then") assertEquals(patched, { status: "fulfilled", value: 1 });
    else {
      assertEquals(patched.status, "rejected");
      assertInstanceOf((patched as PromiseRejectedResult).reason, RangeError);
    }
    assertEquals(other, { status: "fulfilled", value: "innocent" });
    assertEquals(pool.stats().crashes, 0);
  });
}

test("Pool may be closed and terminated again, whichever came first", async () => {
  for (const ends of ["close close", "terminate terminate", "close terminate", "terminate close"]) {
    const pool = new Pool({ workers: 1 });
    const done = pool.run(increment, 1).catch((error: unknown) => error);
    const stuck = ends.includes("terminate") ? pool.run(never).catch((error: unknown) => error) : 0;
    for (const end of ends.split(" ")) {
      await Promise.resolve();
      const ended = pool[end as "close" | "terminate"]();
      if (end === "terminate" || stuck === 0) await soon(ended, ends);
    }
    assertEquals(pool.stats().state, "closed");
    const outcome = await soon(done, "the job");
    assert(outcome === 2 || outcome instanceof PoolClosedError, String(outcome));
    if (stuck !== 0) assertInstanceOf(await soon(stuck, "the other"), PoolClosedError);
  }
});

test("Pool may be ended from the reaction to one of its jobs", async () => {
  for (const end of ["close", "terminate"] as const) {
    const pool = new Pool({ workers: 2 });
    const rest = Array.from({ length: 50 }, (_, i) => pool.run(increment, i));
    const ended = pool.run(increment, 1).then(() => pool[end]());
    const outcomes = await soon(Promise.allSettled(rest), "the jobs");
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") assertEquals(outcome.value, i + 1);
      else assert(end === "terminate" && outcome.reason instanceof PoolClosedError);
    }
    await soon(ended, "the end");
    await assertRejects(() => pool.run(increment, 1), PoolClosedError);
  }
});

for (const how of ["spin", "wait"]) {
  test(`Ctrl-C ends a program whose jobs ${how} for ever`, { timeout: 30_000 }, async () => {
    const program = new URL("../fixtures/programs/is_interrupted.ts", import.meta.url);
    const interrupt = (child: ChildProcess) =>
      child.stdout!.once("data", () => setTimeout(() => child.kill("SIGINT"), 100));
    const { stdout, late, code } = await runProgram(program, { args: [how], started: interrupt });
    assertEquals(stdout, "busy\n");
    assert(!late && code !== 0, String(code));
  });
}

test("PoolOptions.permissions restrict Deno's workers", { skip: RUNTIME !== "deno" }, async () => {
  const program = new URL("../fixtures/programs/restricts_workers.ts", import.meta.url);
  const permissions = ["--unstable-worker-options", "--allow-read", "--allow-env"];
  const { stdout, code, stderr } = await runProgram(program, { permissions });
  assertEquals(stdout.trimEnd().split("\n"), [
    "restricted granted prompt",
    "inherit granted granted",
    "map 1000 499500",
    "shared 10",
    "true 2",
    "true 2",
    "true 2",
    "after crashes granted prompt",
  ], stderr);
  assertEquals(code, 0);
});

test("PoolOptions.permissions are refused where they make no sense", () => {
  const permissions = RUNTIME === "deno" ? "all" as never : "none";
  assertThrows(() => new Pool({ permissions }), TypeError, "permissions");
});
