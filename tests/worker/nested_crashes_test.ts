/**
 * Deaths in the middle of nested work, of those who run nested jobs and of those
 * who have begun them.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "../../deps.ts";
import { Pool, WorkerCrashedError } from "../../mod.ts";
import {
  type Call,
  exitAwaited,
  exitUnread,
  exitUnreported,
  exitUntold,
  fib,
  fibSync,
  nest,
  nestAndExit,
  nestAndHold,
  nestSettled,
  nestSync,
  nestSyncSettled,
} from "../fixtures/nested_tasks.ts";
import {
  add,
  busy,
  exitLater,
  exitProcess,
  holdUntil,
  increment,
  leaveTrace,
  makeBytes,
  whoami,
} from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon, until } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";
import { Random, seed } from "../support/random.ts";

const timeout = 60_000;
/** Options of tests in which a worker that blocks needs another that begins meanwhile. */
const blocksMeanwhile = { timeout, skip: RUNTIME === "browser" };
const NESTS: ((calls: readonly Call[]) => unknown[] | Promise<unknown[]>)[] = [nest, nestSync];
/** tests/pool/crew_test.ts has more of them than there are runner numbers, without threads. */
const DEATHS = 25;
const CRASHED = /^WorkerCrashedError: Cannot finish exitProcess of /;

test("A worker that dies in a nested job fails that job alone", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  await pool.ready;
  for (let i = 0; i < 3; i++) {
    const calls: Call[] = Array.from({ length: 20 }, (_, n) => [{}, add, n, n]);
    calls.splice(10, 0, [{ worker: 1 }, exitProcess, 3]);
    calls.push([{ worker: 1 }, add, 100, 1]);
    const outcomes = await soon(pool.runWith({ worker: 0 }, nestSettled, calls), "all");
    const [error] = outcomes.splice(10, 1);
    assert(CRASHED.test(String(error)), String(error));
    // The last one waited for the worker that died, and got the next in its place.
    assertEquals(outcomes, [...Array.from({ length: 20 }, (_, n) => 2 * n), 101]);
  }
  assertEquals(pool.stats().crashes, 3);
});

test(
  "A worker that dies in a nested job is heard of by one that blocks",
  blocksMeanwhile,
  async () => {
    await using pool = new Pool({ workers: 2 });
    await pool.ready;
    for (let i = 0; i < 3; i++) {
      const calls = [[{ worker: 1 }, exitProcess, 3], [{ worker: 1 }, add, 1, 2]] as const;
      const error = await soon(pool.runWith({ worker: 0 }, nestSyncSettled, calls), "the failure");
      assert(CRASHED.test(String(error)), String(error));
      const [sum] = await soon(
        pool.runWith({ worker: 0 }, nestSync, [[{ worker: 1 }, add, 1, 2]]),
        "the sum",
      );
      assertEquals(sum, 3);
    }
  },
);

test(
  "A worker that dies takes along what it had begun of others, and that alone",
  { timeout },
  async () => {
    await using pool = new Pool({ workers: 2 });
    await pool.ready;
    const dying = pool.runWith({ worker: 1 }, exitLater, 150).catch((error) => error);
    const outcomes = await soon(
      pool.runWith({ worker: 0 }, nestSettled, [
        [{ worker: 1 }, exitLater, 60_000],
        [{ worker: 0 }, busy, 300],
        [{ worker: 1, retry: 1 }, increment, 1],
      ]),
      "all",
    );
    assertInstanceOf(await dying, WorkerCrashedError);
    assert(/^WorkerCrashedError: Cannot finish exitLater/.test(String(outcomes[0])));
    assertEquals(outcomes.slice(1), [300, 2]);
  },
);

