import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import { MulticoreError, Pool, TaskCompleteError, TimeoutExceededError } from "../../mod.ts";
import {
  add,
  echo,
  fail,
  failLater,
  holdUntil,
  increment,
  leaveTrace,
  never,
  sleep,
} from "../fixtures/tasks.ts";
import { Gate, soon } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";
import { Random, seed } from "../support/random.ts";

test("Task.get gives results in the order of run, whatever finishes first", async () => {
  const random = new Random(seed("order"));
  await using pool = new Pool({ workers: 2 });
  const task = pool.task<number>();
  const expected = Array.from({ length: 300 }, (_, i) => i);
  for (const i of expected) {
    if (random.below(3) === 0) task.run(sleep<number>, random.below(20), i);
    else task.run(echo<number>, i);
  }
  assertEquals(await task.get(), expected);
});

test("Task.get of an empty task is empty", async () => {
  await using pool = new Pool({ workers: 1 });
  assertEquals(await pool.task().get(), []);
  assertEquals(await pool.task().settled(), []);
  assertEquals(pool.task().getSync(), []);
  for await (const _ of pool.task().completed()) throw new Error("there was none");
});

test("Task.get completes the task", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  task.run(increment, 1);
  const results = task.get();
  assertThrows(() => task.run(increment, 1), TaskCompleteError);
  assertEquals(await results, [2]);
  assertThrows(() => task.run(increment, 1), TaskCompleteError);
  await assertRejects(() => task.get(), TaskCompleteError);
  await assertRejects(() => task.settled(), TaskCompleteError);
  assertThrows(() => task.getSync(), TaskCompleteError);
  assertThrows(() => task.completed(), TaskCompleteError);
});

test("Task.get throws the first failure in the order of run, after all have settled", async () => {
  await using pool = new Pool({ workers: 2 });
  const task = pool.task<number>();
  task.run(sleep<number>, 50, 0);
  task.run(failLater, 40, "first in order");
  task.run(fail, "first in time");
  task.run(sleep<number>, 60, 3);
  await assertRejects(() => task.get(), Error, "first in order");
  assertEquals(pool.stats().pending, 0);
});

test("Task.get hears of an exception at once", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.run(increment, 1);
  const task = pool.task();
  task.run(fail, "now");
  const began = performance.now();
  await assertRejects(() => task.get(), Error, "now");
  assertLess(performance.now() - began, 1000);
});

test("Task.settled tells what became of each, as Promise.allSettled", async () => {
  await using pool = new Pool({ workers: 2 });
  const task = pool.task<number>();
  task.run(increment, 1);
  task.run(fail, "no");
  task.run(increment, 2);
  const [first, second, third] = await task.settled();
  assertEquals(first, { status: "fulfilled", value: 2 });
  assertEquals(second!.status, "rejected");
  assertEquals((second as PromiseRejectedResult).reason.message, "no");
  assertEquals(third, { status: "fulfilled", value: 3 });
});

test("Task.completed gives results as they finish, with their index", async () => {
  await using pool = new Pool({ workers: 2 });
  using gate = new Gate();
  const task = pool.task<string>();
  task.run(holdUntil, gate.path, gate.file("held"));
  await gate.began("held");
  task.run(echo<string>, "one");
  task.run(echo<string>, "two");
  const seen: [number, string][] = [];
  for await (const { index, value } of task.completed()) {
    seen.push([index, value]);
    if (seen.length === 2) {
      gate.open();
      task.run(echo<string>, "added meanwhile");
    }
  }
  assertEquals(seen.slice(0, 2), [[1, "one"], [2, "two"]]);
  assertEquals(seen.slice(2).sort(), [[0, "held"], [3, "added meanwhile"]]);
  assertThrows(() => task.run(echo<string>, "late"), TaskCompleteError);
});

test("Task.completed has nothing more to give once it was left", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  for (let i = 0; i < 3; i++) task.run(add, i, 1);
  const completed = task.completed();
  assertEquals((await completed.next()).done, false);
  const asked = completed.next();
  assertEquals((await completed.return!()).done, true);
  await asked.catch(() => {});
  assertEquals(await completed.next(), { done: true, value: undefined });
  assertEquals(await completed.next(), { done: true, value: undefined });
});

