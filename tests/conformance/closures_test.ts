import { test } from "node:test";
import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../../deps.ts";
import { closure, NotSerializableError, Pool, Task, UnregisteredFunctionError } from "../../mod.ts";
import { runsClosureInside } from "../fixtures/closure_tasks.ts";
import { increment } from "../fixtures/tasks.ts";

test("closure runs what no module exports, with its captured values", async () => {
  await using pool = new Pool({ workers: 1 });
  const factor = 3;
  const table = new Map([["a", 1n]]);
  const scale = closure((n: number) => n * factor, { factor });
  const look = closure((key: string) => table.get(key), { table });
  assertEquals(await pool.run(scale, 14), 42);
  assertEquals(await pool.run(look, "a"), 1n);
  assertEquals(scale(2), 6);
});

test("closure takes every kind of function", async () => {
  await using pool = new Pool({ workers: 1 });
  const object = {
    method(n: number) {
      return n + 1;
    },
    async later(n: number) {
      return await Promise.resolve(n + 2);
    },
    ["computed name"](n: number) {
      return n + 3;
    },
    async: (n: number) => n + 4,
  };
  function declared(n: number) {
    return n + 5;
  }
  assertEquals(await pool.run(closure(object.method), 0), 1);
  assertEquals(await pool.run(closure(object.later), 0), 2);
  assertEquals(await pool.run(closure(object["computed name"]), 0), 3);
  assertEquals(await pool.run(closure(object.async), 0), 4);
  assertEquals(await pool.run(closure(declared), 0), 5);
  assertEquals(await pool.run(closure(async (n: number) => await n), 6), 6);
  assertEquals(await pool.run(closure((...all: number[]) => all.length), 1, 2, 3), 3);
  assertEquals(
    await pool.run(closure((a: number, b = 10) => a + b) as (a: number) => number, 1),
    11,
  );
  assertEquals(await pool.run(closure(() => 7)), 7);
  // deno-lint-ignore no-explicit-any
  assertEquals(await pool.run(closure((async: any) => async), 8), 8);
  // deno-lint-ignore prefer-const
  let single = closure((x: number) => x * 2);
  assertEquals(await pool.run(single, 4), 8);
});

test("closure may be an argument-less recursion by its own name", async () => {
  await using pool = new Pool({ workers: 1 });
  const fibonacci = closure(function fib(n: number): number {
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
  });
  assertEquals(await pool.run(fibonacci, 12), 144);
});

test("closure refuses captured values that cannot be sent, with their path", async () => {
  await using pool = new Pool({ workers: 1 });
  const socket = new WeakMap();
  const error = await assertRejects(
    () => pool.run(closure(() => socket, { user: { socket } })),
    NotSerializableError,
  );
  assertEquals(error.path, "captured.user.socket");
});

test("closure refuses functions without a source", () => {
  assertThrows(() => closure(Math.max), TypeError, "max");
  assertThrows(() => closure((() => {}).bind(null)), TypeError);
  // deno-lint-ignore no-explicit-any
  assertThrows(() => closure(5 as any), TypeError, "5");
});

test("closure refuses getters, setters and private methods, whose sources are none alone", () => {
  class Box {
    get value() {
      return 1;
    }
    set value(_: number) {}
    static get /* of all */ ["com" + "puted"]() {
      return 1;
    }
    #hidden() {
      return 1;
    }
    async #later() {
      return await 1;
    }
    *#items() {
      yield 1;
    }
    hidden(): (() => unknown)[] {
      return [this.#hidden, this.#later, this.#items];
    }
  }
  const { get, set } = Object.getOwnPropertyDescriptor(Box.prototype, "value")!;
  const computed = Object.getOwnPropertyDescriptor(Box, "computed")!.get;
  for (const fn of [get, set, computed] as (() => unknown)[]) {
    const error = assertThrows(() => closure(fn), TypeError, `Cannot make a closure of ${fn.name}`);
    assertStringIncludes(error.message, "getter or setter");
  }
  for (const fn of new Box().hidden()) {
    const error = assertThrows(() => closure(fn), TypeError, `Cannot make a closure of ${fn.name}`);
    assertStringIncludes(error.message, "private method");
  }
});

test("closure takes methods that are called like getters", async () => {
  await using pool = new Pool({ workers: 1 });
  const methods = {
    get(n: number) {
      return n + 1;
    },
    set /* () */(n: number) {
      return n + 2;
    },
    getter(n: number) {
      return n + 3;
    },
    async get$(n: number) {
      return await n + 4;
    },
  };
  let added = 0;
  for (const method of Object.values(methods)) {
    assertEquals(await pool.run(closure(method as (n: number) => number), 1), 1 + ++added);
  }
});

test("closure of a method whose name is another one elsewhere rejects clearly", async () => {
  await using pool = new Pool({ workers: 1 });
  const method = {
    [Symbol.toPrimitive]() {
      return 1;
    },
  }[Symbol.toPrimitive];
  const message = "its source is no function by itself";
  await assertRejects(() => pool.run(closure(method)), TypeError, message);
  await assertRejects(() => pool.run(closure(method, { one: 1 })), TypeError, message);
  await assertRejects(() => pool.map(closure(method), [1]), TypeError, message);
});