test("A worker that dies takes its own nested jobs along, begun or not", { timeout }, async () => {
  await using pool = new BriefPool({ workers: 2 });
  await pool.ready;
  using gate = new Gate();
  const trace = gate.file("trace");
  const calls: Call[] = [
    [{ worker: 1 }, holdUntil, gate.path, gate.file("held")],
    ...Array.from({ length: 30 }, (_, i): Call => [{ worker: 1 }, leaveTrace, trace, `${i}`]),
    ...Array.from({ length: 30 }, (_, i): Call => [{}, leaveTrace, trace, `${i}`]),
  ];
  const outer = pool.runWith({ worker: 0 }, nestAndExit, calls, gate.file("held"));
  await assertRejects(() => soon(outer, "the crash"), WorkerCrashedError, "nestAndExit");
  // The pool goes on, the one that still runs an orphan included, and nobody takes the other orphans.
  assertEquals(await soon(pool.runWith({ worker: 0 }, increment, 1), "the new worker"), 2);
  const next = pool.runWith({ worker: 1 }, increment, 2);
  gate.open();
  assertEquals(await soon(next, "the thief"), 3);
  assertEquals(await soon(pool.run(fib, 12), "nested work"), 144);
  assertEquals(gate.lines("trace"), []);
  assertEquals(pool.stats().pending, 0);
});

test("Orphans that never end hold up neither the pool nor its end", { timeout }, async () => {
  const pool = new Pool({ workers: 2 });
  await pool.ready;
  using gate = new Gate();
  for (let i = 0; i < 3; i++) {
    const began = gate.file(`began${i}`);
    const calls: Call[] = [
      ...Array.from({ length: 500 }, (): Call => [{ worker: 1 }, exitLater, 600_000]),
      [{ worker: 1 }, leaveTrace, began, "began"],
    ];
    const outer = pool.runWith({ worker: 0 }, nestAndExit, calls, began);
    await assertRejects(() => soon(outer, "the crash"), WorkerCrashedError);
  }
  for (let i = 0; i < 3; i++) {
    assertEquals(await soon(pool.runWith({ worker: 1 }, increment, i), "a job"), i + 1);
    assertEquals(await soon(pool.runWith({ worker: 1 }, fib, 10), "nested work"), 55);
  }
  await soon(pool.close(), "the end");
});

test(
  "Nested work goes on through deaths that its owner does not look at",
  { timeout },
  async () => {
    await using pool = new BriefPool({ workers: 2 });
    await pool.ready;
    using gate = new Gate();
    // Worker 0 has jobs in its lane throughout, and looks at none of them while it is held.
    const outer = pool.runWith(
      { worker: 0 },
      nestAndHold,
      [[{ worker: 1 }, add, 1, 2], [{ worker: 1 }, add, 3, 4], [{}, makeBytes, 1000, 1]],
      gate.path,
      gate.file("held"),
    );
    await gate.began("held");
    for (let i = 0; i < DEATHS; i++) {
      const crash = pool.runWith({ worker: 1 }, exitProcess, 1);
      await assertRejects(() => soon(crash, `crash ${i}`), WorkerCrashedError);
    }
    gate.open();
    assertEquals(await soon(outer, "the nested jobs"), [3, 7, makeBytes(1000, 1)]);
    assertEquals(pool.stats().crashes, DEATHS);
    assertEquals(await soon(pool.run(fib, 12), "more of them"), 144);
  },
);

test("Nested jobs settle once each while workers die around them", { timeout }, async () => {
  const random = new Random(seed("nested deaths"));
  await using pool = new Pool({ workers: 3 });
  const outers = Array.from({ length: 40 }, async (_, i) => {
    if (i % 8 === 3) {
      const dying = pool.run(exitProcess, i);
      return assertInstanceOf(await dying.catch((error) => error), WorkerCrashedError);
    }
    const size = 20 + random.below(200);
    const dies = i % 8 === 5 ? random.below(size) : -1;
    const calls: Call[] = Array.from(
      { length: size },
      (_, n) => n === dies ? [{}, exitProcess, n] : [{ retry: 100 }, increment, n],
    );
    for (;;) {
      try {
        // Whoever runs the outer job may die of another one.
        const outcomes = await pool.run(nestSettled, calls);
        outcomes.forEach((it, n) => {
          if (n !== dies) assertEquals(it, n + 1);
          else assert(CRASHED.test(String(it)), String(it));
        });
        return;
      } catch (error) {
        assertInstanceOf(error, WorkerCrashedError);
        // It died of its own: by its own hand, or another's.
        if (dies >= 0) return;
      }
    }
  });
  await soon(Promise.all(outers), "all of them", 50_000);
  assertEquals(pool.stats().pending, 0);
  assertEquals(pool.stats().memory.used, 0);
  assertEquals(await soon(pool.run(fibSync, 15), "the next"), 610);
});

