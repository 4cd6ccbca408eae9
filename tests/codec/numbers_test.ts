import { test } from "node:test";
import { assertEquals, assertThrows, fc } from "../../deps.ts";
import { MulticoreError, NotSerializableError } from "../../src/base/errors.ts";
import { Codec, type HarnessOptions } from "./harness.ts";

const LENGTH = 200;

/** Encodes in ample memory, in memory that grows at each point, and without natives. */
const memories: HarnessOptions[] = [{}, { first: 1, exact: true }, { portable: true }];

function numbers(make: (i: number) => unknown, length: number = LENGTH): unknown[] {
  return Array.from({ length }, (_, i) => make(i));
}

function same(actual: unknown[], expected: unknown[]): void {
  assertEquals(Reflect.ownKeys(actual), Reflect.ownKeys(expected));
  for (const key of Object.keys(expected) as unknown as number[]) {
    assertEquals(Object.is(actual[key], expected[key]), true, `at ${key}`);
  }
}

test("Codec keeps arrays of numbers exactly, at every edge of what they are packed in", () => {
  const edges = [0, -0, 127, 128, -128, -129, 32767, 32768, -32768, -32769, 2 ** 30, 2 ** 31 - 1];
  edges.push(2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 0.5, NaN, Infinity, -Infinity, 2 ** 53, 5e-324);
  for (const options of memories) {
    const codec = new Codec(options);
    for (const edge of edges) {
      for (const at of [0, 1, LENGTH - 1]) {
        const value = numbers((i) => i === at ? edge : i % 100);
        same(codec.value(value), value);
        // At whatever offset, and among others.
        const args = codec.arguments(["x", value, "yz", value, [value]]) as unknown[][];
        same(args[1]!, value);
        assertEquals(args[1] === args[3] && args[1] === args[4]![0], true);
      }
      for (const length of [47, 48, 49, 1000, 4096, 4097, 9000]) {
        const value = numbers(() => edge, length);
        same(codec.value(value), value);
      }
    }
  }
});

test("Codec keeps random arrays of numbers", { timeout: 60_000 }, () => {
  const number = fc.oneof(fc.integer(), fc.integer({ min: -200, max: 200 }), fc.double());
  const other = fc.constantFrom(undefined, null, "1", 1n, true);
  const array = fc.oneof(
    fc.array(number, { minLength: 40, maxLength: 300 }),
    fc.array(fc.integer(), { minLength: 40, maxLength: 300 }),
    fc.tuple(fc.array(number, { minLength: 60 }), fc.nat(), other).map(([array, at, other]) => {
      (array as unknown[])[at % array.length] = other;
      return array;
    }),
  );
  for (const options of memories) {
    const codec = new Codec(options);
    fc.assert(fc.property(array, (value) => same(codec.value(value), structuredClone(value))), {
      seed: 5,
      numRuns: 200,
    });
  }
});

test("Codec keeps what arrays of numbers have besides", () => {
  for (const options of memories) {
    const codec = new Codec(options);
    for (const length of [20, 60, 300, 2000]) {
      const make = () => numbers((i) => i, length);
      const hole = make();
      delete hole[length >> 1];
      const ended = make();
      ended.length = length + 1;
      const both = Object.assign(make(), { name: 1 });
      delete both[3];
      const gone = Object.assign(make(), { name: 1 }) as unknown[] & { name?: number };
      delete gone.name;
      const named = ["name", "-1", "01", "4294967295", "1.5", "__proto__"].map((name) =>
        Object.defineProperty(make(), name, { value: 1, enumerable: true })
      );
      const hidden = Object.defineProperty(make(), "hidden", { value: 1 });
      const getter = Object.defineProperty(make(), 7, { get: () => 0.25, enumerable: true });
      const frozen = Object.freeze(make());
      const proxy = new Proxy(make(), {});
      for (const value of [hole, ended, both, gone, ...named, getter, frozen]) {
        same(codec.value(value as unknown[]), structuredClone(value as unknown[]));
      }
      same(codec.value(hidden), make());
      same(codec.value(proxy), make());
      const symbol = Object.assign(make(), { [Symbol("s")]: 1 });
      assertThrows(() => codec.value(symbol), NotSerializableError, "Symbol(s)");
      const throws = Object.defineProperty(make(), 7, {
        get() {
          throw new Error("no");
        },
        enumerable: true,
      });
      assertEquals(
        assertThrows(() => codec.value(throws), NotSerializableError).message.includes("no"),
        true,
      );
    }
  }
});

test("Codec reads of a proxy what it pretends to be", () => {
  const codec = new Codec();
  const target = numbers((i) => i);
  const proxy = new Proxy(target, {
    ownKeys: () => [...Reflect.ownKeys(target), "name"],
    getOwnPropertyDescriptor: (_, key) =>
      key === "name"
        ? { value: 1, enumerable: true, configurable: true }
        : Reflect.getOwnPropertyDescriptor(target, key),
    get: (_, key) => key === "name" ? 1 : Reflect.get(target, key),
  });
  same(codec.value(proxy), Object.assign(target.slice(), { name: 1 }));
});

test("Codec takes an array of numbers for no longer than its getters say", () => {
  const codec = new Codec();
  for (const turns of [[1, "a"], [1, 0.5, -0], [1, 300, 1e9], [0.5, "b"]]) {
    let reads = 0;
    const value = Object.defineProperty(numbers((i) => i), 9, {
      get: () => turns[reads++ % turns.length],
      enumerable: true,
    });
    const copy = codec.value(value);
    assertEquals(turns.some((turn) => Object.is(turn, copy[9])), true);
    copy[9] = 9;
    same(copy, numbers((i) => i));
  }
});

test("Codec sends no element that an array only inherits", () => {
  for (const prototype of [Array.prototype, Object.prototype] as Record<number, unknown>[]) {
    for (const length of [60, 300]) {
      const value = numbers((i) => i, length);
      delete value[5];
      const codec = new Codec();
      prototype[5] = 1;
      let copy: unknown[];
      try {
        copy = codec.value(value);
      } finally {
        delete prototype[5];
        Array.prototype.length = 0;
      }
      same(copy, value);
    }
  }
});

test("Codec keeps a subclass of Array that has nothing but numbers", () => {
  class List extends Array<number> {}
  const codec = new Codec();
  codec.register("file:///m.ts", { List });
  const copy = codec.value(List.from({ length: 100 }, (_, i) => i));
  assertEquals([copy instanceof List, copy.length, copy[99]], [true, 100, 99]);
});

test("Codec reads packed numbers from memory at an odd offset", () => {
  const codec = new Codec();
  for (const make of [(i: number) => i, (i: number) => i * 1000, (i: number) => i + 0.5]) {
    const value = numbers(make);
    const memory = new ArrayBuffer(8192);
    const bytes = new Uint8Array(memory, 3);
    const view = new DataView(memory, 3);
    codec.encoder.begin(bytes, view, 8, bytes.length);
    codec.encoder.value("structured", value);
    same(codec.decoder.value(bytes, view, 8, codec.encoder.position) as unknown[], value);
  }
});

test("Decoder refuses packed numbers that are not there", () => {
  const codec = new Codec();
  const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x07];
  for (const [count, kind] of [[[100], 0], [[100], 3], [huge, 0], [huge, 3], [[1], 4]] as const) {
    const bytes = new Uint8Array([0, 29, ...count, kind, ...new Array(40).fill(0)]);
    const view = new DataView(bytes.buffer);
    assertThrows(() => codec.decoder.value(bytes, view, 0, bytes.length), MulticoreError);
  }
});
