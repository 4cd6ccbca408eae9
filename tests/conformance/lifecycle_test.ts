import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "../../deps.ts";
import {
  initialize,
  MulticoreError,
  NUMBER_OF_WORKERS,
  Pool,
  PoolClosedError,
  shutdown,
  Task,
} from "../../mod.ts";
import {
  add,
  busy,
  count,
  echo,
  holdUntil,
  increment,
  never,
  nothing,
  poolsInside,
  sleep,
  startTicking,
  ticksSoFar,
  whoami,
} from "../fixtures/tasks.ts";
import { Gate, soon, until } from "../support/gate.ts";

test("initialize starts the default pool once, and afresh after shutdown", async () => {
  await initialize({ workers: 2, name: "first" });
  await initialize({ workers: 7, name: "second" });
  const first = new Task<string>();
  for (let i = 0; i < 20; i++) first.run(whoami);
  const threads = new Set(await first.get());
  assert(threads.size <= 2);
  await shutdown();

  assertThrows(() => new Task(), MulticoreError, "initialize");
  assertEquals(Task.create(), null);
  await shutdown();

  await initialize({ workers: 1 });
  const second = new Task<string>();
  second.run(whoami);
  assert(!threads.has((await second.get())[0]!));
  await shutdown();
});

test("initialize refuses options that make no sense by rejecting", async () => {
  await assertRejects(() => initialize({ workers: 0 }), RangeError, "workers 0");
  await assertRejects(
    // deno-lint-ignore no-explicit-any
    () => initialize({ wrokers: 2 } as any),
    TypeError,
    "wrokers",
  );
});

test("initialize takes jobs before it has resolved", async () => {
  const ready = initialize({ workers: 1 });
  const task = new Task<number>();
  for (let i = 0; i < 10; i++) task.run(increment, i);
  assertEquals(await task.get(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  await ready;
  await shutdown();
});

test("shutdown finishes what was accepted", async () => {
  void initialize({ workers: 1 });
  const task = new Task<number>();
  for (let i = 0; i < 50; i++) task.run(sleep<number>, 1, i);
  const results = task.get();
  await shutdown();
  assertEquals(await results, Array.from({ length: 50 }, (_, i) => i));
});

test("Pool has a worker for each processor by default", async () => {
  await using pool = new Pool();
  assertEquals(pool.size, NUMBER_OF_WORKERS);
  assertEquals(pool.stats().workers.length, NUMBER_OF_WORKERS);
});

test("Pool runs a call and gives its result", async () => {
  await using pool = new Pool({ workers: 1 });
  assertEquals(await pool.run(add, 2, 3), 5);
});

test("Pool.stats names the pool and its workers and tells their states", async () => {
  await using pool = new Pool({ workers: 2, name: "kitchen", memory: { max: 2 ** 20 } });
  using gate = new Gate();
  assertEquals(pool.stats().state, "starting");
  assertEquals(pool.stats().workers.map((worker) => worker.name), ["kitchen/0", "kitchen/1"]);
  assert(pool.stats().workers.every((worker) => worker.state === "starting"));
  await pool.ready;
  await until(
    () => pool.stats().workers.every((worker) => worker.state === "parked"),
    "both workers to park",
  );
  const held = pool.runWith({ worker: 1 }, holdUntil, gate.path, gate.file("held"));
  const queued = pool.runWith({ worker: 1 }, increment, 1);
  await gate.began("held");
  const busy = pool.stats();
  assertEquals(busy.state, "ready");
  assertEquals(busy.pending, 2);
  assertEquals(busy.queued, 1);
  assertEquals(busy.memory.max, 2 ** 20);
  assertEquals(busy.workers[1]!.state, "busy");
  gate.open();
  await Promise.all([held, queued]);
  const after = pool.stats();
  assertEquals([after.pending, after.queued, after.settled], [0, 0, 2]);
  assertEquals(after.workers[1]!.jobs, 2);
  await pool.close();
  assertEquals(pool.stats().state, "closed");
});

test("Pool.stats counts jobs that await something", async () => {
  await using pool = new Pool({ workers: 1 });
  const slow = [pool.run(sleep<number>, 800, 1), pool.run(sleep<number>, 800, 2)];
  await until(() => pool.stats().workers[0]!.awaiting === 2, "both jobs to await");
  assertEquals(await Promise.all(slow), [1, 2]);
  assertEquals(pool.stats().workers[0]!.awaiting, 0);
});

test("Pool runs beside other pools, each with workers of its own", async () => {
  await using one = new Pool({ workers: 1 });
  await using other = new Pool({ workers: 1 });
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, i) => (i % 2 ? one : other).run(count)),
  );
  const threads = new Set(results.map((result) => result.thread));
  assertEquals(threads.size, 2);
  assertEquals(results.slice(-2).map((result) => result.count), [50, 50]);
  await one.close();
  assertEquals(await other.run(increment, 1), 2);
});