test("A worker that was replaced is known to those who begin jobs later", { timeout }, async () => {
  await using pool = new Pool({ workers: 3 });
  await pool.ready;
  for (let i = 0; i < 6; i++) {
    const dead = i % 3;
    await assertRejects(() => pool.runWith({ worker: dead }, exitProcess, 1), WorkerCrashedError);
    const asker = (dead + 1) % 3;
    const [thread] = await soon(
      pool.runWith({ worker: asker }, NESTS[i % 2]!, [
        [{ worker: dead }, whoami],
      ]),
      "the new worker",
    );
    assertEquals(thread, await pool.runWith({ worker: dead }, whoami));
    // And the other way round.
    const [other] = await soon(
      pool.runWith({ worker: dead }, nest, [[{ worker: asker }, whoami]]),
      "an older one",
    );
    assertEquals(other, await pool.runWith({ worker: asker }, whoami));
  }
  await until(() => pool.stats().workers.every(({ state }) => state !== "starting"), "all workers");
});

test("Results that a dead worker has not read take up no room", { timeout }, async () => {
  await using pool = new Pool({ workers: 2, memory: { initial: 4096, max: 70_000 } });
  await pool.ready;
  for (const [count, length] of [[1, 60_000], [1, 60_000], [20, 3000], [3, 60_000]] as const) {
    const dying = pool.runWith({ worker: 1 }, exitUnread, 0, length, count);
    await assertRejects(() => soon(dying, "the death"), WorkerCrashedError);
    const bytes = await soon(pool.runWith({ worker: 0 }, makeBytes, 60_000, 7), "a result");
    assertEquals([bytes.length, bytes[0]], [60_000, makeBytes(60_000, 7)[0]]);
    // The one that has died is followed by another one, which does such jobs as well.
    assertEquals(await soon(pool.runWith({ worker: 1 }, increment, 1), "the next worker"), 2);
  }
});

test("A result that its owner did not live to see takes up no room", blocksMeanwhile, async () => {
  using gate = new Gate();
  await using pool = new Pool({ workers: 2, memory: { initial: 4096, max: 70_000 } });
  await pool.ready;
  for (let i = 0; i < 3; i++) {
    const dying = pool.runWith({ worker: 1 }, exitAwaited, 1, 0, gate.file(`encodes ${i}`), 50_000);
    await assertRejects(() => soon(dying, "the death"), WorkerCrashedError);
    const bytes = await soon(pool.runWith({ worker: 0 }, makeBytes, 60_000, 7), "a result");
    assertEquals(bytes.length, 60_000);
  }
});

for (
  const [what, exit] of [["Reports", exitUnreported], ["A put-off result", exitUntold]] as const
) {
  test(`${what} of a job whose owner has died take up no room`, { timeout }, async () => {
    await using pool = new Pool({ workers: 2, memory: { initial: 4096, max: 70_000 } });
    await pool.ready;
    for (let i = 0; i < 3; i++) {
      const dying = pool.runWith({ worker: 1 }, exit, 0, 50_000);
      await assertRejects(() => soon(dying, "the death"), WorkerCrashedError);
      const bytes = await soon(pool.runWith({ worker: 0 }, makeBytes, 60_000, 7), "a result");
      assertEquals(bytes.length, 60_000);
    }
  });
}
