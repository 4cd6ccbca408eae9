/**
 * Nested work that goes well: results, depth, numbers, kinds of functions.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "../../deps.ts";
import { Pool } from "../../mod.ts";
import {
  branchOut,
  type Call,
  closuresInside,
  descend,
  fanOut,
  fanOutSync,
  fib,
  fibMixed,
  fibSync,
  meet,
  mostOpenSoFar,
  nest,
  nestSync,
  poolEndedInGetter,
  poolEndedInside,
  poolInside,
  remotesInside,
} from "../fixtures/nested_tasks.ts";
import { add, doubleMoney, increment, leaveTrace, Money, whoami } from "../fixtures/tasks.ts";
import { Gate, soon } from "../support/gate.ts";

const timeout = 60_000;
const FIB = [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89];
const NESTS: ((calls: readonly Call[]) => unknown[] | Promise<unknown[]>)[] = [nest, nestSync];
const sumTo = (count: number) => count * (count + 1) / 2;

const FIBS: [how: string, fn: (n: number) => number | Promise<number>, n: number, fib: number][] = [
  ["await", fib, 20, 6765],
  ["getSync", fibSync, 20, 6765],
  ["both", fibMixed, 16, 987],
];

for (const workers of [1, 2, 4]) {
  for (const [how, fn, n, expected] of FIBS) {
    test(
      `Task inside jobs finds fib(${n}) by ${how} on ${workers} workers`,
      { timeout },
      async () => {
        await using pool = new Pool({ workers });
        assertEquals(await soon(pool.run(fn, n), "the number", 50_000), expected);
        assertEquals(pool.stats().pending, 0);
      },
    );
  }
}

for (const workers of [1, 2]) {
  test(`Task inside jobs goes 10,000 deep on ${workers} workers`, { timeout }, async () => {
    await using pool = new Pool({ workers });
    assertEquals(await soon(pool.run(descend, 10_000), "the bottom", 50_000), 10_000);
  });

  test(`Task inside a job runs 100,000 jobs on ${workers} workers`, { timeout }, async () => {
    await using pool = new Pool({ workers });
    assertEquals(await soon(pool.run(fanOut, 100_000), "them all", 25_000), sumTo(100_000));
    assertEquals(await soon(pool.run(fanOutSync, 100_000), "them all", 25_000), sumTo(100_000));
  });
}

test("Task inside many jobs at once keeps their results apart", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  const task = pool.task<number>();
  const fns = [fib, fibSync, fibMixed];
  for (let i = 0; i < 600; i++) task.run(fns[i % 3]!, i % 12);
  const results = await soon(task.get(), "all trees", 50_000);
  results.forEach((result, i) => assertEquals(result, FIB[i % 12], `tree ${i}`));
});

test("Task inside jobs works depth first, beyond a lane's slots too", { timeout }, async () => {
  await using pool = new Pool({ workers: 1 });
  // Breadth first, 1500 * 40 jobs would be open at a time.
  assertEquals(await soon(pool.run(branchOut, 1500, 40), "the leaves", 50_000), 60_000);
  const most = await pool.run(mostOpenSoFar);
  assert(most < 1500 + 40 * 10, `${most} jobs were open at a time`);
});

test("Task inside a job uses the pool's other workers", { timeout }, async () => {
  await using pool = new Pool({ workers: 3 });
  using gate = new Gate();
  const folder = gate.file("");
  const names = ["a", "b", "c"];
  const calls = names.map((name) => [{}, meet, folder, name, names] as const);
  // Each of them ends only when all three run, so on three threads; the outer one is blocked on one.
  assertEquals(await soon(pool.run(nestSync, calls), "the meeting"), names);
});

test("Task inside a job wakes workers that sleep for good", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  await pool.ready;
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    using gate = new Gate();
    const folder = gate.file("");
    const calls = ["a", "b"].map((name) => [{}, meet, folder, name, ["a", "b"]] as const);
    assertEquals(await soon(pool.run(nest, calls), "the meeting"), ["a", "b"]);
  }
});

test("Task inside jobs takes closures, remote functions and instances", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  const unseen = new URL("../fixtures/unseen.ts", import.meta.url).href;
  for (let i = 0; i < 20; i++) {
    assertEquals(await pool.run(closuresInside, 7), [7, 14, [3, 3]]);
    assertEquals(await pool.run(remotesInside, unseen, "greet"), "Hello, undefined!");
    const [money] = await pool.run(nest, [[{}, doubleMoney, new Money(250)]]) as [Money];
    assert(money instanceof Money);
    assertEquals(money.euros, 5);
  }
});

test(
  "Task inside a job begins its own jobs by priority, the newest first",
  { timeout },
  async () => {
    await using pool = new Pool({ workers: 1 });
    using gate = new Gate();
    const trace = gate.file("trace");
    const calls = (["low", "normal", "high", "low", "normal", "high"] as const).map((priority, i) =>
      [{ priority }, leaveTrace, trace, `${priority} ${i}`] as const
    );
    await pool.run(nest, calls);
    assertEquals(gate.lines("trace"), [
      "high 5",
      "high 2",
      "normal 4",
      "normal 1",
      "low 3",
      "low 0",
    ]);
  },
);

test("Task inside a job keeps to the worker that it is told", { timeout }, async () => {
  await using pool = new Pool({ workers: 3 });
  const there = await Promise.all([0, 1, 2].map((worker) => pool.runWith({ worker }, whoami)));
  for (const outer of [0, 1, 2]) {
    for (const fn of NESTS) {
      const calls = Array.from(
        { length: 60 },
        (_, i) => [{ worker: i % 3 }, whoami] as const,
      );
      const threads = await soon(pool.runWith({ worker: outer }, fn, calls), "the pinned");
      assertEquals(threads, calls.map((_, i) => there[i % 3]));
    }
  }
});

for (const end of ["close", "terminate"] as const) {
  test(`Pool.${end} inside a job ends that pool alone`, { timeout }, async () => {
    await using pool = new Pool({ workers: 1 });
    const closed = /^PoolClosedError: /;
    const { seen, atTheEnd, after, elsewhere, state } = await pool.run(poolEndedInside, end);
    if (end === "close") {
      assertEquals(seen, ["accepted", "of a task"]);
      assertEquals(atTheEnd, "accepted");
    } else for (const outcome of [...seen, atTheEnd]) assertMatch(outcome, closed);
    assertMatch(after as string, closed);
    assertEquals([elsewhere, state], [2, "closed"]);
    assertEquals(await pool.run(increment, 1), 2);
  });
}

test("Pool.terminate inside a job refuses what is just being encoded", { timeout }, async () => {
  await using pool = new Pool({ workers: 1 });
  assertMatch(await pool.run(poolEndedInGetter) as string, /^PoolClosedError: /);
  assertEquals(await pool.run(increment, 1), 2);
});

test(
  "Pool and initialize inside a job start nothing, and use the pool around",
  { timeout },
  async () => {
    await using pool = new Pool({ workers: 2 });
    await pool.ready;
    assertEquals(await pool.run(poolInside, 7), {
      results: [2, 3, 4, 5, 6, 7],
      sizes: [2, 2],
      workers: 0,
    });
    // The inner pools were closed; the one around goes on.
    assertEquals(await pool.run(nest, [[{}, add, 1, 2]]), [3]);
    assertEquals(pool.stats().crashes, 0);
  },
);
