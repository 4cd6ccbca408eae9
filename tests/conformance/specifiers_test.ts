import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import {
  MulticoreError,
  Pool,
  ranges,
  register,
  TaskNotFoundError,
  UnregisteredFunctionError,
} from "../../mod.ts";
import { greet } from "../fixtures/awaits_at_top.ts";
import {
  callWith,
  count,
  doubleMoney,
  increment,
  items,
  Money,
  rendezvous,
  sleep,
  sumItems,
  thenable,
  timesLoaded,
  whoami,
} from "../fixtures/tasks.ts";

const MISSING = new URL("../fixtures/does_not_exist.ts", import.meta.url);
const BROKEN = new URL("../fixtures/throws_at_import.ts", import.meta.url);
const OTHER = new URL("../fixtures/other_exports.ts", import.meta.url);

/** A function that claims to be an export of a module. */
function claim(module: URL, name: string): () => unknown {
  const fn = () => {};
  register(module, { [name]: fn });
  return fn;
}

test("register lets workers see the module's scope", async () => {
  await using pool = new Pool({ workers: 2 });
  const task = pool.task<number>();
  for (const [start, end] of ranges(items, 0, 7)) task.run(sumItems, start, end);
  const sum = (await task.get()).reduce((total, part) => total + part, 0);
  assertEquals(sum, items.reduce((total, n) => total + n, 0));
});

test("register has each module imported once per worker", async () => {
  await using pool = new Pool({ workers: 2 });
  await pool.ready;
  const calls = [0, 1].flatMap((worker) =>
    Array.from({ length: 20 }, () => [
      pool.runWith({ worker }, timesLoaded),
      pool.runWith({ worker }, count),
    ]).flat()
  );
  await Promise.all(calls);
  for (const worker of [0, 1]) {
    assertEquals(await pool.runWith({ worker }, timesLoaded), 1);
    assertEquals((await pool.runWith({ worker }, count)).count, 21);
  }
});

test("register takes modules that await at their top level", async () => {
  await using pool = new Pool({ workers: 1 });
  const names = await Promise.all(["Ada", "Grace", "Edsger"].map((name) => pool.run(greet, name)));
  assertEquals(names, ["Ada loaded", "Grace loaded", "Edsger loaded"]);
});

test("register lets async functions be several in flight in one worker", async () => {
  await using pool = new Pool({ workers: 1 });
  const most = await Promise.all(Array.from({ length: 10 }, () => pool.run(rendezvous, 10)));
  assertEquals(Math.max(...most), 10);
});

test("register lets a worker run other jobs while one awaits", async () => {
  await using pool = new Pool({ workers: 1 });
  const order: string[] = [];
  await Promise.all([
    pool.run(sleep<string>, 100, "slow").then((value) => order.push(value)),
    pool.run(increment, 1).then(() => order.push("fast")),
  ]);
  assertEquals(order, ["fast", "slow"]);
});

test("register takes functions that give thenables", async () => {
  await using pool = new Pool({ workers: 1 });
  assertEquals(await pool.run(thenable, 5), 5);
});

test("register lets instances of a class arrive as such, both ways", async () => {
  await using pool = new Pool({ workers: 1 });
  const doubled = await pool.run(doubleMoney, new Money(250));
  assertInstanceOf(doubled, Money);
  assertEquals(doubled.euros, 5);
});

test("register lets functions be arguments", async () => {
  await using pool = new Pool({ workers: 1 });
  assertEquals(await pool.run(callWith, increment, 41), 42);
});

test("register makes a missing export's error say what the module exports", async () => {
  await using pool = new Pool({ workers: 1 });
  const error = await assertRejects(
    () => pool.run(claim(OTHER, "furst")),
    TaskNotFoundError,
    "furst",
  );
  assertStringIncludes(error.message, "other_exports");
  assertStringIncludes(error.message, "first, second, third");
  assertEquals(await pool.run(increment, 1), 2);
});

test("register makes an export that is no function a TaskNotFoundError", async () => {
  await using pool = new Pool({ workers: 1 });
  await assertRejects(() => pool.run(claim(OTHER, "third")), TaskNotFoundError, "no function");
});

test("register makes a missing module a TaskNotFoundError that names it", async () => {
  await using pool = new Pool({ workers: 1 });
  const error = await assertRejects(
    () => pool.run(claim(MISSING, "anything")),
    TaskNotFoundError,
    "does_not_exist",
  );
  assertInstanceOf(error, MulticoreError);
  assert(error.cause !== undefined);
  assertEquals(await pool.run(increment, 1), 2);
});

test("register makes a module that throws a TaskNotFoundError with its error as cause", async () => {
  await using pool = new Pool({ workers: 1 });
  for (let i = 0; i < 2; i++) {
    const error = await assertRejects(
      () => pool.run(claim(BROKEN, "anything")),
      TaskNotFoundError,
      "this module is broken",
    );
    assertEquals((error.cause as Error).message, "this module is broken");
  }
  assertEquals(await pool.run(increment, 1), 2);
});

test("Pool refuses what is built in or bound with a line that is valid code", async () => {
  await using pool = new Pool({ workers: 1 });
  for (const fn of [Math.max, increment.bind(null)]) {
    const error = await assertRejects(
      () => pool.run(fn as () => unknown),
      UnregisteredFunctionError,
      "a function that calls it",
    );
    assert(error.message.includes("register(import.meta.url, { theFunction })"), error.message);
  }
  const unnamed = Object.defineProperty(() => 1, "name", {
    get() {
      throw new Error("no name");
    },
  });
  await assertRejects(() => pool.run(unnamed), UnregisteredFunctionError, "an anonymous function");
  const exported = Object.defineProperty(() => 1, "name", { value: "default" });
  await assertRejects(
    () => pool.run(exported),
    UnregisteredFunctionError,
    "Cannot run default: workers do not know it. Export it from its module and add there: " +
      "register(import.meta.url, { default: theFunction }); or send its source: closure(theFunction)",
  );
});

test("Pool refuses functions that are not registered with the line to add", async () => {
  await using pool = new Pool({ workers: 1 });
  function renderUsers(): void {}
  const line = "register(import.meta.url, { renderUsers })";
  await assertRejects(() => pool.run(renderUsers), UnregisteredFunctionError, line);
  const task = pool.task();
  assertThrows(() => task.run(renderUsers), UnregisteredFunctionError, line);
  assertThrows(() => task.run(() => {}), UnregisteredFunctionError, "closure(");
  assertEquals(task.size, 0);
  assertEquals(pool.stats().pending, 0);
  // deno-lint-ignore no-explicit-any
  await assertRejects(() => pool.run("increment" as any), TypeError, '"increment"');
});

test("PoolOptions.preload imports modules before the pool is ready", async () => {
  await using pool = new Pool({
    workers: 1,
    preload: [new URL("../fixtures/tasks.ts", import.meta.url)],
  });
  await pool.ready;
  assertEquals(typeof await pool.run(whoami), "string");
  assertEquals(await pool.run(timesLoaded), 1);
});

test("PoolOptions.preload that cannot be imported fails the pool with the reason", async () => {
  const pool = new Pool({ workers: 2, preload: [BROKEN] });
  const job = assertRejects(() => pool.run(increment, 1), MulticoreError, "this module is broken");
  await assertRejects(() => pool.ready, MulticoreError, "this module is broken");
  await job;
  await pool.close();
});
