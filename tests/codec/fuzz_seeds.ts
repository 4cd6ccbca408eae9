/**
 * What the fuzzer begins with: encodings of every kind of value that there is.
 * `npm run fuzz -- --seeds` writes them to the corpus.
 *
 * @module
 */
import { Encoder } from "../../src/codec/mod.ts";
import { Guarded } from "./arbitrary_bytes.ts";
import { absent, beside, Mishap, Point, Row, Table, world } from "./fuzz_world.ts";

type ResizableConstructor = new (size: number, options: { maxByteLength: number }) => ArrayBuffer;

function deep(levels: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { deep: value };
  return value;
}

function cycle(): unknown {
  const map = new Map<unknown, unknown>();
  const self = { map, set: new Set([map]) };
  map.set("self", self);
  return [self, self];
}

/** An error whose stack is the same on every machine. */
function thrown<A extends unknown[]>(type: new (...args: A) => Error, ...args: A): Error {
  const error = new type(...args);
  error.stack = `${error.name}\n    at f (m.ts:1:2)`;
  return error;
}

/** Values, each an argument or several. */
function values(): unknown[][] {
  const buffer = new ArrayBuffer(24);
  const wide = new (ArrayBuffer as ResizableConstructor)(8, { maxByteLength: 32 });
  const failure = Object.assign(thrown(TypeError, "m", { cause: [1] }), { code: "E" });
  return [
    [],
    [undefined, null, true, false, 0, -1, 100, 1000, -(2 ** 31), 1.5, NaN, -0, 2 ** 53],
    ["", "short", "é", "long ".repeat(20), "é".repeat(70), "日本語".repeat(9), "\ud800"],
    [5n, -(2n ** 63n), 1n << 200n, -(1n << 70n)],
    [new Date(5), new Date(NaN), /a+(b)/giu, new RegExp("")],
    [Object(1), Object("text"), Object(false), Object(7n)],
    [{ id: 1, msg: "two" }, { id: 3, msg: "four" }, { x: { y: {} } }, {}],
    [Object.assign(Object.create(null), { bare: 1, twice: [2] })],
    [JSON.parse('{"__proto__":1,"a":2}'), JSON.parse('{"__proto__":{"x":1},"constructor":2}')],
    [[1, 2, 3], [1, -300, 70000], [0.5, 1.5, 2.5, 3.5], Array.from({ length: 40 }, (_, i) => i)],
    [1000, 100_000, 0.3].map((step) => Array.from({ length: 70 }, (_, i) => i * step)),
    [["a", "b"], [[], [[]]], [1, , 3], Object.assign([1, 2], { name: 3 })],
    [Object.assign([], { 4000000000: 1 }), Object.assign([], { length: 100000 })],
    [new Map<unknown, unknown>([[1, "a"], ["b", new Map()]]), new Set([1, "a", new Set()])],
    [cycle(), deep(20)],
    [deep(150)],
    [new Uint8Array(5), new Float64Array([1, 2]), new DataView(new ArrayBuffer(4), 1, 2)],
    [buffer, new Uint8Array(buffer, 3, 9), new Int32Array(buffer, 4, 2), new BigInt64Array(buffer)],
    [wide, new Uint8Array(wide), new Uint16Array(wide, 2, 2)],
    [failure, thrown(AggregateError, [failure, 1], "n"), thrown(Mishap, "o")],
    [thrown(DOMException, "p", "Q")],
    [new Point(), JSON.parse, Point, new Guarded()],
    [new Table([[1, new Table()]]), Row.from([1, 2])],
    [...beside, new Uint8Array(beside[0] as ArrayBufferLike, 8, 8)],
  ];
}

/** @returns The encodings. */
export function seeds(): Uint8Array[] {
  const bytes = new Uint8Array(1 << 16);
  const view = new DataView(bytes.buffer);
  const grow = () => {
    throw new RangeError("A seed is too large");
  };
  const encoder = new Encoder({ ...world, grow });
  encoder.handles = {
    takesBuffers: false,
    travelOf(value) {
      const number = beside.indexOf(value);
      return number < 0 ? undefined : number;
    },
  };
  const found: Uint8Array[] = [];
  const keep = (encode: () => void) => {
    encoder.begin(bytes, view, 0, bytes.length);
    encode();
    found.push(bytes.slice(0, encoder.position));
  };
  for (const args of [...values(), [absent]]) {
    keep(() => encoder.arguments("structured", args));
    // Once more, each alone: smaller inputs are worth more to the fuzzer.
    for (const value of args) keep(() => encoder.value("structured", value));
  }
  for (const error of [thrown(RangeError, "r"), thrown(Mishap, "s"), "t", undefined]) {
    keep(() => encoder.error(error));
  }
  for (const args of [[], [{ a: [1, "b", null] }, "c"]]) {
    keep(() => encoder.arguments("json", args));
  }
  for (const value of [undefined, [1, { b: "c" }]]) keep(() => encoder.value("json", value));
  keep(() => encoder.arguments("string", ["one", "zwei ü", "三"]));
  keep(() => encoder.arguments("bytes", [new Uint8Array(3), new Uint8Array(20)]));
  keep(() => encoder.value("bytes", new Uint8Array(9)));
  return found;
}
