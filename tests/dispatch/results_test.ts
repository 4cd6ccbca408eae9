import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "../../deps.ts";
import { Pool, PoolClosedError } from "../../mod.ts";
import { increment, never, numbersLater } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { soon } from "../support/gate.ts";

const MEBIBYTE = 2 ** 20;

test("Pool delivers an async result that finds no room at first", async () => {
  await using pool = new BriefPool({ workers: 1, memory: { max: MEBIBYTE } });
  // Half a MiB each: the second one and the third find the first one's block in use.
  for (const count of [60_000, 70_000]) {
    const jobs = Array.from({ length: 3 }, () => pool.run(numbersLater, 5, count));
    for (const numbers of await soon(Promise.all(jobs), "the results", 5000)) {
      assertEquals([numbers.length, numbers[0], numbers.at(-1)], [count, 0, (count - 1) / 3]);
    }
  }
});

test("Pool does not let a reason that calls share grow with each of them", async () => {
  await using pool = new BriefPool({ workers: 1 });
  await pool.ready;
  const abort = new AbortController();
  const reason = new Error("shared");
  const stack = reason.stack;
  const calls = Array.from(
    { length: 5000 },
    () => pool.runWith({ signal: abort.signal }, never),
  );
  const settled = Promise.allSettled(calls);
  abort.abort(reason);
  for (const outcome of await soon(settled, "the calls", 10_000)) {
    assert(outcome.status === "rejected" && outcome.reason === reason);
  }
  assertEquals(reason.stack, stack);
});

test("Pool.terminate's error does not grow with each call that it ends", async () => {
  const pool = new Pool({ workers: 1 });
  await pool.ready;
  const calls = Promise.allSettled(Array.from({ length: 1000 }, () => pool.run(never)));
  await pool.terminate();
  const [first] = await calls;
  const { reason } = first as PromiseRejectedResult;
  assert(reason instanceof PoolClosedError);
  assert(reason.stack!.split("\n").length < 50, reason.stack!.slice(0, 3000));
});

test("Task.completed gives each of many calls of next its own result", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  for (let i = 0; i < 300; i++) task.run(increment, i);
  const completed = task.completed();
  const answers = await soon(
    Promise.all(Array.from({ length: 310 }, () => completed.next())),
    "all the answers",
    5000,
  );
  const given = answers.filter((answer) => !answer.done).map((answer) => answer.value);
  given.sort((a, b) => a.index - b.index);
  assertEquals(given, Array.from({ length: 300 }, (_, index) => ({ index, value: index + 1 })));
  await assertRejects(() => task.get());
});