test("Task.completed throws a job's error when its turn comes, and goes on after it", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  task.run(increment, 0);
  task.run(fail, "second");
  task.run(increment, 2);
  const completed = task.completed();
  assertEquals(await completed.next(), { done: false, value: { index: 0, value: 1 } });
  await assertRejects(() => completed.next(), Error, "second");
  assertEquals(await completed.next(), { done: false, value: { index: 2, value: 3 } });
  assertEquals((await completed.next()).done, true);
});

test("Task.completed answers several calls of next that wait at a time", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  for (let i = 0; i < 3; i++) task.run(sleep<number>, 20, i);
  const completed = task.completed();
  const answers = await soon(
    Promise.all([completed.next(), completed.next(), completed.next(), completed.next()]),
    "four answers",
    3000,
  );
  assertEquals(answers.map((answer) => answer.done), [false, false, false, true]);
  assertEquals(answers.slice(0, 3).map((answer) => answer.value.index).sort(), [0, 1, 2]);
});

test("Task.completed gives up what is not done when its loop is left", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const task = pool.task<string>();
  task.run(echo<string>, "first");
  task.run(holdUntil, gate.path, gate.file("held"));
  task.run(leaveTrace<string>, gate.file("trace"), "ran");
  for await (const { value } of task.completed()) {
    assertEquals(value, "first");
    await gate.began("held");
    break;
  }
  gate.open();
  await pool.run(increment, 1);
  assertEquals(gate.lines("trace"), []);
});

test("Task.get gives up what is not done when its timeout is over", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const task = pool.task<unknown>();
  task.run(holdUntil, gate.path, gate.file("held"));
  task.run(leaveTrace<string>, gate.file("trace"), "ran");
  await gate.began("held");
  const began = performance.now();
  await assertRejects(() => task.get({ timeout: 30 }), TimeoutExceededError, "30 ms");
  assertLess(performance.now() - began, 2000);
  gate.open();
  await pool.run(increment, 1);
  assertEquals(gate.lines("trace"), []);
});

test("Task.get gives up when its signal is aborted, with the signal's reason", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task();
  task.run(never);
  const abort = new AbortController();
  const results = task.get({ signal: abort.signal });
  const reason = new Error("enough");
  abort.abort(reason);
  assertEquals(await assertRejects(() => soon(results, "the abort")), reason);

  const other = pool.task();
  other.run(never);
  await assertRejects(() => other.get({ signal: AbortSignal.abort() }), DOMException);
  // Jobs that never end hold no close back once they are given up.
  await soon(pool.terminate(), "the end");
});

test("Task.get within its timeout gives the results", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  task.run(sleep<number>, 20, 1);
  assertEquals(await task.get({ timeout: 10_000 }), [1]);
});

test("Task.getSync blocks until all are done", async () => {
  await using pool = new Pool({ workers: 2 });
  const task = pool.task<number>();
  for (let i = 0; i < 100; i++) task.run(i % 10 === 0 ? sleep<number> : add, i, 1);
  let turned = false;
  setTimeout(() => turned = true, 0);
  const results = task.getSync();
  assertEquals(turned, false);
  assertEquals(results, Array.from({ length: 100 }, (_, i) => i % 10 === 0 ? 1 : i + 1));
});

test("Task.getSync throws as get does", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  task.run(increment, 1);
  task.run(fail, "in sync");
  assertThrows(() => task.getSync(), Error, "in sync");
});

test("Task.getSync gives up when its timeout is over", async () => {
  const pool = new Pool({ workers: 1 });
  const task = pool.task();
  task.run(never);
  const began = performance.now();
  assertThrows(() => task.getSync({ timeout: 50 }), TimeoutExceededError, "50 ms");
  const time = performance.now() - began;
  assert(time >= 49 && time < 2000, `${time} ms`);
  await pool.terminate();
});

