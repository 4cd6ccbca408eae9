import { test } from "node:test";
import { assertEquals, fc } from "../../deps.ts";
import { graph, text } from "./arbitraries.ts";
import { difference } from "./graph.ts";
import { Codec, type HarnessOptions } from "./harness.ts";

const seed = 20260;
const numRuns = 400;

/** Encodes thrice, since shapes get their numbers when they repeat. */
function check(codec: Codec, value: unknown): void {
  for (let i = 0; i < 3; i++) {
    assertEquals(difference(codec.value(value), structuredClone(value)), undefined);
  }
  const args = [value, 1, value];
  assertEquals(difference(codec.arguments(args), structuredClone(args)), undefined);
}

const memories: Record<string, HarnessOptions> = {
  "in ample memory": { first: 1 << 14 },
  "in memory that grows at each point": { first: 1, exact: true },
  "without shapes": { shapes: false },
  "with portable text": { portable: true },
};

for (const [name, options] of Object.entries(memories)) {
  test(`Codec keeps what structuredClone keeps, ${name}`, { timeout: 120_000 }, () => {
    const codec = new Codec(options);
    fc.assert(fc.property(graph, (value) => check(codec, value)), { seed, numRuns });
  });
}

test("Codec keeps every string exactly", { timeout: 60_000 }, () => {
  for (const options of [{}, { portable: true }, { first: 1, exact: true }]) {
    const codec = new Codec(options);
    for (const format of ["structured", "string"] as const) {
      fc.assert(
        fc.property(text, (value) => assertEquals(codec.value(value, format) === value, true)),
        { seed, numRuns },
      );
    }
    for (let length = 0; length < 300; length++) {
      for (const unit of ["a", "é", "€", "\u{1f600}", "\ud800", "\udc00a"]) {
        for (const value of [unit.repeat(length), "x".repeat(length) + unit]) {
          assertEquals(codec.value(value) === value, true);
        }
      }
    }
    for (const length of [32, 63, 64, 1000, 5000]) {
      for (const odd of ["é", "ÿ", "Ā", "漢", "\ud800", "\udc00"]) {
        for (const at of [0, 1, length >> 3, length >> 1, length - 1]) {
          const value = "a".repeat(at) + odd + "a".repeat(length - at - 1);
          // In front of it something that moves it to an odd offset, or not.
          assertEquals(codec.arguments([value, 1, value]), [value, 1, value]);
        }
      }
    }
    const long = "a€\u{1f600}".repeat(50_000);
    assertEquals(codec.value(long) === long, true);
    assertEquals(codec.value("\ud800" + long) === "\ud800" + long, true);
    assertEquals(codec.value("\ufefftext") === "\ufefftext", true);
    assertEquals(codec.value("\ufeff" + long) === "\ufeff" + long, true);
  }
});

test("Codec keeps text exactly, near other text and far from it", { timeout: 60_000 }, () => {
  const codec = new Codec();
  const characters = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("");
  const piece = fc.tuple(fc.nat(70), fc.nat(255), fc.nat(60)).map(([length, from, gap]) => [
    (characters + characters).slice(from, from + length),
    // So many bytes until the next one, which may itself be of another kind.
    new Array(gap).fill(0),
    gap % 7 === 0 ? "ж".repeat(gap) : gap,
    gap % 5 === 0 ? { [`key ${from}`]: "a value", short: "x" } : null,
  ]);
  const texts = fc.array(piece, { maxLength: 40 });
  fc.assert(fc.property(texts, (value) => check(codec, value)), { seed, numRuns });
});

test("Codec keeps very long text exactly, in the shortest way", { timeout: 60_000 }, () => {
  const length = 1 << 20;
  for (const portable of [false, true]) {
    const codec = new Codec({ portable });
    for (
      const [unit, tail, size] of [
        ["a", "b", length + 1],
        ["é", "b", length + 1],
        ["a", "漢", length + 3],
        ["é", "漢", 2 * length + 2],
        ["漢", "b", 2 * length + 2],
        ["a", "\ud800", 2 * length + 2],
      ] as const
    ) {
      const value = unit.repeat(length) + tail;
      assertEquals(codec.value(value) === value, true);
      assertEquals(codec.encoded().length, 1 + 5 + size);
    }
  }
});

