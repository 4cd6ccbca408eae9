/**
 * What is refused before anything happens: each with what was given and the way out.
 *
 * @module
 */
import { test } from "node:test";
import { closure, type JobOptions, Pool, type PoolOptions, register, Task } from "../../mod.ts";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import { increment } from "../fixtures/tasks.ts";

const refused: [given: unknown, message: string][] = [
  [{ name: 5 }, "Cannot use name 5: it must be a string"],
  [{ preload: "./users.ts" }, 'Cannot use preload "./users.ts": it must be an array'],
  [{ preload: ["./users.ts"] }, 'Cannot preload "./users.ts": pass an absolute URL'],
  [{ worker: "./worker.ts" }, 'Cannot use worker "./worker.ts": pass an absolute URL'],
  [{ traceId: 5 }, "Cannot use traceId 5: it must be a function"],
];
const nulls: [given: unknown, message: string][] = [
  [{ workers: null }, "Cannot use workers null: it must be an integer from 1"],
  [{ name: null }, "Cannot use name null: it must be a string"],
  [{ preload: null }, "Cannot use preload null: it must be an array"],
  [{ closures: null }, "Cannot use closures null: it must be true or false"],
  [{ lazy: null }, "Cannot use lazy null: it must be true or false"],
  [{ setup: null }, "Cannot use setup null: it must be a function"],
  [{ traceId: null }, "Cannot use traceId null: it must be a function"],
  [{ worker: null }, "Cannot use worker null: pass an absolute URL"],
  [{ timeout: null }, "Cannot use timeout null: it must be a number of milliseconds"],
  [{ retry: null }, "Cannot use retry null: it must be an integer from 0"],
  [{ permissions: null }, "Cannot use permissions null"],
  [{ memory: null }, "Cannot use null as options of Pool's memory"],
  [{ memory: { initial: null } }, "Cannot use memory.initial null: it must be an integer from 0"],
  [
    { memory: { initial: 8192, max: 4096 } },
    "Cannot use memory.initial 8192: it must be an integer",
  ],
  [{ memory: { max: null } }, "Cannot use memory.max null: it must be an integer from 4096"],
  [{ queue: { capacity: null } }, "Cannot use queue.capacity null: it must be an integer from 1"],
  [{ queue: { whenFull: null } }, "Cannot use queue.whenFull null: it must be one of wait"],
  [{ idle: { spin: null } }, "Cannot use idle.spin null: it must be a number"],
  [{ idle: { block: null } }, "Cannot use idle.block null: it must be a number"],
  [null, "Cannot use null as options of Pool: pass an object"],
];
for (const [given, message] of nulls) {
  test(`Pool takes null for no default in ${JSON.stringify(given)}`, () => {
    assertThrows(() => new Pool(given as PoolOptions), Error, message);
  });
}

test("a Task without options says that it takes none", async () => {
  await using pool = new Pool({ workers: 1, lazy: true });
  // deno-lint-ignore no-explicit-any
  const options: any = { maxLoadAverage: 0 };
  assertThrows(() => new Task(options, pool.task() as never), TypeError, "it takes none");
});

test("Pool.iter refuses more numbers than can be told apart", async () => {
  await using pool = new Pool({ workers: 1, lazy: true });
  assertThrows(() => pool.iter(2 ** 60), RangeError, "numbers are exact up to 9007199254740991");
  pool.iter(Number.MAX_SAFE_INTEGER);
});

test("Pool takes undefined for each default", async () => {
  const none = { closures: undefined, name: undefined, preload: undefined, queue: undefined };
  await using pool = new Pool(
    { workers: 1, lazy: true, memory: undefined, ...none } as PoolOptions,
  );
  assertEquals(await pool.run(closure((n: number) => n), 1), 1);
});

test("Pool.stream takes null for no default", () => {
  const pool = new Pool({ workers: 1, lazy: true });
  const options = { ordered: null as unknown as boolean };
  assertThrows(() => pool.stream(increment, [1], options), TypeError, "Cannot use ordered null");
  void pool.close();
});

test("An array is no object of options, wherever there are any", async () => {
  // deno-lint-ignore no-explicit-any
  const array: any = [];
  assertThrows(() => new Pool(array), TypeError, "Cannot use [] as options of Pool: pass an");
  assertThrows(() => new Pool({ memory: array }), TypeError, "[] as options of Pool's memory");
  await using pool = new Pool({ workers: 1, lazy: true });
  const calls = [
    () => pool.runWith(array, increment, 1),
    () => pool.map(increment, [1], array),
    () => pool.stream(increment, [1], array),
    () => pool.task(array),
    () => pool.task().runWith(array, increment, 1),
    () => pool.task().get(array),
    () => Task.create(array),
  ];
  for (const call of calls) {
    await assertRejects(async () => await call(), TypeError, "Cannot use [] as options of");
  }
});

for (const [given, message] of refused) {
  test(`Pool refuses ${JSON.stringify(given)}`, () => {
    assertThrows(() => new Pool(given as PoolOptions), TypeError, message);
  });
}

test("closure refuses to capture what is no name of a variable", () => {
  assertThrows(() => closure(() => 1, { "a-b": 1 }), TypeError, 'Cannot capture "a-b"');
});

test("register refuses what is no function", () => {
  const members = { answer: 42 } as unknown as Record<string, () => void>;
  assertThrows(() => register("file:///m.ts", members), TypeError, "Cannot register answer of");
});

test("register refuses what is no module, and what is no object of members", () => {
  // deno-lint-ignore no-explicit-any
  const register_ = register as any;
  const wayOut = ": pass import.meta.url, or another absolute URL";
  const modules: [given: unknown, shown: string][] = [
    [null, "null"],
    [undefined, "undefined"],
    [5, "5"],
    [[], "[]"],
    [Object.create(null), "an object (something that cannot be shown)"],
    [{ url: null }, "null"],
  ];
  for (const [given, shown] of modules) {
    const message = `Cannot register functions of ${shown}${wayOut}`;
    assertThrows(() => register_(given, { increment }), TypeError, message);
  }
  const members: [given: unknown, shown: string][] = [
    [null, "null"],
    [undefined, "undefined"],
    [5, "5"],
    ["abc", '"abc"'],
    [[increment], "["],
    [increment, "function increment"],
  ];
  for (const [given, shown] of members) {
    const error = assertThrows(() => register_("file:///m.ts", given), TypeError);
    assertStringIncludes(error.message, `Cannot register ${shown}`);
    assertStringIncludes(error.message, " as members of file:///m.ts: pass an object of functions");
  }
});

test("Pool.runWith refuses to go without options", async () => {
  await using pool = new Pool({ workers: 1, lazy: true });
  const none = undefined as unknown as JobOptions;
  await assertRejects(
    async () => await pool.runWith(none, increment, 1),
    TypeError,
    "Cannot use undefined as options of runWith",
  );
});

test("Pool.stream refuses what cannot be iterated over", async () => {
  await using pool = new Pool({ workers: 1, lazy: true });
  const input = 5 as unknown as number[];
  await assertRejects(
    async () => {
      for await (const _ of pool.stream(increment, input)) assert(false);
    },
    TypeError,
    "5",
  );
});

test("Pool.task gives null once the pool is closed, to whoever asks for the load", async () => {
  const pool = new Pool({ workers: 1, lazy: true });
  await pool.close();
  assertEquals(pool.task({ maxLoadAverage: 1 }), null);
  assertThrows(() => pool.task(), Error, "closed");
});