test("Task.getSync refuses to wait for workers that cannot start meanwhile", {
  skip: RUNTIME !== "browser",
}, async () => {
  await using pool = new Pool({ workers: 2 });
  const early = pool.task<number>();
  early.run(increment, 1);
  const error = assertThrows(() => early.getSync(), MulticoreError, "Cannot block this thread: ");
  await pool.ready;
  const task = pool.task<number>();
  task.run(increment, 1);
  assertEquals(task.getSync(), [2]);
  assertStringIncludes(error.message, "await the pool's ready first");
});

test("Task.getSync between awaits leaves the pool working", async () => {
  await using pool = new Pool({ workers: 1 });
  for (let i = 0; i < 20; i++) {
    const first = pool.run(sleep<number>, 1, i);
    const task = pool.task<number>();
    task.run(increment, i);
    if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    assertEquals(task.getSync(), [i + 1]);
    assertEquals(await soon(first, "the job from before getSync"), i);
  }
});

test("Task.run a million times in one task", { timeout: 60_000 }, async () => {
  await using pool = new Pool({ workers: 2 });
  await pool.ready;
  const task = pool.task<number>();
  for (let i = 0; i < 1_000_000; i++) task.run(increment, i);
  assertEquals(task.size, 1_000_000);
  const results = await task.get();
  assertEquals(results.length, 1_000_000);
  let wrong = -1;
  for (let i = 0; i < results.length; i++) if (results[i] !== i + 1) wrong = i;
  assertEquals(wrong, -1);
});

test("Task.runWith refuses options that make no sense", async () => {
  await using pool = new Pool({ workers: 2 });
  const task = pool.task<number>();
  const bad: [object, string][] = [
    [{ worker: 2 }, "worker 2"],
    [{ timeout: -1 }, "timeout -1"],
    [{ priority: "urgent" }, '"urgent"'],
    [{ format: "xml" }, '"xml"'],
    [{ retry: 0.5 }, "retry 0.5"],
    [{ borrow: 1 }, "borrow 1"],
    [{ signal: {} }, "AbortSignal"],
    [{ timout: 5 }, "timout"],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => task.runWith(options, increment, 1), Error, message);
    await assertRejects(() => pool.runWith(options, increment, 1), Error, message);
  }
  assertEquals(task.size, 0);
});

test("Task.get inside a call that is then refused ends", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  let results: Promise<number[]> | undefined;
  const argument = {
    get value(): number {
      results = task.get();
      throw new Error("refused");
    },
  };
  assertThrows(() => task.run(echo as (value: unknown) => number, argument));
  assertEquals(await soon(results!, "the results"), []);
});

test("Task.completed that waits inside a call that is then refused ends", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>();
  let next: Promise<IteratorResult<unknown>> | undefined;
  const argument = {
    get value(): number {
      next = task.completed().next();
      throw new Error("refused");
    },
  };
  assertThrows(() => task.run(echo as (value: unknown) => number, argument));
  assertEquals((await soon(next!, "the end")).done, true);
});

test("Task.getSync refuses to block the call that it would wait for", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<{ value: string }>();
  const argument = {
    get value(): string {
      assertThrows(() => task.getSync(), MulticoreError, "just being read");
      return "read";
    },
  };
  task.run(echo<{ value: string }>, argument);
  assertEquals(await task.get(), [{ value: "read" }]);
});

test("Task forgets jobs for whose submission the stack had no room", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  const task = pool.task<unknown>();
  let accepted = 0;
  let refused = 0;
  const descend = (): void => {
    try {
      descend();
    } catch {
      // Here the stack is full; it is a little less so in each caller.
    }
    if (accepted + refused >= 300) return;
    try {
      task.run(echo, { n: 1 });
      accepted++;
    } catch {
      refused++;
    }
  };
  try {
    descend();
  } catch {
    // Full at its very beginning.
  }
  const outcomes = await soon(task.settled(), "the outcomes");
  assert(outcomes.length >= accepted, `${outcomes.length} of ${accepted}`);
});
