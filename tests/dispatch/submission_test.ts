import { test } from "node:test";
import { assertEquals, assertRejects } from "../../deps.ts";
import { Pool, PoolClosedError, TimeoutExceededError } from "../../mod.ts";
import { byteLength, echo, increment, leaveTrace, never } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon } from "../support/gate.ts";

const MEBIBYTE = 2 ** 20;

/** Stays as long as the worker, with its arguments. */
const stay = never as (...args: unknown[]) => Promise<never>;

test("Pool fills places that became free by an abort", async () => {
  await using pool = new BriefPool({ workers: 1, queue: { capacity: 4 } });
  const abort = new AbortController();
  const given = Array.from(
    { length: 4 },
    () => pool.runWith({ signal: abort.signal }, never).catch((error) => error.message),
  );
  const waiting = pool.run(increment, 1);
  abort.abort(new Error("stop"));
  assertEquals(await Promise.all(given), Array(4).fill("stop"));
  assertEquals(await soon(waiting, "the job that waited for a place", 5000), 2);
  assertEquals(await soon(pool.run(increment, 2), "the next one", 5000), 3);
});

test("Pool fills places that became free by a timeout", async () => {
  await using pool = new BriefPool({ workers: 1, queue: { capacity: 1 } });
  await pool.ready;
  const given = assertRejects(() => pool.runWith({ timeout: 50 }, never), TimeoutExceededError);
  const waiting = pool.run(increment, 1);
  await given;
  assertEquals(await soon(waiting, "the job that waited for a place", 5000), 2);
});

test("Pool fills places that became free by a task's end", async () => {
  await using pool = new BriefPool({ workers: 1, queue: { capacity: 2 } });
  await pool.ready;
  const task = pool.task();
  for (let i = 0; i < 2; i++) task.run(never);
  const waiting = pool.run(increment, 1);
  await assertRejects(() => task.get({ timeout: 20 }), TimeoutExceededError);
  assertEquals(await soon(waiting, "the job that waited for a place", 5000), 2);
});

for (const method of ["close", "terminate"] as const) {
  for (const options of [undefined, {}]) {
    const how = options === undefined ? "run" : "runWith";
    test(`Pool.${how} rejects where a getter of its arguments calls ${method}`, async () => {
      const pool = new Pool({ workers: 1 });
      await pool.ready;
      let end: Promise<void> | undefined;
      const argument = {
        before: new Uint8Array(100_000),
        get trap() {
          end ??= pool[method]();
          return 1;
        },
        after: new Uint8Array(100_000),
      };
      const job = options === undefined
        ? pool.run(echo<unknown>, argument)
        : pool.runWith(options, echo<unknown>, argument);
      await assertRejects(() => soon(job, "the refusal", 5000), PoolClosedError);
      await soon(end!, "the pool's end", 5000);
      const { pending, memory } = pool.stats();
      assertEquals([pending, memory.used], [0, 0]);
    });
  }
}

test("Pool.runWith rejects where a getter of its arguments aborts its signal", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const abort = new AbortController();
  const trap = {
    get text() {
      abort.abort(new Error("from within"));
      return "text";
    },
  };
  const job = pool.runWith(
    { signal: abort.signal },
    leaveTrace<unknown>,
    gate.file("trace"),
    trap,
  );
  await assertRejects(() => soon(job, "the abort", 5000), Error, "from within");
  assertEquals(await pool.run(increment, 1), 2);
  assertEquals([pool.stats().pending, gate.lines("trace")], [0, []]);
});

test("Pool takes a payload of nearly memory.max beside small blocks that stay", async () => {
  await using pool = new BriefPool({ workers: 1, memory: { max: MEBIBYTE } });
  // The span of the small one is taken while a larger block is in use.
  const half = pool.run(byteLength, new Uint8Array(MEBIBYTE / 2));
  const small = pool.run(stay, "x".repeat(300));
  small.catch(() => {});
  assertEquals(await half, MEBIBYTE / 2);
  for (let i = 0; i < 3; i++) {
    const large = pool.run(byteLength, new Uint8Array(MEBIBYTE));
    assertEquals(await soon(large, "the large payload", 5000), MEBIBYTE);
  }
});

test("Pool lets small jobs overtake one that waits for room, on every ring", async () => {
  await using pool = new BriefPool({ workers: 1, memory: { max: MEBIBYTE } });
  await pool.ready;
  // The one holds all the room, the other waits for it.
  for (let i = 0; i < 2; i++) pool.run(stay, new Uint8Array(MEBIBYTE)).catch(() => {});
  const small = [
    pool.run(increment, 1),
    pool.run(echo<string>, "inline"),
    pool.runWith({ priority: "high" }, increment, 1),
    pool.runWith({ priority: "low" }, increment, 1),
    pool.runWith({ worker: 0 }, increment, 1),
  ];
  assertEquals(
    await soon(Promise.all<unknown>(small), "the small jobs", 5000),
    [2, "inline", 2, 2, 2],
  );
  assertEquals([pool.stats().pending, pool.stats().queued], [2, 1]);
});
