import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import { closure, NotSerializableError, Pool, Task } from "../../mod.ts";
import {
  deepInTheWorker,
  echo,
  fail,
  failLargely,
  failLater,
  failRichly,
  failWith,
  failWithLimit,
  failWithMany,
  increment,
  LimitError,
  numberOfArguments,
  unsendable,
} from "../fixtures/tasks.ts";

test("Pool.run rejects with what the function throws: class, message, code, own properties, cause", async () => {
  await using pool = new Pool({ workers: 1 });
  const error = await assertRejects(() => pool.run(failRichly), RangeError, "too rich");
  assertStrictEquals(error.constructor, RangeError);
  const { code, detail } = error as unknown as { code: string; detail: unknown };
  assertEquals(code, "E_RICH");
  assertEquals(detail, { list: [1, 2n], when: new Date(7) });
  assertInstanceOf(error.cause, TypeError);
  assertEquals(error.cause.message, "the cause");
});

test("Pool rejects with an error that is larger than memory.max, less what is too large of it", async () => {
  await using pool = new Pool({ workers: 1, memory: { max: 65_536 } });
  for (const where of ["body", "cause", "message", "bytes"] as const) {
    const fails = closure(() => failLargely(where, 100_000), { failLargely, where });
    for (
      const run of [
        () => pool.run(failLargely, where, 100_000),
        () => pool.map(fails, [1, 2]),
        () => pool.iter(2).map(fails).toArray(),
      ]
    ) {
      const error = await assertRejects(run, RangeError);
      assertStrictEquals(error.constructor, RangeError);
      const { code, body } = error as unknown as { code: string; body: unknown };
      assertEquals(code, "E_LARGE");
      if (where === "message") assertMatch(error.message, /^x{500}… \[500 of 100000 characters\]$/);
      else assertEquals(error.message, "small");
      if (where === "cause") assertInstanceOf(error.cause, TypeError);
      if (where === "body" || where === "bytes") assertMatch(String(body), /too large to be sent/);
    }
  }
  assertEquals(await pool.run(increment, 1), 2);
  assertEquals(pool.stats().memory.used, 0);
});

test("Pool.run rejects with instances of registered classes", async () => {
  await using pool = new Pool({ workers: 1 });
  const error = await assertRejects(() => pool.run(failWithLimit, 7), LimitError);
  assertEquals([error.name, error.message, error.limit], ["LimitError", "over the limit", 7]);
});

test("Pool.run rejects with an AggregateError and its errors", async () => {
  await using pool = new Pool({ workers: 1 });
  const error = await assertRejects(() => pool.run(failWithMany), AggregateError, "many");
  assertEquals(error.errors.map((each) => [each.constructor, each.message]), [
    [TypeError, "one"],
    [RangeError, "two"],
  ]);
});

test("Pool.run rejects with whatever is thrown, also where it is no error", async () => {
  await using pool = new Pool({ workers: 1 });
  for (const value of ["text", 42, null, undefined, { a: [1] }, -0, 10n]) {
    const [outcome] = await Promise.allSettled([pool.run(failWith, value)]);
    assertEquals(outcome, { status: "rejected", reason: value });
    const task = pool.task();
    task.run(failWith, value);
    const [settled] = await task.settled();
    assertEquals(settled, { status: "rejected", reason: value });
  }
});

test("Pool.run rejects with what async functions reject with", async () => {
  await using pool = new Pool({ workers: 1 });
  await assertRejects(() => pool.run(failLater, 1, "later"), Error, "later");
});

test("Pool.run's errors have the stack of both sides", async () => {
  await using pool = new Pool({ workers: 1 });
  async function theCaller(): Promise<unknown> {
    return await pool.run(deepInTheWorker);
  }
  const { stack = "" } = await assertRejects(theCaller, Error, "from below");
  assertStringIncludes(stack, "deepInTheWorker");
  assertMatch(stack, /fixtures\/tasks\.[tj]s/);
  assertStringIncludes(stack, "theCaller");
  assert(stack.indexOf("deepInTheWorker") < stack.indexOf("theCaller"), stack);
});

test("Task.get's errors have the stack of both sides", async () => {
  await using pool = new Pool({ workers: 1 });
  async function theWaiter(): Promise<unknown> {
    const task = pool.task();
    task.run(deepInTheWorker);
    return await task.get();
  }
  const { stack = "" } = await assertRejects(theWaiter, Error, "from below");
  assertStringIncludes(stack, "deepInTheWorker");
  assertStringIncludes(stack, "theWaiter");
});

test("Task.settled's errors have the stack of both sides, each of them", async () => {
  await using pool = new Pool({ workers: 1 });
  async function theObserver(): Promise<PromiseSettledResult<unknown>[]> {
    const task = pool.task();
    for (let i = 0; i < 3; i++) task.run(deepInTheWorker);
    return await task.settled();
  }
  for (const outcome of await theObserver()) {
    const { stack } = (outcome as PromiseRejectedResult).reason as Error;
    assertStringIncludes(stack!, "deepInTheWorker");
    assertStringIncludes(stack!, "theObserver");
  }
});

