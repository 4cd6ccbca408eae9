/**
 * Nested jobs that find no slot: they run all the same, and know the same of themselves.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "../../deps.ts";
import { Pool } from "../../mod.ts";
import { bump, echoHandle } from "../fixtures/handles.ts";
import {
  hearsOfAbort,
  importWithoutSlots,
  nestWithoutSlots,
  reportBadly,
  reportBadlyAndListen,
  secondAttempt,
  tellOfItself,
  whoRanThem,
} from "../fixtures/nested_tasks.ts";
import { add, echo, failWithLimit, never, unsendable } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";

const timeout = 60_000;

test("Nested jobs without a slot know their job, and report", {
  timeout,
  // They ask after an await.
  skip: RUNTIME === "browser",
}, async () => {
  await using pool = new Pool({ workers: 1 });
  for (let i = 0; i < 3; i++) {
    const [outcomes, reports] = await soon(
      pool.run(nestWithoutSlots, [[{}, tellOfItself, 5], [{}, add, 1, 2], [{}, reportBadly]]),
      "the jobs",
    );
    assertEquals(outcomes, [[1, 1, 0, true, true], 3, "RangeError: not this"]);
    assertEquals(reports, ["begun", { after: 5 }]);
  }
});

test("Nested jobs without a slot have copies, also of what they throw", { timeout }, async () => {
  await using pool = new Pool({ workers: 1 });
  const list = [new Date(0), { deep: [1n] }, undefined];
  const [outcomes] = await soon(
    pool.run(nestWithoutSlots, [
      [{}, echo<unknown>, list],
      [{ format: "json" }, echo<unknown>, { when: new Date(0) }],
      [{ format: "bytes" }, echo<unknown>, new Uint8Array([1, 2])],
      [{}, failWithLimit, 3],
      [{}, unsendable],
    ]),
    "the jobs",
  );
  assertEquals(outcomes.slice(0, 4), [
    list,
    { when: "1970-01-01T00:00:00.000Z" },
    new Uint8Array([1, 2]),
    "LimitError: over the limit",
  ]);
  assert(String(outcomes[4]).startsWith("NotSerializableError"), String(outcomes[4]));
});

test("Nested jobs without a slot get shared memory itself", { timeout }, async () => {
  await using pool = new Pool({ workers: 1 });
  const cells = new Int32Array(new SharedArrayBuffer(16));
  const calls = Array.from({ length: 20 }, () => [{}, bump, cells, 1] as const);
  await soon(pool.run(nestWithoutSlots, calls), "the jobs");
  assertEquals(cells[1], 20);
  const [[echoed]] = await soon(
    pool.run(nestWithoutSlots, [[{}, echoHandle<unknown>, cells]]),
    "the echo",
  );
  assert((echoed as Int32Array).buffer instanceof SharedArrayBuffer);
  Atomics.store(cells, 1, 7);
  assertEquals((echoed as Int32Array)[1], 7);
});

test(
  "Nested jobs without a slot are given up, told of it, and begun anew",
  { timeout },
  async () => {
    await using pool = new BriefPool({ workers: 1 });
    using gate = new Gate();
    const trace = gate.file("trace");
    const [outcomes] = await soon(
      pool.run(nestWithoutSlots, [
        [{ timeout: 150, retry: 1 }, secondAttempt, trace],
        [{ timeout: 150 }, never],
        [{}, add, 1, 2],
      ]),
      "the jobs",
    );
    assertEquals(outcomes[0], "attempt 2");
    assert(String(outcomes[1]).startsWith("TimeoutExceededError"), String(outcomes[1]));
    assertEquals(outcomes[2], 3);
    assertEquals(gate.lines("trace"), ["TimeoutExceededError"]);
  },
);

test("A nested job without a slot hears at once that it is given up", { timeout }, async () => {
  await using pool = new BriefPool({ workers: 1 });
  assertEquals(await soon(pool.run(hearsOfAbort, {}, true), "the job", 30_000), true);
});

test(
  "Nested jobs without a slot hear that their own report has ended them, and hold no place",
  { timeout },
  async () => {
    await using pool = new BriefPool({ workers: 1 });
    const marks = new Int32Array(new SharedArrayBuffer(4));
    const calls = Array.from({ length: 1100 }, () => [{}, reportBadlyAndListen, marks] as const);
    const [outcomes] = await soon(pool.run(nestWithoutSlots, calls), "the jobs");
    assertEquals(new Set(outcomes), new Set(["RangeError: not this"]));
    assertEquals(await soon(pool.run(add, 1, 2), "a job of the host's"), 3);
    assertEquals(Atomics.load(marks, 0), 1100);
  },
);

test(
  "More nested jobs than there are slots are shared with other workers",
  { timeout },
  async () => {
    await using pool = new Pool({ workers: 2 });
    await pool.ready;
    const counts = await soon(pool.run(whoRanThem, 6000, 0.2), "them all", 50_000);
    assertEquals(counts.reduce((sum, n) => sum + n, 0), 6000);
    // A lane full of them would be a sixth.
    assert(Math.min(...counts) > 1500 && counts.length === 2, counts.join());
  },
);

test("Nested jobs without a slot import what they need", { timeout }, async () => {
  await using pool = new Pool({ workers: 1 });
  const modules = ["unseen", "nowhere", "throws_at_import"].map((name) =>
    new URL(`../fixtures/${name}.ts`, import.meta.url).href
  );
  const outcomes = await soon(pool.run(importWithoutSlots, modules), "the jobs");
  assertEquals(outcomes[0], "Hello, you!");
  for (const outcome of outcomes.slice(1)) assertMatch(String(outcome), /^TaskNotFoundError: /);
});
