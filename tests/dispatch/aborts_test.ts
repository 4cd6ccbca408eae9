import { test } from "node:test";
import { assertEquals, assertThrows } from "../../deps.ts";
import { Pool } from "../../mod.ts";
import { whenAborted } from "../../src/dispatch/aborts.ts";
import { increment, never } from "../fixtures/tasks.ts";
import { soon } from "../support/gate.ts";

/** A signal that counts its listeners. */
function counted() {
  const abort = new AbortController();
  const { signal } = abort;
  const counts = { now: 0, added: 0 };
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    counts.now++;
    counts.added++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    counts.now--;
    remove(...args);
  };
  return { abort, signal, counts };
}

test("whenAborted gives all callbacks the reason, in order, but those that were taken back", () => {
  const { abort, signal, counts } = counted();
  const told: unknown[] = [];
  const forgets = [1, 2, 3, 4].map((n) => whenAborted(signal, (reason) => told.push([n, reason])));
  forgets[1]!();
  forgets[1]!();
  assertEquals([counts.added, counts.now], [1, 1]);
  abort.abort("reason");
  assertEquals(told, [[1, "reason"], [3, "reason"], [4, "reason"]]);
  for (const forget of forgets) forget();
  assertEquals(told.length, 3);
});

test("whenAborted listens again after the last callback was taken back", () => {
  const { abort, signal, counts } = counted();
  whenAborted(signal, () => {})();
  assertEquals(counts, { now: 0, added: 1 });
  let reason: unknown;
  whenAborted(signal, (it) => (reason = it));
  abort.abort("reason");
  assertEquals([reason, counts.added], ["reason", 2]);
});

test("whenAborted does not call what comes while the others are called", () => {
  const { abort, signal } = counted();
  const told: number[] = [];
  whenAborted(signal, () => {
    told.push(1);
    whenAborted(signal, () => told.push(3));
  });
  whenAborted(signal, () => told.push(2));
  abort.abort();
  assertEquals(told, [1, 2]);
});

test("whenAborted calls the others where one throws, and reports its error", () => {
  const { abort, signal } = counted();
  const told: number[] = [];
  whenAborted(signal, () => {
    throw new Error("of one");
  });
  whenAborted(signal, () => told.push(2));
  const { queueMicrotask } = globalThis;
  let report = () => {};
  globalThis.queueMicrotask = (callback) => (report = callback);
  try {
    abort.abort();
  } finally {
    globalThis.queueMicrotask = queueMicrotask;
  }
  assertEquals(told, [2]);
  assertThrows(report, Error, "of one");
});

test("Task.get and Pool.map share one listener for each signal, and forget it", async () => {
  await using pool = new Pool({ workers: 1 });
  const { signal, counts } = counted();
  const tasks = Array.from({ length: 50 }, (_, i) => {
    return pool.task<number>().run(increment, i).get({ signal });
  });
  const maps = Array.from({ length: 50 }, (_, i) => pool.map(increment, [i], { signal }));
  assertEquals(counts, { now: 1, added: 1 });
  const expected = Array.from({ length: 50 }, (_, i) => [i + 1]);
  assertEquals(await Promise.all(tasks), expected as [number][]);
  assertEquals(await Promise.all(maps), expected);
  assertEquals(counts.now, 0);
});

test("Task.get, Task.settled and Pool.map of one signal all reject with its reason", async () => {
  await using pool = new Pool({ workers: 1 });
  const abort = new AbortController();
  const { signal } = abort;
  const all = [
    ...Array.from({ length: 5 }, () => pool.task().run(never).get({ signal })),
    ...Array.from({ length: 5 }, () => pool.task().run(never).settled({ signal })),
    ...Array.from({ length: 5 }, () => pool.map(never, [1], { signal })),
    pool.runWith({ signal }, never),
  ];
  const outcomes = Promise.all(all.map((one) => one.catch((error) => error)));
  const reason = new Error("enough");
  abort.abort(reason);
  assertEquals((await soon(outcomes, "the abort")).map((it) => it === reason), all.map(() => true));
  await soon(pool.terminate(), "the end");
});
