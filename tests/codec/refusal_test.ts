import { test } from "node:test";
import { NotSerializableError } from "../../src/base/errors.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import { Codec } from "./harness.ts";

class Foo {
  x = 1;
}

/** What is refused, as the only argument; where; and a part of what is said. */
const refused: [string, unknown, string, string][] = [
  ["a function", () => 1, "args[0]", "register(import.meta.url"],
  ["a named function", { f: function go() {} }, "args[0].f", "function go"],
  ["a class", [Foo], "args[0][0]", "class Foo"],
  ["a symbol", { a: { b: Symbol("s") } }, "args[0].a.b", "Symbol(s)"],
  ["a symbol key", { a: { [Symbol("s")]: 1 } }, "args[0].a", "Symbol(s)"],
  ["a symbol key of an array", { a: Object.assign([1], { [Symbol("s")]: 1 }) }, "args[0].a", "s"],
  ["an instance", { user: [new Foo()] }, "args[0].user[0]", "register(import.meta.url, { Foo })"],
  ["a subclass of Map", [new (class Bar extends Map {})()], "args[0][0]", "{ Bar }"],
  ["a subclass of Array", [new (class Baz extends Array {})()], "args[0][0]", "{ Baz }"],
  ["a WeakMap", { user: { socket: new WeakMap() } }, "args[0].user.socket", "WeakMap"],
  ["a WeakSet", new WeakSet(), "args[0]", "WeakSet"],
  ["a WeakRef", new WeakRef({}), "args[0]", "WeakRef"],
  ["a Promise", [Promise.resolve()], "args[0][0]", "Promise"],
  ["an iterator", [[].values()], "args[0][0]", ""],
  ["a generator", (function* () {})(), "args[0]", ""],
  ["a SharedArrayBuffer", new SharedArrayBuffer(8), "args[0]", "shared memory"],
  ["a view on one", [new Uint8Array(new SharedArrayBuffer(8))], "args[0][0]", "shared memory"],
  ["an unusual key", { "a b": { "1x": { 5: Symbol() } } }, 'args[0]["a b"]["1x"]["5"]', "symbol"],
  ["a Map's value", new Map([["k", Symbol()]]), 'args[0].get("k")', "symbol"],
  ["a Map's value behind a number", new Map([[1, Symbol()]]), "args[0].get(1)", "symbol"],
  ["a Map's key", new Map([[1, 1], [Symbol(), 1]] as [unknown, 1][]), "args[0].keys()[1]", "sym"],
  ["a Set's entry", new Set([1, Symbol()]), "args[0].values()[1]", "symbol"],
  ["a sparse array's element", [, , Symbol()], "args[0][2]", "symbol"],
  ["an array's name", Object.assign([1], { a: { b: Symbol() } }), "args[0].a.b", "symbol"],
  ["an error's property", Object.assign(new Error(), { f: Symbol() }), "args[0].f", "symbol"],
  ["an error's cause", new Error("", { cause: { f: Symbol() } }), "args[0].cause.f", "symbol"],
];

for (const [name, value, path, part] of refused) {
  test(`Encoder refuses ${name}, with its path`, () => {
    const codec = new Codec();
    for (const first of [64, 1]) {
      const small = new Codec({ first, exact: true });
      const error = assertThrows(() => small.arguments([value]), NotSerializableError);
      assertEquals(error.path, path);
      assertStringIncludes(error.message, part);
    }
    const error = assertThrows(() => codec.value({ in: value }), NotSerializableError);
    assertEquals(error.path, path.replace("args[0]", "result.in"));
    // Nothing of it is left in the encoder.
    assertEquals(codec.arguments([{ a: [1] }, "x"]), [{ a: [1] }, "x"]);
  });
}

