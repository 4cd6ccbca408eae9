import { test } from "node:test";
import { assertEquals, assertInstanceOf } from "../../deps.ts";
import { Codec } from "./harness.ts";

const types = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  (globalThis as unknown as { Float16Array?: typeof Float32Array }).Float16Array,
  DataView,
].filter((type) => type !== undefined) as (typeof Uint8Array)[];

function bytesOf(view: ArrayBufferView): number[] {
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
}

for (const type of types) {
  test(`Codec keeps a ${type.name}, copied and borrowed`, () => {
    for (const first of [4096, 1]) {
      const codec = new Codec({ first, exact: true });
      for (const length of [0, 1, 3, 100]) {
        const buffer = new ArrayBuffer(length * 8 + 16);
        new Uint8Array(buffer).forEach((_, i, all) => all[i] = i * 7);
        for (const view of [new type(buffer), new type(buffer, 8, length)]) {
          for (const borrow of [false, true]) {
            const [before, copy] = codec.arguments(["x", view], "structured", borrow);
            assertEquals(before, "x");
            assertInstanceOf(copy, type);
            assertEquals(bytesOf(copy), bytesOf(view));
            assertEquals((copy.buffer as ArrayBufferLike) === codec.shared, borrow);
          }
        }
      }
    }
  });
}

test("Codec sends no more of a buffer than its views cover", () => {
  const codec = new Codec();
  const large = new Uint8Array(1 << 20);
  const part = codec.value(large.subarray(100_000, 100_010));
  assertEquals([part.length, part.buffer.byteLength <= 24], [10, true]);
  assertEquals(codec.encoded().length < 200, true);
  const both = codec.value([large.subarray(100, 110), large.subarray(80, 90)]);
  assertEquals(both[0]!.buffer === both[1]!.buffer, true);
  assertEquals(both[0]!.byteOffset - both[1]!.byteOffset, 20);
  const whole = codec.value([large.subarray(100, 110), large.buffer] as const);
  assertEquals(whole[0].buffer === whole[1], true);
  assertEquals([whole[0].byteOffset, whole[1].byteLength], [100, 1 << 20]);
});

test("Codec keeps views on one buffer on one buffer", () => {
  const codec = new Codec();
  const buffer = new ArrayBuffer(32);
  const value = { a: new Uint8Array(buffer), b: new Float64Array(buffer, 8, 2), buffer };
  const views = { a: value.a, b: value.b, again: value.a };
  for (const borrow of [false, true]) {
    const [copy] = codec.arguments([views], "structured", borrow) as [typeof views];
    assertEquals(copy.a.buffer === copy.b.buffer && copy.a === copy.again, true);
    copy.b[0] = 1.5;
    assertEquals(new Float64Array(copy.a.buffer, copy.a.byteOffset, 4)[1], 1.5);
    const [all] = codec.arguments([value], "structured", borrow) as [typeof value];
    assertEquals(all.a.buffer === all.buffer && all.b.buffer === all.buffer, true);
    assertEquals(all.buffer instanceof ArrayBuffer, true);
  }
});

test("Codec tells any number of buffers apart, encoding after encoding", () => {
  const codec = new Codec();
  for (const count of [1, 7, 8, 9, 20, 300, 3]) {
    const arrays = Array.from({ length: count }, (_, i) => new Uint8Array([i, i >> 8]));
    const again = [...arrays, new ArrayBuffer(3), ...arrays.map((array) => array.buffer)];
    const copy: unknown[] = codec.value(again);
    for (let i = 0; i < count; i++) {
      const array = copy[i] as Uint8Array;
      assertEquals([...array], [...arrays[i]!]);
      assertEquals(array.buffer === copy[count + 1 + i], true);
    }
    // What is written in place of a property takes its buffers back.
    const cause = { arrays, refused: () => 1 };
    const error = Object.assign(new Error("m"), { cause, kept: new Uint8Array([7]), arrays });
    const thrown = codec.error(error) as unknown as typeof error;
    assertEquals([...thrown.kept], [7]);
    assertEquals(thrown.arrays.map((array) => [...array]), arrays.map((array) => [...array]));
  }
});

test("Codec keeps resizable buffers and the views that follow them", () => {
  const codec = new Codec();
  for (const [size, max] of [[16, 64], [16, 16], [12, 100], [0, 8]] as const) {
    const buffer = new ArrayBuffer(size, { maxByteLength: max });
    new Uint8Array(buffer).forEach((_, i, all) => all[i] = i + 1);
    const value = {
      buffer,
      follows: new Uint8Array(buffer),
      fixed: new Uint8Array(buffer, 0, size),
      wide: new Uint16Array(buffer, Math.min(size, 4)),
      view: new DataView(buffer),
    };
    const before = bytesOf(value.follows);
    const copy = codec.value(value);
    assertEquals(bytesOf(value.follows), before);
    assertEquals(copy.buffer.resizable && copy.buffer.maxByteLength === max, true);
    assertEquals(bytesOf(copy.follows), before);
    if (max === size) continue;
    copy.buffer.resize(size + 8);
    assertEquals(copy.follows.length, size + 8);
    assertEquals(copy.fixed.length, size);
    assertEquals(copy.view.byteLength, size + 8);
    assertEquals(copy.wide.length, (size + 8 - Math.min(size, 4)) / 2);
  }
});

test("Encoder asks for the room of large binary at most twice", () => {
  const codec = new Codec({ first: 64, exact: true });
  const array = new Uint8Array(1 << 20).map((_, i) => i);
  const [copy] = codec.arguments([array]) as [Uint8Array];
  assertEquals(codec.grown, 1);
  assertEquals(copy.length, array.length);
  assertEquals(copy.at(-1), 255);
});

test("Codec reads large binary from a view with an offset of its own", () => {
  const codec = new Codec();
  const { encoder, decoder } = codec;
  const memory = new ArrayBuffer(4096);
  const bytes = new Uint8Array(memory, 0, 4096);
  encoder.begin(bytes, new DataView(memory), 8, 4096);
  encoder.arguments("structured", [new Float64Array([1, 2]), "end"]);
  assertEquals(encoder.start, 8);
  const args = decoder.arguments(bytes, encoder.view, 8, encoder.position, true);
  assertEquals([...args[0] as Float64Array], [1, 2]);
  assertEquals(args[1], "end");
});

for (const format of ["structured", "bytes"] as const) {
  test(`Codec copies ${format} of any size to a buffer that holds nothing else`, () => {
    const codec = new Codec();
    for (const size of [1, 4095, 4096, 4097, 100_001]) {
      const bytes = Uint8Array.from({ length: size }, (_, i) => i * 31);
      const [copy] = codec.arguments([bytes], format, false) as [Uint8Array<ArrayBuffer>];
      assertEquals(Object.getPrototypeOf(copy), Uint8Array.prototype);
      assertEquals([copy.byteOffset, copy.length, copy.buffer.byteLength], [0, size, size]);
      assertEquals(copy.every((byte, i) => byte === bytes[i]), true);
      const moved = structuredClone(copy, { transfer: [copy.buffer] });
      assertEquals([moved.length, copy.length], [size, 0]);
    }
  });
}