test("Codec keeps numbers exactly", () => {
  const codec = new Codec();
  const edges = [0, -0, 111, 112, -16, -17, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1];
  for (const value of [...edges, NaN, 0.1, 2 ** 53, 5e-324, 1.7e308, Infinity, -Infinity]) {
    assertEquals(Object.is(codec.value(value), value), true);
  }
  for (const bits of [63n, 64n, 65n, 127n, 1000n, 100_000n]) {
    for (const value of [2n ** bits, -(2n ** bits), 2n ** bits - 1n, -(2n ** bits) - 1n]) {
      assertEquals(codec.value(value), value);
    }
  }
});

test("Codec keeps arrays with holes, names and great lengths", () => {
  const codec = new Codec();
  const match = "xay".match(/(?<name>a)/)!;
  const far: unknown[] = [];
  far[4_000_000_000] = "far";
  const wide: unknown[] = new Array(5000);
  wide[4999] = { x: 1 };
  const disguised: unknown[] = Object.assign([1, , 3], { name: 4 });
  const empty = new Array(4_294_967_295);
  for (const value of [match, far, wide, disguised, [, 1, ,], new Array(100), empty]) {
    const copy = codec.value(value);
    assertEquals(copy.length, value.length);
    // Bun's structuredClone would try each index.
    const expected = value === match ? structuredClone(value) : value;
    assertEquals(Object.entries(copy), Object.entries(expected));
    assertEquals(0 in copy, 0 in value);
  }
});

test("Codec keeps deep values without using up the stack", { timeout: 60_000 }, () => {
  const codec = new Codec();
  interface Node {
    next?: unknown;
  }
  let list: Node | undefined;
  for (let i = 0; i < 100_000; i++) {
    list = i % 2 ? { next: list } : { next: new Map([["k", list]]) };
  }
  let node: unknown = codec.value(list);
  let depth = 0;
  for (; node !== undefined; depth++) {
    const next = (node as Node).next;
    node = next instanceof Map ? next.get("k") : next;
  }
  assertEquals(depth, 100_000);
  let nested: unknown[] = Object.assign([1, , 2], { name: "x" });
  for (let i = 0; i < 20_000; i++) nested = i % 2 ? [nested] : [new Set([nested])];
  let copy: unknown = codec.arguments([nested])[0];
  while (Array.isArray(copy) && !Object.hasOwn(copy, "name")) {
    copy = copy[0] instanceof Set ? [...copy[0]][0] : copy[0];
  }
  assertEquals(Object.keys(copy as object), ["0", "2", "name"]);
});

test("Codec keeps identity among arguments and through deferred contents", () => {
  const codec = new Codec();
  const shared = { a: 1 };
  const [x, y] = codec.arguments([shared, [shared]]) as [object, object[]];
  assertEquals(x === y[0], true);
  let deep: Record<string, unknown> = { shared };
  const bottom = deep;
  for (let i = 0; i < 300; i++) deep = { deep, shared };
  bottom.top = deep;
  const copy = codec.value(deep);
  let at = copy;
  while (at.deep !== undefined) {
    assertEquals(at.shared === copy.shared, true);
    at = at.deep as Record<string, unknown>;
  }
  assertEquals(at.top === copy, true);
});

test("Codec reads each getter once", () => {
  const codec = new Codec();
  let reads = 0;
  const value = {
    get a() {
      return ++reads;
    },
  };
  assertEquals(codec.value(value), { a: 1 });
  assertEquals(reads, 1);
});

test("Codec takes what a getter removes or adds as structuredClone does", () => {
  const codec = new Codec();
  const make = () => {
    const value: Record<string, unknown> = {
      get a() {
        delete value.b;
        value.d = 1;
        return 1;
      },
      b: 2,
      c: 3,
    };
    return value;
  };
  for (let i = 0; i < 3; i++) assertEquals(codec.value(make()), structuredClone(make()));
});

test("Codec never changes a prototype through a key", () => {
  const codec = new Codec();
  const value = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 1}');
  for (let i = 0; i < 3; i++) {
    const copy = codec.value(value);
    assertEquals(Object.keys(copy), ["__proto__", "constructor"]);
    assertEquals(Object.getPrototypeOf(copy) === Object.prototype, true);
    assertEquals(({} as { polluted?: number }).polluted, undefined);
  }
});
