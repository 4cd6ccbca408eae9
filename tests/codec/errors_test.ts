import { test } from "node:test";
import * as ours from "../../src/base/errors.ts";
import {
  assertEquals,
  assertInstanceOf,
  assertLess,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import { Codec } from "./harness.ts";

type Bag = Error & Record<string, unknown>;

const classes = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  ours.MulticoreError,
  ours.TaskCompleteError,
  ours.TimeoutExceededError,
  ours.QueueFullError,
  ours.TaskNotFoundError,
  ours.UnregisteredFunctionError,
  ours.WorkerCrashedError,
  ours.PoolClosedError,
];

for (const type of classes) {
  test(`Codec keeps a ${type.name} in full, as a value and as what was thrown`, () => {
    const codec = new Codec();
    const cause = { why: [1, 2] };
    const error = new type("message", { cause }) as Bag;
    error.code = "E_CODE";
    error.more = new Map([["k", error]]);
    for (const copy of [codec.error(error), codec.value(error), codec.arguments([error])[0]]) {
      const bag = copy as Bag;
      assertEquals(Object.getPrototypeOf(bag) === type.prototype, true);
      assertEquals(bag.name, error.name);
      assertEquals(bag.message, "message");
      assertEquals(bag.stack, error.stack);
      assertEquals(bag.cause, cause);
      assertEquals(Object.keys(bag), ["code", "more"]);
      assertEquals(bag.code, "E_CODE");
      assertEquals((bag.more as Map<string, unknown>).get("k") === bag, true);
      for (const key of ["message", "stack", "cause"]) {
        assertEquals(Object.getOwnPropertyDescriptor(bag, key)?.enumerable, false, key);
      }
      assertEquals(Object.prototype.toString.call(bag), "[object Error]");
    }
  });
}

test("Codec keeps errors without a message or a cause as they are", () => {
  const copy = new Codec().error(new Error()) as Bag;
  assertEquals(Object.hasOwn(copy, "message"), false);
  assertEquals(Object.hasOwn(copy, "cause"), false);
  assertEquals(Object.hasOwn(copy, "name"), false);
  assertEquals(
    Object.hasOwn(new Codec().error(new Error("", { cause: undefined })) as Bag, "cause"),
    true,
  );
});

test("Codec keeps the fields of multicore's own errors", () => {
  const codec = new Codec();
  const large = codec.error(new ours.PayloadTooLargeError(5, 4)) as ours.PayloadTooLargeError;
  assertInstanceOf(large, ours.PayloadTooLargeError);
  assertEquals([large.size, large.limit], [5, 4]);
  const refused = codec.error(
    new ours.NotSerializableError("args[0]", "no"),
  ) as ours.NotSerializableError;
  assertInstanceOf(refused, ours.NotSerializableError);
  assertEquals(refused.path, "args[0]");
});

test("Codec keeps the errors of an AggregateError", () => {
  const inner = new TypeError("inner");
  const copy = new Codec().error(new AggregateError([inner, 1, inner], "all")) as AggregateError;
  assertInstanceOf(copy, AggregateError);
  assertInstanceOf(copy.errors[0], TypeError);
  assertEquals(copy.errors[0] === copy.errors[2], true);
  assertEquals(Object.keys(copy), []);
});

test("Codec keeps a DOMException", () => {
  const copy = new Codec().error(new DOMException("gone", "AbortError")) as DOMException;
  assertInstanceOf(copy, DOMException);
  assertEquals([copy.name, copy.message, copy.code], ["AbortError", "gone", 20]);
});

test("Codec sends an unregistered error as the nearest class, with its name", () => {
  class Mine extends RangeError {
    override name = "Mine";
  }
  class Silent extends ours.MulticoreError {}
  Silent.prototype.name = "Quiet";
  const codec = new Codec();
  const copy = codec.error(new Mine("m")) as Bag;
  assertEquals(Object.getPrototypeOf(copy) === RangeError.prototype, true);
  assertEquals([copy.name, copy.message], ["Mine", "m"]);
  const quiet = codec.value(new Silent("q"));
  assertInstanceOf(quiet, ours.MulticoreError);
  assertEquals(quiet.name, "Quiet");
  assertEquals(Object.keys(quiet), []);
});

test("Codec sends a registered error as itself", () => {
  class Mine extends TypeError {
    readonly detail: unknown;
    constructor(detail: unknown) {
      super("mine");
      this.detail = detail;
    }
    get twice(): unknown {
      return [this.detail, this.detail];
    }
  }
  class Derived extends Mine {}
  const codec = new Codec();
  codec.register("file:///m.ts", { Mine });
  const copy = codec.error(new Mine({ a: 1 })) as Mine;
  assertEquals(Object.getPrototypeOf(copy) === Mine.prototype, true);
  assertEquals(copy.twice, [{ a: 1 }, { a: 1 }]);
  assertInstanceOf(codec.error(new Derived(1)), Mine);
});

