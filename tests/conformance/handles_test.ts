import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "../../deps.ts";
import { closure, MulticoreError, NotSerializableError, Pool, Task, transfer } from "../../mod.ts";
import * as tasks from "../fixtures/handles.ts";
import { exitProcess, holdUntil, increment } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon, until } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";

const GrowableBuffer = SharedArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => SharedArrayBuffer & { grow(length: number): void };

const cellsOf = (length: number) => new Int32Array(new SharedArrayBuffer(4 * length));

test("Pool gives all workers the same shared memory", async () => {
  await using pool = new Pool({ workers: 3 });
  const cells = cellsOf(4);
  await Promise.all(Array.from({ length: 300 }, (_, i) => pool.run(tasks.bump, cells, i % 4)));
  assertEquals([...cells], [75, 75, 75, 75]);
  await Promise.all([0, 1, 2].map((worker) => pool.runWith({ worker }, tasks.bump, cells, 0)));
  assertEquals(cells[0], 78);
  assertEquals(pool.stats().memory.used, 0);
});

test("Pool gives shared memory with every option of a call", async () => {
  await using pool = new Pool({ workers: 2, timeout: 20_000, retry: 1 });
  const cells = cellsOf(1);
  const { signal } = new AbortController();
  const all = [{}, { priority: "high" }, { retry: 0 }, { signal }, { borrow: true }] as const;
  await Promise.all(all.map((options) => pool.runWith(options, tasks.bump, cells, 0)));
  assertEquals(cells[0], all.length);
});

test("Pool keeps who is who among shared memory and its views, there and back", async () => {
  await using pool = new Pool({ workers: 2 });
  const buffer = new SharedArrayBuffer(32);
  const [a, b] = [new Uint8Array(buffer, 8), new Float32Array(buffer)];
  assert(await pool.run(tasks.same, buffer, buffer));
  assert(await pool.run(tasks.same, a, a));
  assert(!await pool.run(tasks.same, a, b));
  assert(await pool.run(tasks.sameBuffer, a, b));
  const value = { a, deep: new Map([["b", [b, buffer]]]), again: a };
  for (let i = 0; i < 4; i++) {
    const back = await pool.run(tasks.echoHandle, value);
    assert(back.a.buffer === buffer && back.again === back.a);
    assert(back.deep.get("b")![1] === buffer);
    assertEquals([back.a.byteOffset, back.a.length], [8, 24]);
  }
});

test("Pool keeps whether views follow growable memory, which grows for all", async () => {
  await using pool = new Pool({ workers: 2 });
  const buffer = new GrowableBuffer(8, { maxByteLength: 64 });
  const lengths = await pool.run(
    tasks.lengthsAfterGrowth,
    buffer,
    24,
    new Uint8Array(buffer),
    new Int16Array(buffer, 2),
    new Uint8Array(buffer, 0, 4),
    new DataView(buffer),
  );
  assertEquals(lengths, [24, 22, 4, 24]);
  assertEquals(buffer.byteLength, 24);
});

test("Pool carries shared memory that a worker made, to the host and on to other workers", async () => {
  await using pool = new Pool({ workers: 2 });
  await pool.ready;
  const { cells } = await pool.runWith({ worker: 0 }, tasks.makeShared, "made");
  assertInstanceOf(cells.buffer, SharedArrayBuffer);
  for (let i = 0; i < 10; i++) await pool.runWith({ worker: 1 }, tasks.bump, cells, 0);
  assertEquals(await pool.runWith({ worker: 0 }, tasks.bumpKept, "made", 0), 10);
  assertEquals(cells[0], 11);
  // Its maker gets its own object, and the host the one that it has.
  assert(await pool.runWith({ worker: 0 }, tasks.isKept, "made", cells));
  const again = await pool.runWith({ worker: 0 }, tasks.recall<Int32Array>, "made");
  assert(again.buffer === cells.buffer);
  const through = await pool.runWith({ worker: 1 }, tasks.echoHandle, cells);
  assert(through.buffer === cells.buffer);
});

/** There a thread that blocks gets no messages. */
const needsTurns = RUNTIME === "browser";

