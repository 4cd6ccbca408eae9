import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "../../deps.ts";
import {
  closure,
  PayloadTooLargeError,
  Pool,
  TaskCompleteError,
  WorkerCrashedError,
} from "../../mod.ts";
import { busy, byteLength, echo, increment } from "../fixtures/tasks.ts";

const MEBIBYTE = 2 ** 20;

/** Encodes to about 1.5 MB, in many small steps. */
const manySmallObjects = Array.from({ length: 70_000 }, (_, i) => ({ a: i, s: `hello${i}` }));

test("Pool refuses a payload over memory.max also where it is encoded outside the arena", async () => {
  await using pool = new Pool({ workers: 1, memory: { max: MEBIBYTE } });
  await assertRejects(
    () => pool.runWith({ timeout: 10_000 }, echo<unknown>, manySmallObjects),
    PayloadTooLargeError,
    "memory.max",
  );
  assertEquals(pool.stats().pending, 0);
  assertEquals(await pool.run(increment, 1), 2);
});

test("Pool refuses a payload over memory.max also while there is no room", async () => {
  await using pool = new Pool({ workers: 1, memory: { max: MEBIBYTE } });
  const task = pool.task<number>();
  task.run(busy, 50);
  for (let i = 0; i < 3; i++) task.run(byteLength, new Uint8Array(600_000));
  await assertRejects(() => pool.run(echo<unknown>, manySmallObjects), PayloadTooLargeError);
  assertEquals((await task.get()).slice(1), [600_000, 600_000, 600_000]);
});

test("Task.getSync throws where no worker can be started", async () => {
  const broken = new URL("../fixtures/throws_at_import.ts", import.meta.url);
  const pool = new Pool({ workers: 1, preload: [broken] });
  const task = pool.task<number>();
  task.run(increment, 1);
  const error = assertThrows(() => task.getSync({ timeout: 60_000 }));
  assertInstanceOf(error, WorkerCrashedError);
  await pool.terminate();
});

test("JobOptions.borrow lets a view be returned, whatever its size", async () => {
  await using pool = new Pool({ workers: 1 });
  for (const size of [3, 1000, 100_000]) {
    const given = new Uint8Array(size).fill(7);
    const back = await pool.runWith({ borrow: true }, echo<Uint8Array>, given);
    assertEquals(back, given);
    assert(back.buffer instanceof ArrayBuffer);
  }
});

test("Task.get refuses what completed has begun to take", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  for (const n of [1, 2, 3]) task.run(increment, n);
  await task.completed().next();
  await assertRejects(() => task.get(), TaskCompleteError, "completed()");
});

test("Task.get that refuses an option leaves the task as it was", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  task.run(increment, 1);
  await assertRejects(() => task.get({ timeout: -1 }), RangeError, "-1");
  assertEquals(await task.get(), [2]);
});

test("Pool takes no message of user code for a report of its worker", async () => {
  await using pool = new Pool({ workers: 1 });
  const post = closure((message: unknown) => {
    const threads = (globalThis as unknown as {
      process: {
        getBuiltinModule(name: string): { parentPort: { postMessage(m: unknown): void } };
      };
    }).process.getBuiltinModule("node:worker_threads");
    threads.parentPort.postMessage(message);
  });
  for (const message of ["hi", null, { ready: false }]) await pool.run(post, message);
  assertEquals(await pool.run(increment, 1), 2);
  assertEquals(pool.stats().state, "ready");
});