test("Pool keeps module state for as long as its worker lives", async () => {
  await using pool = new Pool({ workers: 1 });
  for (let i = 1; i <= 5; i++) assertEquals((await pool.run(count)).count, i);
});

test("Pool lets timers of an idle worker go on", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.run(startTicking);
  const before = await pool.run(ticksSoFar);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert(await pool.run(ticksSoFar) - before >= 5);
});

test("Pool.close finishes what was accepted and takes no more", async () => {
  const pool = new Pool({ workers: 1 });
  const results = Array.from({ length: 100 }, (_, i) => pool.run(increment, i));
  const closing = pool.close();
  await assertRejects(() => pool.run(increment, 1), PoolClosedError);
  assertThrows(() => pool.task(), PoolClosedError);
  assertEquals((await Promise.all(results))[99], 100);
  await closing;
  await pool.close();
  await pool.terminate();
});

test("Pool.close of a pool that is still starting ends it", async () => {
  const pool = new Pool({ workers: 2 });
  await soon(pool.close(), "the end of a pool that never ran anything");
  assertEquals(pool.stats().state, "closed");
});

test("Pool.terminate rejects at once what is pending", async () => {
  const pool = new Pool({ workers: 1 });
  await pool.ready;
  const running = pool.run(never);
  const queued = pool.runWith({ priority: "low" }, increment, 1);
  const task = pool.task<number>();
  task.run(increment, 1);
  const results = task.get();
  const rejections = [running, queued, results].map((promise) =>
    assertRejects(() => promise, PoolClosedError)
  );
  await soon(pool.terminate(), "the end of the workers");
  await Promise.all(rejections);
  await assertRejects(() => pool.run(increment, 1), PoolClosedError);
  assertEquals(pool.stats().state, "closed");
});

test("Pool.terminate of a pool that is still starting ends it", async () => {
  const pool = new Pool({ workers: 1 });
  const rejection = assertRejects(() => pool.run(increment, 1), PoolClosedError);
  await soon(pool.terminate(), "the end of a pool that is starting");
  await rejection;
});

test("Pool.ready rejects where the workers' entry cannot be loaded", async () => {
  const pool = new Pool({
    workers: 1,
    worker: new URL("../fixtures/throws_at_import.ts", import.meta.url),
  });
  const job = assertRejects(() => pool.run(increment, 1), MulticoreError);
  await assertRejects(() => soon(pool.ready, "the pool to give up"), MulticoreError, "broken");
  await job;
  assertEquals(pool.stats().state, "failed");
  await pool.close();
});

test("Pool inside a worker starts no workers and runs its jobs there", async () => {
  await using pool = new Pool({ workers: 1 });
  assertEquals(await pool.run(poolsInside), { sum: 5, more: 2, workers: 0, default: true });
});

test("Pool leaves the host's timers their turn while jobs keep coming", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  let fired = 0;
  const timer = setInterval(() => fired++, 10);
  const end = performance.now() + 300;
  while (performance.now() < end) await pool.run(increment, 1);
  clearInterval(timer);
  assert(fired >= 5, `the timer fired ${fired} times in 300 ms`);
});

test("Pool encodes arguments before run returns", async () => {
  await using pool = new Pool({ workers: 1 });
  const list = [1, 2, 3];
  const small = pool.run(echo<number[]>, list);
  const bytes = new Uint8Array(100_000).fill(7);
  const large = pool.run(echo<Uint8Array>, bytes);
  list[0] = 9;
  bytes.fill(1);
  assertEquals(await small, [1, 2, 3]);
  assertEquals((await large)[99_999], 7);
});

test("Pool.ready resolves where the pool ends before its workers have loaded", async () => {
  const preload = [new URL("../fixtures/hangs_at_import.ts", import.meta.url)];
  const pool = new Pool({ workers: 1, preload });
  const { ready } = pool;
  await pool.terminate();
  await soon(ready, "the end of waiting");
});

test("Pool waits by its own clock where a test has stopped the global one", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.run(nothing);
  const { now } = performance;
  performance.now = () => 1;
  try {
    const job = pool.run(busy, 500);
    const began = Date.now();
    // A host that spun until the job ends would let no timer fire.
    await new Promise((resolve) => setTimeout(resolve, 1));
    assert(Date.now() - began < 400);
    await job;
  } finally {
    performance.now = now;
  }
});