test("Task.getSync says what does not come while it blocks", { skip: !needsTurns }, async () => {
  await using pool = new Pool({ workers: 2 });
  await pool.ready;
  const making = pool.task();
  making.run(tasks.makeShared, "sync");
  assertThrows(() => making.getSync(), MulticoreError, "messages need the event loop");
  const moving = pool.task();
  const bytes = new Uint8Array(1 << 22);
  moving.run(tasks.sumBytes, transfer(bytes, [bytes.buffer]));
  assertThrows(() => moving.getSync(), MulticoreError, "messages need the event loop");
  const cells = cellsOf(1);
  await Promise.all([1, 2].map(() => soon(pool.run(tasks.bumpNestedSync, cells, 30), "the jobs")));
  assertEquals(cells[0], 60);
  const gathered = pool.runWith({ worker: 0 }, tasks.gatherSyncFrom, 1);
  await assertRejects(
    () => soon(gathered, "the failure"),
    MulticoreError,
    "while this thread blocks",
  );
  assertEquals(await soon(pool.run(increment, 1), "the next job"), 2);
});

test("Task.getSync gets shared memory from workers while the host blocks", {
  skip: needsTurns,
}, async () => {
  await using pool = new Pool({ workers: 2 });
  const cells = cellsOf(1);
  const task = pool.task<Int32Array | void | { cells: Int32Array }>();
  for (let i = 0; i < 20; i++) task.run(tasks.bump, cells, 0);
  task.run(tasks.makeShared, "sync");
  task.run(tasks.echoHandle<Int32Array>, cells);
  const results = task.getSync();
  assertEquals(cells[0], 20);
  const made = (results[20] as { cells: Int32Array }).cells;
  assertInstanceOf(made.buffer, SharedArrayBuffer);
  assert((results[21] as Int32Array).buffer === cells.buffer);
  const nested = pool.task<unknown>();
  nested.run(tasks.bumpNestedSync, cells, 30);
  nested.run(tasks.addNestedSync, 3, 2);
  assertEquals(nested.getSync(), [undefined, 3 + 9 + 27]);
  assertEquals(cells[0], 50);
});

test(
  "Pool gives shared memory to nested jobs, awaited and blocked for",
  { timeout: 60_000 },
  async () => {
    for (const workers of [1, 3]) {
      await using pool = new Pool({ workers });
      const cells = cellsOf(1);
      await pool.run(tasks.bumpNested, cells, 40);
      await pool.run(tasks.bumpNestedSync, cells, 40);
      await Promise.all([1, 2, 3].map(() => pool.run(tasks.bumpNested, cells, 20)));
      assertEquals(cells[0], 140);
      // Memory that is made in workers, for jobs of theirs that others take.
      const results = await Promise.all(
        [1, 2, 3, 4].map(() => pool.run(tasks.addNestedSync, 3, 3)),
      );
      assertEquals(results, Array(4).fill(3 + 9 + 27 + 81));
      const sum = await pool.run(tasks.addNested, cellsOf(1), 4, 2);
      assertEquals(sum, 4 + 16 + 64);
    }
  },
);

test("Pool carries shared memory in results of nested jobs", async () => {
  for (const workers of [1, 3]) {
    await using pool = new Pool({ workers });
    for (let i = 0; i < 5; i++) {
      const made = await pool.run(tasks.gatherNested, 20);
      assertEquals(made.map((cells) => cells[1]), Array(20).fill(5));
      assert(made.every(({ buffer }) => buffer instanceof SharedArrayBuffer));
    }
  }
});

test("Pool gives memory of jobs that nobody waits for, though the host waits for nothing", async () => {
  await using pool = new Pool({ workers: 3 });
  await pool.ready;
  const cells = cellsOf(1);
  await pool.run(tasks.leaveNested, cells, 30);
  assertEquals(pool.stats().pending, 0);
  // The host only looks at its own memory, and never at the pool.
  await until(() => Atomics.load(cells, 0) === 30, "nested jobs that were left alone");
});

