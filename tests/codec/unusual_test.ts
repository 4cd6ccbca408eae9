/**
 * Values that programs rarely make: what the other tests of the codec do not reach.
 *
 * @module
 */
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { NotSerializableError } from "../../src/base/errors.ts";
import { Encoder } from "../../src/codec/mod.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import { bufferText, Codec } from "./harness.ts";

type Resizable = ArrayBuffer & { resize(length: number): void };
type ResizableConstructor = new (size: number, options: { maxByteLength: number }) => Resizable;

test("Codec keeps dates, errors and boxed values without the prototype that they had", () => {
  const codec = new Codec();
  for (const prototype of [Object.prototype, null]) {
    const bare = (value: object) => Object.setPrototypeOf(value, prototype);
    const values = [bare(new Date(7)), bare(new Error("e")), bare(Object(8)), bare({})];
    const [date, error, boxed, plain] = codec.value(values);
    assertEquals(date, new Date(7));
    assertInstanceOf(error, Error);
    assertEquals(error.message, "e");
    assertEquals(boxed, Object(8));
    assertEquals(Object.keys(plain), []);
  }
});

test("Codec keeps what has lost its prototype altogether", () => {
  const codec = new Codec();
  const bare = (value: object) => Object.setPrototypeOf(value, null);
  const bytes = Uint8Array.of(1, 2, 3).buffer;
  const values = [
    bare(new Map([[1, "one"]])),
    bare(new Set([2])),
    bare(/three/gi),
    bare(bytes),
    Object.create(null),
  ];
  const [map, set, pattern, buffer, plain] = codec.value(values);
  assertEquals(map, new Map([[1, "one"]]));
  assertEquals(set, new Set([2]));
  assertEquals(String(pattern), "/three/gi");
  assertEquals(new Uint8Array(buffer), Uint8Array.of(1, 2, 3));
  assertEquals(Object.keys(plain), []);
  assert(plain instanceof Object);
});

test("Codec sends of an object that inherits from a plain one its own properties", () => {
  const codec = new Codec();
  const own = Object.assign(Object.create({ inherited: 1 }), { own: 2 });
  assertEquals(codec.value([own, own]), [{ own: 2 }, { own: 2 }]);
  let deep: unknown = own;
  for (let i = 0; i < 100; i++) deep = [deep];
  let back = codec.value(deep);
  for (let i = 0; i < 100; i++) back = (back as unknown[])[0];
  assertEquals(back, { own: 2 });
});

test("Codec goes on after more different lists of keys than it remembers", () => {
  const codec = new Codec();
  const often = { often: 1, seen: 2 };
  for (let i = 0; i < 3; i++) assertEquals(codec.value(often), often);
  const numbered = codec.lists.length;
  for (let i = 0; i < 6000; i++) {
    const value = { [`key ${i}`]: i };
    assertEquals(codec.value(value), value);
  }
  assertEquals(codec.value(often), often);
  assertEquals(codec.lists.length, numbered);
});

test("Codec sends errors whose getters throw, without what these would have given", () => {
  const codec = new Codec();
  class Odd extends Error {
    override get name(): string {
      throw new Error("no name");
    }
  }
  const odd = new Odd("odd");
  // Without an own stack the encoder asks the prototypes.
  delete odd.stack;
  const parent = Object.create(Error.prototype, {
    stack: {
      get() {
        throw new Error("no stack");
      },
    },
  });
  for (const error of [odd, Object.setPrototypeOf(new Error("odd"), parent)]) {
    const back = codec.error(error) as Error;
    assertInstanceOf(back, Error);
    assertEquals(back.message, "odd");
  }
});

test("Codec sends errors without any class, and those of another realm, as the nearest", () => {
  const codec = new Codec();
  const back = codec.error(Object.setPrototypeOf(new Error("classless"), null)) as Error;
  assertEquals([back.constructor, back.message], [Error, "classless"]);
  const foreign = runInNewContext("new TypeError('foreign')");
  assert(!(foreign instanceof Error));
  const near = codec.error(foreign) as Error;
  assertEquals([near.constructor, near.message], [TypeError, "foreign"]);
});

test("Encoder refuses an instance of a class that throws when it is asked for its name", () => {
  class Shy {
    static get name(): string {
      throw new Error("no name");
    }
  }
  const codec = new Codec();
  codec.begin();
  assertThrows(
    () => codec.encoder.arguments("structured", [new Shy()]),
    NotSerializableError,
    "an instance of the class Foo",
  );
});

test("Encoder refuses subclasses of built-ins and errors that are nested too deeply", () => {
  const codec = new Codec();
  class Table extends Map<unknown, unknown> {}
  codec.register("file:///m.ts", { Table });
  let tables = new Table();
  let error = new Error("innermost");
  for (let i = 0; i < 600; i++) {
    tables = new Table([[1, tables]]);
    error = new Error("outer", { cause: error });
  }
  for (const value of [tables, error]) {
    codec.begin();
    const refused = assertThrows(
      () => codec.encoder.arguments("structured", [value]),
      NotSerializableError,
      "nested too deeply",
    );
    assertStringIncludes(refused.message, "args[0]");
  }
});

test("Encoder names the path behind an error with deep contents", () => {
  const codec = new Codec();
  let deep: unknown = 1;
  for (let i = 0; i < 150; i++) deep = [deep];
  const error = new Error("deep", { cause: deep });
  codec.begin();
  assertThrows(
    () => codec.encoder.arguments("structured", [{ a: [error, { b: Symbol("s") }] }]),
    NotSerializableError,
    "args[0].a[1].b",
  );
});

test("Encoder refuses views that a shrunk buffer has left outside", () => {
  const codec = new Codec();
  for (const Kind of [Uint8Array, Int32Array]) {
    const buffer = new (ArrayBuffer as ResizableConstructor)(16, { maxByteLength: 16 });
    const view = new Kind(buffer, 8, 1);
    buffer.resize(4);
    codec.begin();
    assertThrows(
      () => codec.encoder.arguments("structured", [view]),
      NotSerializableError,
      "shorter than the view",
    );
  }
});

test("Encoder refuses a buffer that a getter detaches behind its back", () => {
  const codec = new Codec();
  const bytes = new Uint8Array(100);
  const value = {
    bytes,
    get detached(): boolean {
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      return true;
    },
  };
  codec.begin();
  assertThrows(
    () => codec.encoder.arguments("structured", [value]),
    NotSerializableError,
    "detached while it was encoded",
  );
  assertEquals(codec.value(1), 1);
});

test("Encoder refuses a region that is smaller than what it has asked for", () => {
  const region = new Codec().region(16);
  const encoder = new Encoder({
    grow: () => region,
    identities: { identify: () => undefined, resolve: () => undefined },
    natives: bufferText,
  });
  encoder.begin(region.bytes, region.view, region.start, region.end);
  assertThrows(() => encoder.value("structured", "x".repeat(100)), RangeError, "were asked for");
});
