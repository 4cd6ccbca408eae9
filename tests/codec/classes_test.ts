import { test } from "node:test";
import { MissingModuleError } from "../../src/codec/mod.ts";
import { assertEquals, assertInstanceOf, assertThrows } from "../../deps.ts";
import { Codec } from "./harness.ts";

const module = "https://example.com/shapes.ts";

class Point {
  x: number;
  y: number;
  self: Point | undefined;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  get sum(): number {
    return this.x + this.y;
  }
}
class Tagged extends Map<string, unknown> {
  tag = "t";
}
class Stack extends Array<unknown> {
  label = "l";
}
class Moment extends Date {
  zone = "utc";
}
class Vector extends Float64Array {
  unit = "m";
}
class Bag extends Set<unknown> {}

function registered(): Codec {
  const codec = new Codec();
  codec.register(module, { Point, Tagged, Stack, Moment, Vector, Bag, parse: JSON.parse });
  return codec;
}

test("Codec keeps instances of registered classes, cycles among them", () => {
  const codec = registered();
  const point = new Point(1, 2);
  point.self = point;
  for (let i = 0; i < 3; i++) {
    const [a, b] = codec.arguments([point, [point, new Point(3, 4)]]) as [Point, Point[]];
    assertInstanceOf(a, Point);
    assertEquals(a.sum, 3);
    assertEquals(a.self === a && b[0] === a, true);
    assertEquals(b[1]!.sum, 7);
    assertEquals(Object.keys(a), ["x", "y", "self"]);
  }
});

test("Codec keeps instances of registered subclasses of built-ins", () => {
  const codec = registered();
  const tagged = new Tagged([["a", 1]]);
  tagged.set("me", tagged);
  const map = codec.value(tagged);
  assertInstanceOf(map, Tagged);
  assertEquals([map.get("a"), map.get("me") === map, map.tag], [1, true, "t"]);
  const stack = new Stack();
  stack.push(1, 2);
  const array = codec.value(stack);
  assertInstanceOf(array, Stack);
  assertEquals([...array, array.length, array.label], [1, 2, 2, "l"]);
  const moment = codec.value(new Moment(5));
  assertInstanceOf(moment, Moment);
  assertEquals([moment.getTime(), moment.zone], [5, "utc"]);
  const vector = codec.value(new Vector([1, 2]));
  assertInstanceOf(vector, Vector);
  assertEquals([...vector, vector.unit], [1, 2, "m"]);
  assertEquals([...codec.value(new Bag([1, "a"]))], [1, "a"]);
});

test("Codec keeps deep instances of registered classes", () => {
  const codec = registered();
  let point = new Point(0, 0);
  for (let i = 0; i < 1000; i++) {
    const next = new Point(i, i);
    next.self = point;
    point = next;
  }
  let copy: Point | undefined = codec.value(point);
  for (let i = 999; i >= 0; i--, copy = copy!.self) assertEquals(copy!.sum, 2 * i);
});

test("Codec sends registered functions and classes by identity", () => {
  const codec = registered();
  const copy = codec.value({ a: Point, b: JSON.parse, c: [Point] });
  assertEquals(copy.a === Point && copy.b === JSON.parse && copy.c[0] === Point, true);
});

test("Decoder says which module is missing, and decodes once it is there", () => {
  const codec = registered();
  codec.missing.add(module);
  const error = assertThrows(() => codec.value([new Point(1, 2)]), MissingModuleError);
  assertEquals(error.module, module);
  codec.missing.clear();
  const { bytes, view, start, position } = codec.encoder;
  const copy = codec.decoder.value(bytes, view, start, position) as Point[];
  assertEquals(copy[0]!.sum, 3);
});

test("Codec does not call setters or constructors of the class", () => {
  let calls = 0;
  class Watched {
    constructor() {
      calls++;
      Object.defineProperty(this, "value", { value: 1, enumerable: true });
    }
    set value(_: number) {
      calls++;
    }
  }
  const codec = new Codec();
  codec.register(module, { Watched });
  for (let i = 1; i <= 3; i++) {
    const copy = codec.value(new Watched());
    assertEquals(calls, i);
    assertEquals(Object.entries(copy), [["value", 1]]);
  }
});