test("Encoder.error replaces what cannot be sent, and keeps the rest", () => {
  const codec = new Codec();
  let deep: unknown = () => 1;
  for (let i = 0; i < 200; i++) deep = [deep];
  const error = Object.assign(new Error("m", { cause: new TypeError("c", { cause: () => 1 }) }), {
    socket: { write() {} },
    kept: { a: [1] },
    symbol: Symbol("s"),
    deep,
    fine: 1,
  }) as unknown as Bag;
  Object.defineProperty(error, "thrower", {
    enumerable: true,
    get() {
      throw new Error("no");
    },
  });
  for (const first of [4096, 1]) {
    const copy = new Codec({ first, exact: true }).error(error) as Bag;
    assertEquals(copy.message, "m");
    assertEquals(copy.stack, error.stack);
    assertInstanceOf(copy.cause, TypeError);
    assertEquals((copy.cause as Error).cause, "[function cause: cannot be sent]");
    assertEquals(
      copy.socket,
      "[object of class Object: cannot be sent, because of error.socket.write]",
    );
    assertEquals(copy.kept, { a: [1] });
    assertEquals(copy.symbol, "[symbol Symbol(s): cannot be sent]");
    assertMatch(
      copy.deep as string,
      /^\[object of class Array: cannot be sent, because of error\.deep\[0\].*\]$/,
    );
    assertEquals(copy.fine, 1);
    assertEquals(copy.thrower, "[threw Error: no]");
  }
  let chain = new Error("last");
  for (let i = 0; i < 5000; i++) chain = new Error(String(i), { cause: chain });
  assertEquals((codec.error(chain) as Error).message, "4999");
});

test("Codec reads errors whatever the program has made of Error.stackTraceLimit", () => {
  const before = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit")!;
  const refuse = () => {
    throw new Error("no");
  };
  const limits: PropertyDescriptor[] = [
    { value: 3, writable: true },
    { value: 3, writable: false },
    { value: "x", writable: true },
    { get: () => 3, set: refuse },
    { get: refuse, set: refuse },
  ];
  const error = new RangeError("kept");
  try {
    for (const limit of limits) {
      Object.defineProperty(Error, "stackTraceLimit", { ...limit, configurable: true });
      const copy = new Codec().error(error) as Error;
      assertInstanceOf(copy, RangeError);
      assertEquals([copy.message, copy.stack], ["kept", error.stack]);
      const { configurable: _, enumerable: __, ...after } = Object.getOwnPropertyDescriptor(
        Error,
        "stackTraceLimit",
      )!;
      assertEquals(after, { ...after, ...limit });
    }
  } finally {
    Object.defineProperty(Error, "stackTraceLimit", before);
  }
});

test("Encoder.error takes anything at all", () => {
  const codec = new Codec();
  for (const value of [undefined, null, 1, "text", { code: 1 }, [1], 10n]) {
    assertEquals(codec.error(value), value);
  }
  const hostile = new Proxy({}, {
    getPrototypeOf() {
      throw new Error("trap");
    },
    ownKeys() {
      throw new Error("trap");
    },
    get() {
      throw new Error("trap");
    },
  });
  const error = new Error("x");
  Object.defineProperty(error, "message", {
    get() {
      throw new Error("getter");
    },
  });
  for (const value of [() => 1, Symbol("s"), new WeakMap(), { f() {} }, hostile]) {
    const copy = codec.error(value);
    assertInstanceOf(copy, ours.NotSerializableError);
    assertStringIncludes(copy.message, "what was thrown");
  }
  assertInstanceOf(codec.error(error), Error);
  let nest: unknown = { last: () => 1 };
  for (let i = 0; i < 100; i++) nest = { deep: nest };
  const inner = Object.assign(new Error("inner"), { nest, bad: { socket: () => 1 } });
  const outer = codec.error(new Error("outer", { cause: inner })) as Bag;
  assertEquals(
    (outer.cause as Bag).bad,
    "[object of class Object: cannot be sent, because of error.cause.bad.socket]",
  );
  const { path, cause } = codec.error({ code: 5, user: { socket: () => 1 } }) as Bag;
  assertEquals(path, "error.user.socket");
  assertStringIncludes((cause as Error).message, "function socket, which is not registered");
});

test("Encoder.error keeps the class and what can be read where the message or the name throws", () => {
  const codec = new Codec();
  const throwing = (what: string) => ({
    get() {
      throw new Error(what);
    },
  });
  const own = Object.defineProperty(new RangeError("x"), "message", throwing("own getter")) as Bag;
  own.code = "E_OWN";
  const ownCopy = codec.error(own) as Bag;
  assertEquals(Object.getPrototypeOf(ownCopy) === RangeError.prototype, true);
  assertEquals([ownCopy.message, ownCopy.code], ["[threw Error: own getter]", "E_OWN"]);
  assertEquals(Object.keys(ownCopy), ["code"]);

  const named = Object.assign(new TypeError("named"), {
    name: {
      toString() {
        throw new Error("name");
      },
    },
  });
  const namedCopy = codec.error(named) as Bag;
  assertEquals(Object.getPrototypeOf(namedCopy) === TypeError.prototype, true);
  assertEquals(namedCopy.message, "named");
  assertEquals(
    namedCopy.name,
    "[object of class Object: cannot be sent, because of error.name.toString]",
  );

  class Mine extends RangeError {
    readonly detail = { a: 1 };
  }
  Object.defineProperty(Mine.prototype, "message", throwing("inherited getter"));
  codec.register("file:///m.ts", { Mine });
  const mine = codec.error(new Mine()) as Bag;
  assertInstanceOf(mine, Mine);
  assertEquals(mine.detail, { a: 1 });

  const nested = codec.error(new Error("outer", { cause: own })) as Bag;
  assertEquals(nested.message, "outer");
  assertInstanceOf(nested.cause, RangeError);
  assertEquals((nested.cause as Bag).code, "E_OWN");
});

