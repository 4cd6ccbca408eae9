import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "../../deps.ts";
import {
  initialize,
  loadAverage,
  MulticoreError,
  NotSerializableError,
  Pool,
  shutdown,
  Task,
  TaskCompleteError,
  UnregisteredFunctionError,
} from "../../mod.ts";
import { add, echo, fail, increment, sleep, whoami } from "../fixtures/tasks.ts";

test("loadAverage is a number of processors", () => {
  const load = loadAverage();
  assert(Number.isFinite(load) && load >= 0, `${load}`);
});

test("Task.create is null where no pool runs, unless it may run inline", async () => {
  assertEquals(Task.create(), null);
  assertEquals(Task.create({ maxLoadAverage: 1e9 }), null);
  const task = Task.create<number>({ fallback: "inline" });
  task.run(increment, 1);
  assertEquals(await task.get(), [2]);
});

test("Task.create is null where the load is over the limit times the workers", async () => {
  await initialize({ workers: 2 });
  const load = loadAverage();
  assert(Task.create({ maxLoadAverage: load + 10 }) !== null);
  assert(Task.create({ maxLoadAverage: Infinity }) !== null);
  if (load > 0.02) assertEquals(Task.create({ maxLoadAverage: load / 4 }), null);
  assert(Task.create() !== null);
  await shutdown();
});

test("Pool.task takes the guard for its own workers", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<number>({ maxLoadAverage: loadAverage() + 100 });
  task!.run(increment, 1);
  assertEquals(await task!.get(), [2]);
  const load = loadAverage();
  if (load > 0.02) assertEquals(pool.task({ maxLoadAverage: load / 4 }), null);
});

test("Task.create with fallback runs the jobs on the calling thread, with the same meaning", async () => {
  await using pool = new Pool({ workers: 1 });
  const thread = whoami();
  const load = loadAverage();
  const task = load > 0.02
    ? pool.task<unknown>({ maxLoadAverage: load / 4, fallback: "inline" })
    : Task.create<unknown>({ fallback: "inline" });
  const list = [1];
  task.run(whoami);
  task.run(echo<number[]>, list);
  list[0] = 2;
  task.run(sleep<number>, 5, 3);
  task.run(add, 1, 2);
  assertThrows(() => task.run(() => {}), UnregisteredFunctionError);
  assertThrows(() => task.run(echo<unknown>, new WeakMap()), NotSerializableError, "args[0]");
  const results = await task.get();
  assertEquals(results, [thread, [1], 3, 3]);
  assert(results[1] !== list);
  assertThrows(() => task.run(add, 1, 2), TaskCompleteError);
});

test("Task.create with fallback throws what jobs throw from get alone", async () => {
  const task = Task.create<number>({ fallback: "inline" });
  task.run(increment, 1);
  task.run(fail, "inline failure");
  task.run(increment, 2);
  await assertRejects(() => task.get(), Error, "inline failure");
});

test("Task.create with fallback gives results by getSync, completed and settled", async () => {
  const make = () => {
    const task = Task.create<number>({ fallback: "inline" });
    for (let i = 0; i < 3; i++) task.run(increment, i);
    return task;
  };
  assertEquals(make().getSync(), [1, 2, 3]);
  assertEquals(
    (await make().settled()).map((outcome) => outcome.status),
    Array(3).fill("fulfilled"),
  );
  const seen: number[] = [];
  for await (const { index, value } of make().completed()) seen.push(value - index);
  assertEquals(seen, [1, 1, 1]);
  const asynchronous = Task.create<number>({ fallback: "inline" });
  asynchronous.run(sleep<number>, 1, 1);
  assertThrows(() => asynchronous.getSync(), MulticoreError, "Cannot block");
});

test("Task.create refuses options that make no sense", () => {
  assertThrows(() => Task.create({ maxLoadAverage: -1 }), RangeError, "-1");
  assertThrows(() => Task.create({ maxLoadAverage: NaN }), RangeError, "NaN");
  // deno-lint-ignore no-explicit-any
  assertThrows(() => Task.create({ fallback: "outline" } as any), TypeError, "outline");
  // deno-lint-ignore no-explicit-any
  assertThrows(() => Task.create({ maxLoad: 1 } as any), TypeError, "maxLoad");
});