test("closure captures an object of variables, and nothing else", () => {
  // deno-lint-ignore no-explicit-any
  const capture = (captured: any) => () => closure(() => 1, captured);
  assertThrows(capture(null), TypeError, "Cannot capture null: pass an object of values");
  assertThrows(capture(5), TypeError, "Cannot capture 5: pass an object of values");
  assertThrows(capture("ab"), TypeError, 'Cannot capture "ab": pass an object of values');
  assertThrows(capture([1]), TypeError, "Cannot capture [1]: pass an object of values");
  assertThrows(capture(() => 1), TypeError, "Cannot capture a function: pass an object of values");
  closure(() => 1, undefined);
});

test("closure captures under all names that the language has for variables, and no others", () => {
  const names =
    "arguments as async await break case catch class const constructor continue debugger " +
    "default delete do else enum eval export extends false finally for from function get " +
    "globalThis if implements import in infinity instanceof interface let meta native new null of " +
    "package private prototype protected public return set static super switch target this throw " +
    "true try type typeof undefined using var void while with yield $ _ ſ äöü NaN";
  for (const name of names.split(" ")) {
    let holds = true;
    try {
      new Function(name, '"use strict"');
    } catch {
      holds = false;
    }
    const make = () => closure(() => 1, { [name]: 1 });
    if (holds) make();
    else assertThrows(make, TypeError, `Cannot capture "${name}": it is no name of a variable`);
  }
});

test("closure whose source does not hold by itself rejects and the pool goes on", async () => {
  await using pool = new Pool({ workers: 1 });
  const forgotten = 1;
  const error = await assertRejects(() => pool.run(closure(() => forgotten + 1)), ReferenceError);
  assertEquals(error.message.includes("forgotten"), true);
  assertEquals(await pool.run(closure((n: number) => n), 1), 1);
});

test(
  "closure made anew for each call takes no more of the function table",
  { timeout: 30_000 },
  async () => {
    await using pool = new Pool({ workers: 1 });
    const jobs: Promise<number>[] = [];
    for (let i = 0; i < 20_000; i++) jobs.push(pool.run(closure(() => i, { i })));
    assertEquals(await Promise.all(jobs), Array.from({ length: 20_000 }, (_, i) => i));
  },
);

test("closure runs inline too, captured values and all", async () => {
  const factor = 5;
  const task = Task.create<number>({ fallback: "inline" });
  task.run(closure((n: number) => n * factor, { factor }), 2);
  assertEquals(await task.get(), [10]);
});

test("PoolOptions.closures: false refuses them wherever functions are taken", async () => {
  const double = closure((n: number) => 2 * n);
  const add = closure((a: number, b: number) => a + b);
  for (const lazy of [false, true]) {
    await using pool = new Pool({ workers: 1, closures: false, lazy });
    const refused = (run: () => unknown, name = "2 * n") =>
      assertRejects(async () => await run(), UnregisteredFunctionError, name);
    await refused(() => pool.run(double, 1));
    await refused(() => pool.runWith({ priority: "high" }, double, 1));
    await refused(() => pool.task().run(double, 1));
    await refused(() => pool.task({ maxLoadAverage: 0, fallback: "inline" }).run(double, 1));
    await refused(() => pool.map(double, [1]));
    await refused(() => pool.stream(double, [1]));
    await refused(() => pool.broadcast(double, 1));
    await refused(() => pool.iter(3).map(double));
    await refused(() => pool.iter(3).forEach(double));
    await refused(() => pool.iter(3).reduce(add), "a + b");
    await refused(() => pool.iter(3).reduce(add, 0, add), "a + b");
    assertEquals(await pool.run(increment, 1), 2);
    assertEquals(await pool.run(runsClosureInside), "UnregisteredFunctionError");
    assertEquals(pool.stats().pending, 0);
  }
  for (const hook of ["setup", "teardown"]) {
    assertThrows(
      () => new Pool({ closures: false, [hook]: closure(() => {}) }),
      UnregisteredFunctionError,
      "closures: false",
    );
  }
  assertThrows(() => new Pool({ closures: 0 as unknown as boolean }), TypeError, "closures");
});

test("closures are told apart where the program gives all objects a toJSON", async () => {
  await using pool = new Pool({ workers: 1 });
  const pollute = closure(() => {
    (Object.prototype as { toJSON?: () => unknown }).toJSON = () => "hijacked";
  });
  const cleanUp = closure(() => {
    delete (Object.prototype as { toJSON?: () => unknown }).toJSON;
  });
  await pool.run(pollute);
  pollute();
  try {
    const b = 20;
    assertEquals(await pool.run(closure((n: number) => n + 1), 1), 2);
    assertEquals(await pool.run(increment, 1), 2);
    assertEquals(await pool.map(closure((n: number) => n + 10), [1]), [11]);
    assertEquals(await pool.map(closure((n: number) => n + b, { b }), [1]), [21]);
    const answer = await pool.run(closure((n: number) => ({ seen: n })), 1);
    assertEquals([Object.keys(answer), answer.seen], [["seen"], 1]);
  } finally {
    cleanUp();
    await pool.run(cleanUp);
  }
});
