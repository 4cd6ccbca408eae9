import { test } from "node:test";
import { NotSerializableError } from "../../src/base/errors.ts";
import { type Format, MissingModuleError } from "../../src/codec/mod.ts";
import { assertEquals, assertInstanceOf, assertThrows } from "../../deps.ts";
import { Codec } from "./harness.ts";

test('Codec in "json" has the semantics of JSON', () => {
  for (const first of [64, 1]) {
    const codec = new Codec({ first, exact: true });
    const value = { a: [1, undefined, "é\ud800"], b: undefined, c: new Date(0) };
    const args = [value, undefined, 1];
    assertEquals(codec.arguments(args, "json"), JSON.parse(JSON.stringify(args)));
    assertEquals(codec.value(value as unknown, "json"), JSON.parse(JSON.stringify(value)));
    assertEquals(codec.value(undefined, "json"), undefined);
    assertEquals(codec.value(null, "json"), null);
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const refused of [1n, cycle, () => 1, Symbol()]) {
      const error = assertThrows(() => codec.value(refused, "json"), NotSerializableError);
      assertEquals(error.path, "result");
    }
    assertEquals(
      assertThrows(() => codec.arguments([1n], "json"), NotSerializableError).path,
      "args",
    );
  }
});

test('Codec in "string" takes strings only', () => {
  const codec = new Codec({ first: 1, exact: true });
  const args = ["", "a", "\ud800", "é".repeat(100)];
  assertEquals(codec.arguments(args, "string"), args);
  assertEquals(codec.value("result", "string"), "result");
  const error = assertThrows(() => codec.arguments(["a", 1], "string"), NotSerializableError);
  assertEquals(error.path, "args[1]");
  assertThrows(() => codec.value(undefined as unknown, "string"), NotSerializableError);
});

test('Codec in "bytes" takes Uint8Arrays only, copied and borrowed', () => {
  const codec = new Codec({ first: 1, exact: true });
  const args = [new Uint8Array([1, 2, 3]), new Uint8Array(0), new Uint8Array(1000).fill(7)];
  for (const borrow of [false, true]) {
    const copies = codec.arguments(args, "bytes", borrow) as Uint8Array[];
    assertEquals(copies.map((copy) => [...copy]), args.map((array) => [...array]));
    for (const copy of copies) {
      assertInstanceOf(copy, Uint8Array);
      assertEquals((copy.buffer as ArrayBufferLike) === codec.shared, borrow);
      if (borrow) assertEquals(copy.byteOffset % 8, 0);
    }
  }
  assertEquals([...codec.value(args[0]!, "bytes")], [1, 2, 3]);
  for (const refused of [new Uint16Array(1), new ArrayBuffer(1), "a", [1]]) {
    const error = assertThrows(
      () => codec.value(refused as unknown, "bytes"),
      NotSerializableError,
    );
    assertEquals(error.path, "result");
  }
});

test("Encoder refuses formats that there are not", () => {
  const codec = new Codec();
  assertThrows(() => codec.value(1, "xml" as Format), TypeError, "xml");
  assertThrows(() => codec.arguments([1], "xml" as Format), TypeError, "xml");
});

test("MissingModuleError names the module", () => {
  const error = new MissingModuleError("file:///m.ts");
  assertEquals([error.name, error.module], ["MissingModuleError", "file:///m.ts"]);
});
