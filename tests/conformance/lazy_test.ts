import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "../../deps.ts";
import { initialize, Pool, PoolClosedError, shutdown, Task } from "../../mod.ts";
import { add, increment, poolsInside } from "../fixtures/tasks.ts";
import { soon } from "../support/gate.ts";

/** Counts the workers that a pool spawns. */
function counted(): { spawned: number; readonly worker: () => URL } {
  const counter = {
    spawned: 0,
    worker: () => {
      counter.spawned++;
      return new URL("../../worker.ts", import.meta.url);
    },
  };
  return counter;
}

test("Pool with lazy starts with the first job", async () => {
  const counter = counted();
  await using pool = new Pool({ workers: 2, name: "late", lazy: true, worker: counter.worker });
  const task = pool.task<number>();
  const { state, size, memory, workers } = pool.stats();
  assertEquals([state, size, memory.size], ["starting", 2, 0]);
  assertEquals(workers.map((worker) => [worker.name, worker.state]), [
    ["late/0", "starting"],
    ["late/1", "starting"],
  ]);
  assertEquals(counter.spawned, 0);
  task.run(increment, 1);
  assertEquals(counter.spawned, 2);
  assertEquals(await pool.run(add, 2, 3), 5);
  assertEquals(await task.get({ timeout: 20_000 }), [2]);
  assertEquals(counter.spawned, 2);
  assertEquals(pool.stats().settled, 2);
});

test("Pool.runWith and Pool.ready start a lazy pool", async () => {
  await using one = new Pool({ workers: 1, lazy: true });
  assertEquals(await one.runWith({ worker: 0 }, increment, 1), 2);
  await using other = new Pool({ workers: 1, lazy: true });
  await other.ready;
  assertEquals(other.stats().state, "ready");
});

test("Task.getSync is the first that a lazy pool does", async () => {
  await using pool = new Pool({ workers: 1, lazy: true });
  assertEquals(pool.task<number>().getSync(), []);
  assertEquals(pool.stats().state, "starting");
  const task = pool.task<number>();
  for (let i = 0; i < 3; i++) task.run(increment, i);
  assertEquals(task.getSync(), [1, 2, 3]);
});

for (const end of ["close", "terminate"] as const) {
  test(`Pool.${end} of a lazy pool that never started ends it, and starts nothing`, async () => {
    const counter = counted();
    const pool = new Pool({ workers: 1, lazy: true, worker: counter.worker });
    const task = pool.task<number>();
    await soon(pool[end](), "the end of a pool that never started");
    assertEquals(pool.stats().state, "closed");
    assertEquals(pool.stats().workers.map((worker) => worker.state), ["gone"]);
    assertThrows(() => task.run(increment, 1), PoolClosedError);
    assertThrows(() => pool.task(), PoolClosedError);
    await assertRejects(() => pool.run(increment, 1), PoolClosedError);
    await pool.ready;
    assertEquals(counter.spawned, 0);
  });

  test(`Pool.${end} of a lazy pool that runs settles its jobs`, async () => {
    const pool = new Pool({ workers: 1, lazy: true });
    const task = pool.task<number>();
    task.run(increment, 1);
    const results = task.settled({ timeout: 20_000 });
    await pool[end]();
    assertEquals((await results)[0]!.status, end === "close" ? "fulfilled" : "rejected");
    assertThrows(() => pool.task(), PoolClosedError);
  });
}

test("Pool that cannot start leaves nothing behind, and a lazy one tries again", async () => {
  const broken = new Error("no entry today");
  let calls = 0;
  const worker = () => {
    if (++calls === 2) throw broken;
    return new URL("../../worker.ts", import.meta.url);
  };
  assertThrows(() => new Pool({ workers: 2, worker }), Error, "no entry today");
  calls = 1;
  await using pool = new Pool({ workers: 2, lazy: true, worker });
  await assertRejects(() => pool.run(increment, 1), Error, "no entry today");
  assertEquals(pool.stats().state, "starting");
  assertEquals(await pool.run(increment, 1), 2);
  calls = 1;
  const other = new Pool({ workers: 1, lazy: true, worker });
  await assertRejects(() => other.ready, Error, "no entry today");
  await other.close();
});

test("Pool refuses a lazy that is neither true nor false", () => {
  // deno-lint-ignore no-explicit-any
  assertThrows(() => new Pool({ lazy: 1 as any }), TypeError, "lazy 1");
});

test("initialize with lazy resolves at once, and the first job starts the pool", async () => {
  const counter = counted();
  await initialize({ workers: 1, lazy: true, worker: counter.worker });
  await initialize({ lazy: true });
  const task = new Task<number>();
  assertEquals(counter.spawned, 0);
  task.run(increment, 1);
  assertEquals(counter.spawned, 1);
  assertEquals(await task.get(), [2]);
  await shutdown();

  await initialize({ workers: 1, lazy: true, worker: counter.worker });
  await initialize();
  assertEquals(counter.spawned, 2);
  await shutdown();
});

test("Pool with lazy inside a worker runs its jobs there", async () => {
  await using pool = new Pool({ workers: 1, lazy: true });
  assertEquals(await pool.run(poolsInside, true), await pool.run(poolsInside, false));
});
