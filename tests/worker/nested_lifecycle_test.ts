/**
 * Nested work at the ends of things: of an outer job, of a pool, of an import.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf } from "../../deps.ts";
import { Pool, PoolClosedError, remote } from "../../mod.ts";
import type * as nestsAtTop from "../fixtures/nests_at_top.ts";
import {
  type Call,
  fib,
  fibMixed,
  fibSync,
  nest,
  nestAndForget,
  nestFromTimer,
  nestSync,
} from "../fixtures/nested_tasks.ts";
import { add, holdUntil, leaveTrace, never, sleep } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon, until } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";

const timeout = 60_000;
/** More than there are slots; but in a browser, where each writes its trace slowly, for two seconds. */
const MANY = RUNTIME === "browser" ? 300 : 1500;
const traces = (file: string, count: number): Call[] =>
  Array.from({ length: count }, (_, i) => [{}, leaveTrace, file, i]);

for (const workers of [1, 2]) {
  test(`Pool.close finishes nested work, on ${workers} workers`, { timeout }, async () => {
    const pool = new Pool({ workers });
    const jobs = [fib, fibSync, fibMixed, fib].map((fn) =>
      pool.run(fn as (n: number) => Promise<number>, 14)
    );
    const slow = pool.run(nest, [[{}, sleep, 200, "slow"], [{}, add, 1, 2]]);
    await soon(pool.close(), "the end");
    assertEquals(await Promise.all(jobs), [377, 377, 377, 377]);
    assertEquals(await slow, ["slow", 3]);
    assertEquals(pool.stats().workers.every(({ state }) => state === "gone"), true);
  });

  test(`Pool.close finishes nested jobs that nobody awaits, ${workers}`, { timeout }, async () => {
    using gate = new Gate();
    const pool = new Pool({ workers });
    await pool.run(nestAndForget, traces(gate.file("trace"), MANY));
    await soon(pool.close(), "the end");
    assertEquals(new Set(gate.lines("trace")).size, MANY);
    assertEquals(gate.lines("trace").length, MANY);
  });

  test(`Pool.terminate ends nested work promptly, on ${workers} workers`, { timeout }, async () => {
    for (const how of ["computing", "blocked", "awaiting"]) {
      const pool = new Pool({ workers });
      await pool.ready;
      const jobs = Array.from(
        { length: 2 * workers },
        () =>
          how === "computing"
            ? pool.run(fibSync, 40)
            : how === "awaiting"
            ? pool.run(nest, [[{}, fib, 40], [{}, never]])
            : pool.run(nestSync, [[{}, nestSync, [[{}, fibSync, 40]]]]),
      ).map((job) => job.catch((error: unknown) => error));
      await new Promise((resolve) => setTimeout(resolve, 100));
      const end = pool.terminate();
      for (const error of await soon(Promise.all(jobs), "the rejections")) {
        assertInstanceOf(error, PoolClosedError);
      }
      await soon(end, "the end");
    }
  });
}

test("Pool.terminate ends a worker that waits for one that is stuck", { timeout }, async () => {
  const pool = new Pool({ workers: 2 });
  await pool.ready;
  using gate = new Gate();
  const calls = [[{ worker: 1 }, holdUntil, gate.path, gate.file("held")]] as const;
  const job = pool.runWith({ worker: 0 }, nestSync, calls).catch((error) => error);
  await gate.began("held");
  const end = pool.terminate();
  assertInstanceOf(await soon(job, "the rejection"), PoolClosedError);
  await until(() => pool.stats().workers[0]!.state === "gone", "worker 0 to end");
  gate.open();
  await soon(end, "the end");
});

test("Jobs may be begun from a timer after the outer job has returned", { timeout }, async () => {
  for (const workers of [1, 2]) {
    await using pool = new Pool({ workers });
    using gate = new Gate();
    for (let round = 1; round <= 3; round++) {
      await pool.run(nestFromTimer, 30, traces(gate.file("trace"), 20));
      // No other job wakes anybody.
      await until(() => gate.lines("trace").length === 20 * round, "the timer's jobs");
    }
  }
});

test(
  "Jobs that nobody awaits run though their worker has nothing else to do",
  { timeout },
  async () => {
    await using pool = new Pool({ workers: 2 });
    using gate = new Gate();
    for (let round = 1; round <= 5; round++) {
      await pool.run(nestAndForget, traces(gate.file("trace"), 20));
      await until(() => gate.lines("trace").length === 20 * round, "the forgotten jobs");
    }
  },
);

for (const workers of [1, 2]) {
  const url = new URL("../fixtures/nests_at_top.ts", import.meta.url);
  const { atTop } = remote<typeof nestsAtTop>(url);

  test(`A module may begin jobs while a job imports it, ${workers}`, { timeout }, async () => {
    await using pool = new BriefPool({ workers });
    const jobs = Array.from({ length: 4 }, () => pool.run(atTop));
    for (const it of await soon(Promise.all(jobs), "the imports")) {
      assertEquals(it, [10, 2000, 2000]);
    }
  });

  test(`A module may begin jobs while it is preloaded, ${workers}`, { timeout }, async () => {
    await using pool = new BriefPool({ workers, preload: [url] });
    await soon(pool.ready, "the pool");
    assertEquals(await soon(pool.run(atTop), "a job"), [10, 2000, 2000]);
  });
}

test("A pool that has done nested work lets its process rest", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  await pool.run(fib, 15);
  await until(() => pool.stats().workers.every(({ state }) => state === "parked"), "rest");
  assert(pool.stats().pending === 0);
});
