import { test } from "node:test";
import { MulticoreError } from "../../src/base/errors.ts";
import { EXPORT, MAP, SHORT } from "../../src/codec/tags.ts";
import { assertEquals, assertThrows, fc } from "../../deps.ts";
import { decodeAnyhow } from "./arbitrary_bytes.ts";
import { graph } from "./arbitraries.ts";
import { Codec } from "./harness.ts";

class Point {
  x = 1;
}

function numbers(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
}

test("Decoder withstands damaged bytes", { timeout: 120_000 }, () => {
  const codec = new Codec();
  codec.register("file:///m.ts", { Point, parse: JSON.parse });
  const random = numbers(7);
  const error = Object.assign(new TypeError("m", { cause: [1] }), { code: "E" });
  const buffer = new ArrayBuffer(24);
  let deep: unknown = 1;
  for (let i = 0; i < 150; i++) deep = i % 2 ? [deep] : { deep };
  const fixed = [
    error,
    [new Point(), JSON.parse],
    [buffer, new Float64Array(buffer), new Uint8Array(5)],
    deep,
    [1n << 200n, /a/g, new Date(5), "é".repeat(50), "\ud800"],
    Object.assign([1, , 3], { name: 1 }),
  ];
  fc.assert(
    fc.property(fc.oneof(graph, fc.constantFrom(...fixed)), (value) => {
      codec.begin();
      codec.encoder.arguments("structured", [value, value]);
      const encoded = codec.encoded();
      for (let i = 0; i < 12; i++) {
        const damaged = encoded.slice();
        const hits = 1 + random(3);
        for (let hit = 0; hit < hits; hit++) damaged[random(damaged.length)] = random(256);
        decodeAnyhow(codec.decoder, damaged);
      }
      decodeAnyhow(codec.decoder, encoded.subarray(0, random(encoded.length)));
    }),
    { seed: 7, numRuns: 400 },
  );
  assertEquals(codec.value({ still: ["fine"] }), { still: ["fine"] });
});

test("Decoder withstands random bytes", { timeout: 120_000 }, () => {
  const codec = new Codec();
  const random = numbers(11);
  for (let round = 0; round < 20_000; round++) {
    const bytes = new Uint8Array(random(48));
    for (let i = 0; i < bytes.length; i++) bytes[i] = random(3) === 0 ? random(32) : random(256);
    if (bytes.length > 0 && random(4) > 0) bytes[0] = [0, 0, 0x80, 1, 2, 3][random(6)]!;
    decodeAnyhow(codec.decoder, bytes);
  }
});

test("Decoder refuses nesting that no encoder writes", () => {
  const codec = new Codec();
  for (const tags of [[11, 1], [28], [15, 1, 0, 0, 0], [20], [26, 0, 0, 1, 0, 0, 0, 0x41, 65, 1]]) {
    const bytes = new Uint8Array(400_001);
    for (let at = 1; at + tags.length < bytes.length; at += tags.length) bytes.set(tags, at);
    const view = new DataView(bytes.buffer);
    assertThrows(() => codec.decoder.value(bytes, view, 0, bytes.length), MulticoreError);
  }
});

test("Decoder refuses ranges outside its buffer", () => {
  const { decoder } = new Codec();
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  for (const [start, end] of [[0, 9], [-8, 8], [8, 0], [0, NaN]] as const) {
    assertThrows(() => decoder.value(bytes, view, start, end), MulticoreError);
  }
  assertThrows(() => decoder.value(bytes, view, 0, 0), MulticoreError);
});

test("Decoder refuses buffers that overlap", () => {
  const codec = new Codec();
  codec.begin();
  codec.encoder.arguments("structured", [new Uint8Array(16), new Uint8Array(16)]);
  const encoded = codec.encoded();
  const view = new DataView(encoded.buffer);
  const table = encoded.length - 8 - 64;
  assertEquals(codec.decoder.arguments(encoded, view, 0, encoded.length, false).length, 2);
  view.setFloat64(table + 32, view.getFloat64(table, true), true);
  assertThrows(
    () => codec.decoder.arguments(encoded, view, 0, encoded.length, false),
    MulticoreError,
    "table of buffers",
  );
});

test("Decoder refuses exports that are no functions, and leaves them alone", () => {
  const codec = new Codec();
  class Table extends Map {}
  const state = { kept: true };
  codec.register("file:///m.ts", { Table, state });
  codec.begin();
  codec.encoder.value("structured", [new Table(), Table]);
  const encoded = codec.encoded();
  // The Map behind the class becomes the other export, by its number there.
  const at = encoded.indexOf(MAP);
  const text = (value: string) => [SHORT + value.length, ...new TextEncoder().encode(value)];
  const identity = [EXPORT, 1, ...text("file:///m.ts"), ...text("state")];
  const damaged = new Uint8Array([...encoded.subarray(0, at), ...identity, 0, 0]);
  const view = new DataView(damaged.buffer);
  const decode = () => codec.decoder.value(damaged, view, 0, damaged.length);
  assertThrows(decode, MulticoreError, "state of file:///m.ts is no function or class");
  assertEquals(Object.getPrototypeOf(state), Object.prototype);
});