test("Encoder refuses an error whose message throws with the path to what threw", () => {
  const error = Object.defineProperty(new Error("x"), "message", {
    get() {
      throw new TypeError("getter");
    },
  });
  const refusal = assertThrows(() => new Codec().arguments([error]), ours.NotSerializableError);
  assertEquals(refusal.path, "args[0].message");
});

test("Codec keeps of an error that is too large its class and what is small", () => {
  const cases: [object, (bag: Bag) => void][] = [
    [
      { body: "x".repeat(100_000) },
      ({ body }) => assertEquals(body, "[string of 100000 characters: too large to be sent]"),
    ],
    [{ cause: new TypeError("y".repeat(100_000)) }, ({ cause }) => {
      assertInstanceOf(cause, TypeError);
      assertEquals(cause.message, `${"y".repeat(500)}… [500 of 100000 characters]`);
    }],
    [
      { message: "z".repeat(100_000) },
      ({ message }) => assertEquals(message, `${"z".repeat(500)}… [500 of 100000 characters]`),
    ],
    [
      { body: new Uint8Array(100_000) },
      ({ body }) => assertEquals(body, "[object of class Uint8Array: too large to be sent]"),
    ],
    [
      { body: { list: Array.from({ length: 9000 }, (_, i) => `${i}`) } },
      ({ body }) => assertEquals(body, "[object of class Object: too large to be sent]"),
    ],
    [{ body: 1n << 200_000n }, ({ body }) => assertEquals(body, "[bigint: too large to be sent]")],
    // What fits leaves no room for what comes behind it.
    [
      { body: "x".repeat(5500), more: "y".repeat(5500), last: "z".repeat(400) },
      (bag) => assertEquals(bag.last, "z".repeat(400)),
    ],
  ];
  for (const exact of [false, true]) {
    const codec = new Codec({ max: 6000, exact });
    for (const [properties, check] of cases) {
      const error = Object.assign(new RangeError("small", { cause: 7 }), { code: "E", n: [1] });
      const copy = codec.error(Object.assign(error, properties)) as Bag;
      assertEquals(Object.getPrototypeOf(copy) === RangeError.prototype, true);
      if (!("message" in properties)) assertEquals(copy.message, "small");
      assertEquals([copy.code, copy.n], ["E", [1]]);
      assertStringIncludes(String(copy.stack), "RangeError");
      check(copy);
      assertEquals(codec.value({ a: 1 }), { a: 1 });
    }
    const unsendable = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`p${i}`, { ["k".repeat(400)]: () => 1 }]),
    );
    const described = codec.error(Object.assign(new RangeError("small"), unsendable)) as Bag;
    assertEquals(Object.getPrototypeOf(described) === RangeError.prototype, true);
    assertEquals(described.p59, "[object of class Object: cannot be sent]");
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, i) => [`p${i}`, "x".repeat(450)]),
    );
    const crowded = codec.error(Object.assign(new RangeError("small"), many, { code: "E" })) as Bag;
    assertEquals([crowded.code, crowded.p29], [
      "E",
      "[string of 450 characters: too large to be sent]",
    ]);
    const aborted = codec.error(new DOMException("m".repeat(9000), "AbortError")) as DOMException;
    assertInstanceOf(aborted, DOMException);
    assertEquals([aborted.name, aborted.message.slice(0, 3)], ["AbortError", "mmm"]);
  }
});

test("Codec cuts what it says of properties of an error that is too large", () => {
  const long = "x".repeat(100_000);
  const error = Object.defineProperty(new RangeError("small"), "body", {
    get() {
      throw new Error(long);
    },
    enumerable: true,
  });
  const symbol = Object.assign(new RangeError("small"), { body: Symbol(long) });
  const codec = new Codec({ max: 6000 });
  for (const thrown of [error, symbol]) {
    const got = codec.error(thrown) as RangeError & { body: string };
    assertInstanceOf(got, RangeError);
    assertEquals(got.message, "small");
    assertLess(got.body.length, 1000);
  }
});

test("Codec describes of an error that is too large also what is nested deeply", () => {
  const codec = new Codec({ max: 6000 });
  let deep: unknown = "x".repeat(9000);
  for (let i = 0; i < 5000; i++) deep = { deep };
  const copy = codec.error(Object.assign(new Error("small"), { code: 5, deep })) as Bag;
  assertEquals([copy.message, copy.code], ["small", 5]);
  assertEquals(copy.deep, "[object of class Object: too large to be sent]");
});
