/**
 * `getSync` inside jobs: what it may wait for, and that it never waits for ever.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "../../deps.ts";
import { MulticoreError, Pool } from "../../mod.ts";
import { twice } from "../fixtures/nested_elsewhere.ts";
import {
  blockInReaction,
  blockLater,
  descendSync,
  fib,
  fillThenBlock,
  nest,
  nestByGetter,
  nestSync,
  nestSyncAfter,
  nestSyncSettled,
  pingPongSync,
  remoteWhileHeld,
} from "../fixtures/nested_tasks.ts";
import {
  busy,
  echo,
  holdUntil,
  increment,
  leaveTrace,
  sleep,
  thenable,
} from "../fixtures/tasks.ts";
import { UnseenThere } from "../fixtures/unseen_class.ts";
import { Gate, soon } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";

const timeout = 60_000;
const CANNOT = /^MulticoreError: Cannot block: .* await task\.get\(\)/;
/** A job that awaits something is refused, unless another worker has brought it to its end by then. */
function assertRefusedOr(values: unknown, outcome: unknown): void {
  if (!CANNOT.test(String(outcome))) assertEquals(outcome, values);
}

test("getSync inside a job may block in a getter of arguments", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  for (const options of [{}, { retry: 1 }, { priority: "low" }, { timeout: 20_000 }] as const) {
    assertEquals(await soon(pool.run(nestByGetter, options, 10_000), "it"), [{ n: 41 }]);
  }
});

test(
  "getSync in a reaction leaves the worker's loop awake, however it ends",
  { timeout },
  async () => {
    await using pool = new Pool({ workers: 2 });
    await pool.ready;
    for (const [milliseconds, limit] of [[200, 10], [60, 5000]] as const) {
      for (const worker of [0, 1]) {
        const how = await soon(
          pool.runWith({ worker }, blockInReaction, milliseconds, limit),
          "its end",
        );
        assertEquals(how === "done" || (how === "TimeoutExceededError" && limit === 10), true, how);
        assertEquals(await soon(pool.runWith({ worker }, increment, 1), `worker ${worker}`), 2);
      }
    }
  },
);

for (const workers of [1, 2, 4]) {
  for (
    const [kind, call, value] of [
      ["an asynchronous function", [{}, sleep, 1, "x"], "x"],
      ["one that need not wait", [{}, thenable, 1], 1],
      ["a tree of them", [{}, fib, 8], 21],
    ] as const
  ) {
    test(
      `getSync inside a job does not hang for ${kind}, on ${workers} workers`,
      { timeout },
      async () => {
        await using pool = new Pool({ workers });
        await pool.ready;
        for (let i = 0; i < 10; i++) {
          const jobs = Array.from({ length: 2 * workers }, () => pool.run(nestSyncSettled, [call]));
          const outcomes = await soon(Promise.all(jobs), "the refusals");
          for (const outcome of outcomes) assertRefusedOr([value], outcome);
        }
        assertEquals(await soon(pool.run(nest, [[{}, increment, 1]]), "the rest"), [2]);
      },
    );
  }
}

test("getSync inside jobs hears of a promise on another thread", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  await pool.ready;
  const job = pool.runWith({ worker: 0 }, nestSyncSettled, [[{ worker: 1 }, sleep, 60_000, 1]]);
  assert(CANNOT.test(String(await soon(job, "the refusal"))));
});

test(
  "getSync inside a job hands back another worker's job whose module it has not imported",
  { timeout },
  async () => {
    await using pool = new Pool({ workers: 2 });
    await pool.ready;
    const unseen = new URL("../fixtures/unseen.ts", import.meta.url).href;
    for (let i = 0; i < 3; i++) {
      // While worker 1 is held, its nested job can be taken by worker 0 alone, which blocks
      // for the job that comes after.
      const held = pool.runWith({ worker: 1 }, remoteWhileHeld, unseen, "greet", 100);
      const blocked = pool.runWith({ worker: 0 }, nestSync, [[{ worker: 1 }, increment, 1]]);
      assertEquals(await soon(held, "the job handed back"), "Hello, undefined!");
      assertEquals(await soon(blocked, "the job that blocks"), [2]);
    }
  },
);

test(
  "getSync inside a job refuses asynchronous ones that have found no slot",
  { timeout },
  async () => {
    await using pool = new Pool({ workers: 1 });
    const outcome = await soon(pool.run(fillThenBlock, 1100), "the refusal");
    assert(CANNOT.test(String(outcome)), String(outcome));
  },
);