test("setup captures shared memory", async () => {
  const cells = cellsOf(1);
  const setup = closure(() => {
    Atomics.add(cells, 0, 1);
    return cells;
  }, { cells });
  await using pool = new Pool({ workers: 2, setup });
  await pool.ready;
  assertEquals(cells[0], 2);
  assertThrows(
    () => new Pool({ setup: closure(() => cells, { cells: new WeakMap() }) }),
    NotSerializableError,
    "captured.cells",
  );
});

test("currentJob().report takes nothing that is no bytes, on workers and inline", async () => {
  await using pool = new Pool({ workers: 1 });
  const onProgress = () => {};
  for (const task of [pool.task(), Task.create({ fallback: "inline" })!]) {
    for (const which of ["shared", "moved"]) {
      task.runWith({ onProgress }, tasks.reportHandle, which);
    }
    const errors = (await task.settled()).map((it) => it.status === "rejected" && it.reason);
    assert(errors.every((error) => error instanceof NotSerializableError), String(errors));
  }
});

test("Pool gives shared memory to a worker in the place of another", async () => {
  using gate = new Gate();
  await using pool = new Pool({ workers: 1 });
  const cells = cellsOf(1);
  await pool.run(tasks.bump, cells, 0);
  const held = pool.run(holdUntil, gate.path, gate.file("began"));
  await gate.began("began");
  // Queued behind it while the worker lives that will not run them.
  const crash = pool.run(exitProcess, 3);
  const jobs = Array.from({ length: 5 }, () => pool.run(tasks.bump, cells, 0));
  gate.open();
  await held;
  await assertRejects(() => crash);
  await soon(Promise.all(jobs), "jobs of the replaced worker");
  assertEquals(cells[0], 6);
  await pool.run(tasks.bump, cells, 0);
  assertEquals(cells[0], 7);
});

test("Pool gives shared memory to the next attempt", async () => {
  using gate = new Gate();
  await using pool = new Pool({ workers: 1 });
  const cells = cellsOf(1);
  const attempt = pool.runWith({ retry: 1 }, tasks.bumpAndDieOnce, cells, gate.file("died"));
  assertEquals(await attempt, "lived");
  assertEquals(cells[0], 2);
});

test("Pool.iter and Pool.map give ranges of shared memory as that memory", async () => {
  await using pool = new Pool({ workers: 2 });
  const shared = cellsOf(1000);
  shared.forEach((_, i) => shared[i] = i);
  const double = closure((n: number) => 2 * n);
  const mapped = await pool.map(double, shared);
  assertEquals(mapped, [...shared].map((n) => 2 * n));
  assertEquals(await pool.iter(shared).map(double).toArray(), mapped);
});

test("closure captures shared memory", async () => {
  await using pool = new Pool({ workers: 2 });
  const cells = cellsOf(1);
  const job = closure(() => Atomics.add(cells, 0, 1), { cells });
  await Promise.all([1, 2, 3].map(() => pool.run(job)));
  assertEquals(cells[0], 3);
  const { port1, port2 } = new MessageChannel();
  const bad = closure(() => 1, { port: port1 });
  const error = await assertRejects(() => pool.run(bad), NotSerializableError, "transfer(");
  assertEquals(error.path, "captured.port");
  port2.close();
});

test("Task with fallback inline gives the same shared memory", async () => {
  const task = Task.create<unknown>({ fallback: "inline" })!;
  const cells = cellsOf(1);
  task.run(tasks.bump, cells, 0);
  task.run(tasks.echoHandle, { cells, buffer: cells.buffer });
  const [, back] = await task.get() as [void, { cells: Int32Array; buffer: SharedArrayBuffer }];
  assertEquals(cells[0], 1);
  assert(back.cells.buffer === cells.buffer && back.buffer === cells.buffer);
});

test("Pool.terminate and close end with shared memory everywhere", async () => {
  const cells = cellsOf(1);
  for (const end of ["close", "terminate"] as const) {
    await using pool = new BriefPool({ workers: 2 });
    const jobs = Array.from({ length: 20 }, () => pool.run(tasks.bumpLater, cells, 0));
    const ended = Promise.allSettled(jobs);
    await pool[end]();
    await soon(ended, "jobs of a pool that has ended");
  }
});
