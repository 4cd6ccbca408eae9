import { test } from "node:test";
import { MulticoreError } from "../../src/base/errors.ts";
import { AppendLog } from "../../src/memory/append_log.ts";
import { closure, closureParts } from "../../src/task/closure.ts";
import { FunctionNumbers, FunctionRecords } from "../../src/task/function_table.ts";
import { register } from "../../src/task/registry.ts";
import { ShapeReader, ShapeWriter } from "../../src/task/shapes.ts";
import { assertEquals, assertThrows } from "../../deps.ts";

test("FunctionNumbers refuses one function too many, and keeps the others", () => {
  const memory = AppendLog.create(200);
  const numbers = new FunctionNumbers(new AppendLog(memory), true);
  const records = new FunctionRecords(new AppendLog(memory));
  const first = closure(() => 1);
  assertEquals(numbers.numberOf(first), 0);
  const large = closure(
    () =>
      "a function whose source is too long for what is left of the memory, by some characters" +
      " which stand here, and here, and here, and for nothing else but for taking room",
  );
  assertThrows(
    () => numbers.numberOf(large),
    MulticoreError,
    "the pool's table of task functions is full",
  );
  assertEquals(numbers.numberOf(first), 0);
  assertEquals("source" in records.at(0), true);
  assertThrows(() => records.at(1), RangeError, "Cannot find task function 1");
  assertEquals(numbers.nameOf(1), "function 1");
});

test("ShapeWriter gives no number where there is no room, and a reader knows the others", () => {
  const memory = AppendLog.create(40);
  const writer = new ShapeWriter(new AppendLog(memory));
  const reader = new ShapeReader(new AppendLog(memory));
  assertEquals(writer.intern(["id", "msg"]), 0);
  assertEquals(writer.intern(["a key that is too long for the rest of the memory"]), -1);
  assertEquals(writer.intern(["x"]), 1);
  assertEquals([reader.keys(1), reader.keys(0), writer.keys(1)], [["x"], ["id", "msg"], ["x"]]);
  for (const shapes of [writer, reader]) {
    assertThrows(() => shapes.keys(2), RangeError, "Cannot find object shape 2");
  }
  assertEquals(reader.intern(), -1);
});

test("Tables hold what they are given, whatever toJSON the program gives to all objects", () => {
  const prototype = Object.prototype as { toJSON?: () => unknown };
  const memory = AppendLog.create(1000);
  const keys = AppendLog.create(1000);
  const numbers = new FunctionNumbers(new AppendLog(memory), true);
  const writer = new ShapeWriter(new AppendLog(keys));
  const exported = (n: number) => n;
  register("file:///quotes%22.ts", { 'a "name"': exported });
  const closures = [closure(() => 1), closure(() => 2), closure(() => 2, { a: 1, b: 2 })];
  prototype.toJSON = () => "hijacked";
  try {
    assertEquals(closures.map((fn) => numbers.numberOf(fn)), [0, 1, 2]);
    assertEquals([numbers.numberOf(exported), numbers.captures(1)], [3, false]);
    assertEquals(writer.intern(["id", 'a "key"']), 0);
  } finally {
    delete prototype.toJSON;
  }
  const records = new FunctionRecords(new AppendLog(memory));
  const first = records.at(0) as { source: string; names: string[]; name: string };
  assertEquals([first.source, first.names, first.name], [
    closureParts(closures[0]!)!.source,
    [],
    "",
  ]);
  assertEquals((records.at(2) as { names: readonly string[] }).names, ["a", "b"]);
  assertEquals(records.at(3), { module: "file:///quotes%22.ts", name: 'a "name"' });
  assertEquals(new ShapeReader(new AppendLog(keys)).keys(0), ["id", 'a "key"']);
});
