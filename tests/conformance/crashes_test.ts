import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertThrows,
} from "../../deps.ts";
import { Pool, WorkerCrashedError } from "../../mod.ts";
import { dieUntil, stayUntil } from "../fixtures/job_tasks.ts";
import {
  dieOnce,
  exitAndGoOn,
  exitProcess,
  holdUntil,
  increment,
  makeBytes,
  rejectOutside,
  throwOutside,
  whoami,
} from "../fixtures/tasks.ts";
import { Gate, soon, until } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";
import { Random, seed } from "../support/random.ts";

test("WorkerCrashedError names the function and why its worker has ended", async () => {
  await using pool = new Pool({ workers: 1 });
  const thread = await pool.run(whoami);
  const error = await assertRejects(
    () => soon(pool.run(exitProcess, 3), "the crash"),
    WorkerCrashedError,
    "exitProcess",
  );
  assertMatch(error.message, RUNTIME === "browser" ? /it closed itself/ : /3/);
  assert(await soon(pool.run(whoami), "the new worker") !== thread);
  assertEquals(pool.stats().crashes, 1);
  assertEquals(pool.stats().workers.length, 1);
});

for (const [name, fn] of [["throws", throwOutside], ["rejects", rejectOutside]] as const) {
  test(`WorkerCrashedError has as cause what a worker ${name} outside of any job`, async () => {
    await using pool = new Pool({ workers: 1 });
    const error = await assertRejects(
      () => soon(pool.run(fn), "the crash"),
      WorkerCrashedError,
      "nobody's job",
    );
    assertInstanceOf(error.cause, RangeError);
    assertEquals(error.cause.message, "nobody's job");
    assert(error.message.endsWith(": nobody's job"), error.message);
    assertEquals((error.cause as { code?: string }).code, "E_NOBODY");
    assertEquals(await soon(pool.run(increment, 1), "the new worker"), 2);
  });
}

test("Pool rejects a dead worker's own jobs and only those", async () => {
  await using pool = new Pool({ workers: 2 });
  using gate = new Gate();
  await pool.ready;
  await pool.runWith({ worker: 0 }, increment, 1);
  await pool.runWith({ worker: 1 }, increment, 1);
  const held = pool.runWith({ worker: 1 }, holdUntil, gate.path, gate.file("held"));
  await gate.began("held");
  const dying = assertRejects(
    () => pool.runWith({ worker: 0 }, exitProcess, 1),
    WorkerCrashedError,
  );
  const behind = Array.from({ length: 50 }, (_, i) => pool.runWith({ worker: 0 }, increment, i));
  const shared = Array.from({ length: 50 }, (_, i) => pool.run(increment, i));
  await soon(dying, "the crash");
  assertEquals((await soon(Promise.all(behind), "the jobs behind it")).at(-1), 50);
  assertEquals((await soon(Promise.all(shared), "the jobs of all")).at(-1), 50);
  gate.open();
  assertEquals(await held, "held");
});

test("Pool settles every job once while workers die", { timeout: 60_000 }, async () => {
  const random = new Random(seed("deaths"));
  await using pool = new Pool({ workers: 2 });
  const settlements: number[] = new Array(600).fill(0);
  const jobs = settlements.map(async (_, i) => {
    const dies = i % 100 === 50;
    const job = dies
      ? pool.run(exitProcess, i)
      : random.below(4) === 0
      ? pool.runWith({ retry: 100 }, makeBytes, random.below(100_000), i).then((b) => b.length >= 0)
      : pool.runWith({ retry: 100 }, increment, i).then((n) => n === i + 1);
    try {
      assert(await job, `job ${i} has another's result`);
      assert(!dies);
    } catch (error) {
      assert(dies, `job ${i}: ${error}`);
      assertInstanceOf(error, WorkerCrashedError);
    }
    settlements[i]!++;
  });
  await soon(Promise.all(jobs), "every job", 30_000);
  assert(settlements.every((times) => times === 1));
  assertEquals(pool.stats().crashes, 6);
  assertEquals(pool.stats().pending, 0);
  assertEquals(pool.stats().memory.used, 0);
});

test("Pool gives back the memory of jobs whose worker has died", async () => {
  await using pool = new Pool({ workers: 1 });
  for (let i = 0; i < 3; i++) {
    const job = pool.run(
      exitProcess as (code: number, bytes: Uint8Array) => never,
      i,
      new Uint8Array(2 ** 20),
    );
    await assertRejects(() => soon(job, "the crash"), WorkerCrashedError);
  }
  assertEquals(pool.stats().memory.used, 0);
});

test("Pool.close while a worker is being replaced ends", async () => {
  const pool = new Pool({ workers: 1 });
  await assertRejects(() => pool.run(exitProcess, 1), WorkerCrashedError);
  await soon(pool.close(), "the end");
  assertEquals(pool.stats().state, "closed");
});

test("Pool.close lets jobs that were accepted have their further attempts", async () => {
  for (const lazy of [false, true]) {
    const pool = new Pool({ workers: 1, lazy });
    const crashing = pool.runWith({ retry: 2 }, dieUntil, 3);
    // On a busy machine the time passes before a worker has come.
    const late = pool.runWith({ retry: 50, timeout: 500 }, stayUntil, 2);
    const closed = pool.close();
    assertEquals(await soon(crashing, "the third attempt"), 3);
    assertGreaterOrEqual(await soon(late, "the second attempt"), 2);
    await soon(closed, "the end");
  }
});

test("Task.getSync hears of a crash while it blocks", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task();
  task.run(exitProcess, 1);
  assertThrows(() => task.getSync({ timeout: 10_000 }), WorkerCrashedError, "exitProcess");
  assertEquals(await soon(pool.run(increment, 1), "the new worker"), 2);
});

test("Task.getSync goes on with the worker that replaces a dead one", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const task = pool.task<unknown>();
  task.runWith({ retry: 1 }, dieOnce, gate.file("died"));
  task.run(increment, 1);
  assertEquals(task.getSync({ timeout: 10_000 }), ["lived", 2]);
});

test("Task.getSync gets nothing of a worker that goes on after its end", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const task = pool.task<unknown>();
  task.runWith({ retry: 1 }, exitAndGoOn, gate.file("died"));
  for (let i = 0; i < 100; i++) task.run(increment, i);
  const numbers = Array.from({ length: 100 }, (_, i) => i + 1);
  assertEquals(task.getSync({ timeout: 10_000 }), ["lived", ...numbers]);
});

test("Pool starts a dead worker's replacement though nothing is pending", async () => {
  await using pool = new Pool({ workers: 1 });
  await assertRejects(() => pool.run(exitProcess, 1), WorkerCrashedError);
  await until(() => pool.stats().workers[0]!.state === "parked", "the new worker to park");
});