test("Task.getSync's errors have the stack of both sides", async () => {
  await using pool = new Pool({ workers: 1 });
  function theBlocked(): unknown {
    const task = pool.task();
    task.run(deepInTheWorker);
    // A call in the last place, or what Bun folds into one, would leave no frame there.
    const [result] = task.getSync();
    return result;
  }
  const { stack = "" } = assertThrows(theBlocked, Error, "from below");
  assertStringIncludes(stack, "deepInTheWorker");
  assertStringIncludes(stack, "theBlocked");
});

test("Pool.run whose job fails touches no other job", async () => {
  await using pool = new Pool({ workers: 2 });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 200 }, (_, i) => i % 3 ? pool.run(increment, i) : pool.run(fail, `${i}`)),
  );
  for (const [i, outcome] of outcomes.entries()) {
    if (i % 3) assertEquals(outcome, { status: "fulfilled", value: i + 1 });
    else assertEquals((outcome as PromiseRejectedResult).reason.message, `${i}`);
  }
});

test("Pool.run refuses what cannot be sent with its path, before anything was queued", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  const before = pool.stats();
  const user = { name: "Ada", socket: new WeakMap() };
  const error = await assertRejects(
    () => pool.run(echo<unknown>, { user }),
    NotSerializableError,
    "args[0].user.socket",
  );
  assertEquals(error.path, "args[0].user.socket");
  const task = pool.task();
  assertThrows(() => task.run(numberOfArguments, 1, [user]), NotSerializableError, "args[1][0]");
  assertEquals(task.size, 0);
  assertThrows(
    () => task.run(numberOfArguments, new Uint8Array(100_000), [user]),
    NotSerializableError,
    "args[1][0].socket",
  );
  const after = pool.stats();
  assertEquals(after.pending, 0);
  assertEquals(after.settled, before.settled);
  assertEquals(after.memory.used, before.memory.used);
  assertEquals(await task.get(), []);
});

test("Pool.run whose argument's getter throws gives its error as cause and queues nothing", async () => {
  await using pool = new Pool({ workers: 1 });
  const argument = {
    get trap() {
      throw new TypeError("sprung");
    },
  };
  const error = await assertRejects(
    () => pool.run(echo<unknown>, argument),
    NotSerializableError,
    "args[0].trap",
  );
  assertInstanceOf(error.cause, TypeError);
  assertEquals(error.cause.message, "sprung");
  assertEquals(pool.stats().pending, 0);
});

test("Pool.run whose argument's getter runs jobs of its own gives each its own result", async () => {
  await using pool = new Pool({ workers: 1 });
  const inner: Promise<unknown>[] = [];
  const argument = {
    before: "a".repeat(300),
    get nested() {
      inner.push(pool.run(echo<unknown>, { inner: "b".repeat(300) }));
      return inner.length;
    },
    after: "c".repeat(300),
  };
  const outer = await pool.run(echo<unknown>, argument);
  assertEquals(outer, { before: "a".repeat(300), nested: 1, after: "c".repeat(300) });
  assertEquals(await inner[0], { inner: "b".repeat(300) });
});

test("Pool.run whose result cannot be sent rejects with its path", async () => {
  await using pool = new Pool({ workers: 1 });
  const error = await assertRejects(() => pool.run(unsendable), NotSerializableError);
  assertEquals(error.path, "result.user.socket");
});

test("Pool.run whose result is an iterator says what to send instead", async () => {
  await using pool = new Pool({ workers: 1 });
  const iterators: (() => unknown)[] = [
    closure(function* () {
      yield 1;
    }),
    closure(async function* () {
      yield 1;
    }),
    closure(() => [1, 2].values()),
    closure(() => new Map([[1, 2]]).keys()),
  ];
  for (const iterator of iterators) {
    const error = await assertRejects(() => pool.run(iterator), NotSerializableError, "[...it]");
    assertEquals(error.path, "result");
  }
});

test("Errors whose message or name throws arrive all the same", async () => {
  await using pool = new Pool({ workers: 1 });
  const hostileMessage = closure(() => {
    throw Object.defineProperty(
      Object.assign(new RangeError("x"), { code: "E_GETTER" }),
      "message",
      {
        get() {
          throw new Error("no message");
        },
      },
    );
  });
  const hostileName = closure(() => {
    throw Object.assign(new TypeError("named"), {
      name: {
        toString() {
          throw new Error("no name");
        },
      },
    });
  });
  for (const run of [pool.run.bind(pool), (fn: () => never) => pool.map(fn, [1])]) {
    const first = await assertRejects(async () => await run(hostileMessage), RangeError);
    assertEquals((first as unknown as { code: string }).code, "E_GETTER");
    assertEquals(first.message, "[threw Error: no message]");
    const second = await assertRejects(async () => await run(hostileName), TypeError, "named");
    assertEquals(
      second.name,
      "[object of class Object: cannot be sent, because of error.name.toString]",
    );
  }
  // On this thread it is the error itself, which nothing reads.
  const task = Task.create({ fallback: "inline" });
  task.run(hostileMessage);
  const itself = await task.get().then(() => undefined, (error) => error);
  assertInstanceOf(itself, RangeError);
  assertEquals((itself as unknown as { code: string }).code, "E_GETTER");
});