test("Encoder refuses detached buffers", () => {
  const codec = new Codec();
  const buffer = new ArrayBuffer(8);
  const array = new Uint8Array(buffer);
  const view = new DataView(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  for (const value of [buffer, array, view]) {
    const error = assertThrows(() => codec.arguments([{ value }]), NotSerializableError);
    assertEquals(error.path, "args[0].value");
  }
});

test("Encoder keeps what a getter threw as the cause", () => {
  const codec = new Codec();
  const cause = new Error("boo");
  const thrower = {
    before: {},
    get x() {
      throw cause;
    },
  };
  for (const value of [thrower, Object.assign(Object.create(null), { thrower }).thrower]) {
    const error = assertThrows(() => codec.arguments([1, [value]]), NotSerializableError);
    assertEquals(error.path, "args[1][0].x");
    assertEquals(error.cause === cause, true);
  }
  const nested = {
    get x() {
      throw new NotSerializableError("elsewhere", "not ours");
    },
  };
  const error = assertThrows(() => codec.arguments([nested]), NotSerializableError);
  assertEquals(error.path, "args[0].x");
  assertInstanceOf(error.cause, NotSerializableError);
});

test("Encoder names the path to a proxy that does not list its keys", () => {
  const codec = new Codec();
  const cause = new Error("trap");
  /** Traps that throw from the given call of them on. */
  const proxy = (target: object, calls: number) =>
    new Proxy(target, {
      ownKeys(target) {
        if (--calls < 0) throw cause;
        return Reflect.ownKeys(target);
      },
    });
  const targets = [() => ({ a: 1 }), () => Object.create(null), () => [1, "b"], () => [1, , 2]];
  let refusals = 0;
  for (const target of targets) {
    for (let calls = 0; calls < 4; calls++) {
      const wrappers: [wrap: (value: unknown) => unknown, path: string][] = [
        [(value) => value, "args[0]"],
        [(value) => ({ before: { x: 1 }, it: value }), "args[0].it"],
        [(value) => [{ x: 1 }, value], "args[0][1]"],
        [(value) => Object.assign([{ x: 1 }], { it: value }), "args[0].it"],
        [
          (value) => new Map<string, unknown>([["a", { x: 1 }], ["it", value]]),
          'args[0].get("it")',
        ],
        [(value) => new Set<unknown>([{ x: 1 }, value]), "args[0].values()[1]"],
      ];
      for (const [wrap, path] of wrappers) {
        try {
          codec.arguments([wrap(proxy(target(), calls))]);
        } catch (error) {
          refusals++;
          assertInstanceOf(error, NotSerializableError);
          assertEquals([error.path, error.cause === cause], [path, true]);
        }
      }
    }
  }
  // Engines list the keys of some at least once, and of plain objects at least twice.
  assert(refusals >= 5 * 6, `${refusals} refusals`);
});

test("Encoder names the path to what is nested deeply", () => {
  const codec = new Codec();
  let value: unknown = Symbol();
  for (let i = 0; i < 60; i++) value = { v: value };
  assertEquals(
    assertThrows(() => codec.arguments([value]), NotSerializableError).path,
    "args[0]" + ".v".repeat(60),
  );
  for (let i = 0; i < 940; i++) value = { v: value };
  const { path } = assertThrows(() => codec.arguments([value]), NotSerializableError);
  assertEquals(path, `args[0]${".v".repeat(31)}…(937 more)…${".v".repeat(32)}`);
});

test("Encoder passes on what grow throws, and can be used again", () => {
  const codec = new Codec({ first: 8, max: 100 });
  for (const value of ["x".repeat(200), [new Uint8Array(200)], { a: "x".repeat(99) }]) {
    const error = assertThrows(() => codec.arguments([value]), RangeError);
    assertStringIncludes(error.message, "no room");
    const { encoder } = codec;
    assertThrows(() => {
      codec.begin();
      encoder.error(Object.assign(new Error(), { value }));
    }, RangeError);
    assertEquals(codec.arguments([1, { a: 1 }]), [1, { a: 1 }]);
  }
});

test("Encoder refuses to be entered from a getter", () => {
  const codec = new Codec();
  const value = {
    get x() {
      return codec.value(1);
    },
  };
  const error = assertThrows(() => codec.arguments([value]), NotSerializableError);
  assertStringIncludes(String(error.cause), "Cannot encode");
  assertEquals(codec.value({ a: 1 }), { a: 1 });
});