test("getSync of two jobs at once, each on the other's worker, ends", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  await pool.ready;
  for (let i = 0; i < 10; i++) {
    // Each takes what the other begins: sleeps would wait for event loops that are blocked.
    const outcomes = await soon(
      Promise.all([0, 1].map((worker) =>
        pool.runWith({ worker }, nestSyncSettled, [
          [{ worker: 1 - worker }, nestSync, [[{ worker }, busy, 2], [{}, busy, 2]]],
          [{ worker: 1 - worker }, busy, 2],
          ...(i % 2 ? [[{ worker: 1 - worker }, sleep, 5, 1] as const] : []),
        ])
      )),
      "both",
    );
    for (const outcome of outcomes) {
      if (i % 2) assertRefusedOr([[2, 2], 2, 1], outcome);
      else assertEquals(outcome, [[2, 2], 2]);
    }
  }
});

test(
  "getSync's worker takes functions and classes that it has not imported",
  { timeout },
  async () => {
    for (let i = 0; i < 5; i++) {
      await using pool = new Pool({ workers: 2 });
      using gate = new Gate();
      // Both are blocked before either has met these functions as another's.
      const jobs = [0, 1].map((worker) =>
        pool.runWith({ worker }, nestSyncAfter, gate.path, gate.file(`began${worker}`), [
          [{ worker: 1 - worker }, twice, worker],
          [{ worker: 1 - worker }, echo<unknown>, new UnseenThere(worker)],
        ])
      );
      await gate.began("began0");
      await gate.began("began1");
      gate.open();
      const results = await soon(Promise.all(jobs), "both");
      results.forEach((result, worker) => {
        const [pair, instance] = result as [unknown, UnseenThere];
        assertEquals(pair, [worker, worker]);
        assertEquals([instance.constructor, instance.n], [UnseenThere, worker]);
      });
    }
  },
);

for (const workers of [1, 2]) {
  test(`getSync goes 200 jobs deep, on ${workers} workers`, { timeout }, async () => {
    await using pool = new Pool({ workers });
    assertEquals(await soon(pool.run(descendSync, 200), "the bottom"), 200);
  });

  test(
    `getSync refuses to fill the stack, on ${workers} workers`,
    // Chromium's own limit comes first.
    { timeout, skip: RUNTIME === "browser" },
    async () => {
      await using pool = new Pool({ workers });
      const error = await assertRejects(
        () => soon(pool.run(descendSync, 100_000), "the refusal"),
        MulticoreError,
        "Cannot block: ",
      );
      assert(/await task\.get\(\)/.test(error.message), error.message);
      // Nothing is left of it.
      assertEquals(await soon(pool.run(descendSync, 100), "the next"), 100);
      await soon(pool.close(), "the end");
    },
  );
}

test("getSync goes 200 jobs deep between two workers", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  assertEquals(await soon(pool.runWith({ worker: 0 }, pingPongSync, 200), "the bottom"), 200);
});

test("getSync inside a job gives up in time", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  using gate = new Gate();
  const calls = [[{ worker: 1 }, holdUntil, gate.path, gate.file("held")]] as const;
  const began = performance.now();
  const outcome = await soon(pool.runWith({ worker: 0 }, nestSyncSettled, calls, 50), "the end");
  assert(/^TimeoutExceededError/.test(String(outcome)), String(outcome));
  assert(performance.now() - began < 10_000);
});

test("getSync may block a worker in a timer, and other jobs wait for it", { timeout }, async () => {
  await using pool = new Pool({ workers: 1 });
  const job = pool.run(blockLater, 5, [[{}, increment, 1], [{}, echo<string>, "x"]]);
  assertEquals(await soon(job, "the job"), [2, "x"]);
});

test("getSync's worker takes no more of others' jobs once one awaits", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  using gate = new Gate();
  // Worker 0 blocks for what worker 1 holds, and may take the other jobs of worker 1 meanwhile.
  const held = pool.runWith({ worker: 0 }, nestSync, [
    [{ worker: 1 }, nestSync, [
      [{ worker: 1 }, holdUntil, gate.path, gate.file("held")],
      [{}, leaveTrace, gate.file("trace"), "taken"],
    ]],
  ]);
  await gate.began("held");
  gate.open();
  assertEquals(await soon(held, "the result"), [["held", "taken"]]);
  assertEquals(gate.lines("trace"), ["taken"]);
});
