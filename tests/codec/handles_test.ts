import { test } from "node:test";
import { MulticoreError, NotSerializableError } from "../../src/base/errors.ts";
import { ENCODE_ANEW, MissingHandleError, type Travel } from "../../src/codec/mod.ts";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import { Codec } from "./harness.ts";

const GrowableBuffer = SharedArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => SharedArrayBuffer & { grow(length: number): void };

class Ticket {
  readonly travel: Travel;
  constructor(travel: Travel) {
    this.travel = travel;
  }
}

/** Objects beside the bytes, as a table that both sides have. */
class Beside {
  readonly objects: unknown[] = [];
  readonly moved = new Set<object>();
  takesBuffers = false;

  travelOf(value: object): Travel | undefined {
    if (value instanceof Ticket) return value.travel;
    if (value instanceof SharedArrayBuffer || this.moved.has(value)) {
      const index = this.objects.indexOf(value);
      return 1000 + (index < 0 ? this.objects.push(value) - 1 : index);
    }
    return undefined;
  }

  resolve(number: number): unknown {
    if (!(number - 1000 in this.objects)) throw new MissingHandleError(number);
    return this.objects[number - 1000];
  }
}

const kinds = [
  "DataView",
  "Uint8Array",
  "Int8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float16Array",
].filter((name) => name in globalThis);

for (const name of kinds) {
  test(`Codec sends a ${name} on shared memory as that memory`, () => {
    const Kind = (globalThis as unknown as Record<string, typeof Uint8Array>)[name]!;
    const codec = new Codec({ handles: new Beside() });
    const buffer = new SharedArrayBuffer(64);
    for (const view of [new Kind(buffer), new Kind(buffer, 16, 2), new Kind(buffer, 64, 0)]) {
      for (const borrow of [false, true]) {
        const [back] = codec.arguments([view], "structured", borrow) as [Uint8Array];
        assertInstanceOf(back, Kind);
        assert(back.buffer as ArrayBufferLike === buffer);
        assertEquals([back.byteOffset, back.byteLength], [view.byteOffset, view.byteLength]);
      }
    }
  });
}

test("Codec keeps who is who among handles, their views and what has them", () => {
  const codec = new Codec({ handles: new Beside() });
  const buffer = new SharedArrayBuffer(16);
  const view = new Int32Array(buffer);
  const value = { first: view, buffer, map: new Map([[buffer, view]]), list: [view, {}, buffer] };
  const back = codec.value(value);
  assert(back.first !== view && back.first.buffer === buffer && back.buffer === buffer);
  assert(back.map.get(buffer) === back.first);
  assert(back.list[0] === back.first && back.list[2] === buffer);
  assertEquals(back.list[1], {});
  const [a, b] = codec.arguments([[view], [view, view]]) as Int32Array[][];
  assert(a![0] === b![0] && b![0] === b![1]);
});

test("Codec keeps whether a view follows the length of growable shared memory", () => {
  const codec = new Codec({ handles: new Beside() });
  const buffer = new GrowableBuffer(16, { maxByteLength: 64 });
  const views = [
    new Uint8Array(buffer),
    new Uint32Array(buffer, 8),
    new DataView(buffer, 4),
    new Uint8Array(buffer, 0, 8),
    new DataView(buffer, 0, 8),
    new BigInt64Array(buffer, 0, 1),
  ] as const;
  const back = codec.value(views);
  assertEquals(buffer.byteLength, 16);
  buffer.grow(32);
  assertEquals(back.map((view) => view.byteLength), [32, 24, 28, 8, 8, 8]);
  // Nobody's views were made non-extensible to find that out.
  assert(views.every((view) => Object.isExtensible(view)));
  const followsRules = !Reflect.preventExtensions(new Uint8Array(buffer));
  const full = codec.value(new Uint8Array(buffer, 0, 32));
  buffer.grow(40);
  assertEquals(full.length, followsRules ? 32 : 40);
});

test("Codec sends buffers beside the bytes where whoever drives it moves them", () => {
  const beside = new Beside();
  const codec = new Codec({ handles: beside });
  const moved = new ArrayBuffer(32);
  const copied = new ArrayBuffer(8);
  beside.moved.add(moved);
  beside.takesBuffers = true;
  const view = new Float64Array(moved, 8, 2);
  const back = codec.value({ view, moved, copied, other: new Uint8Array(moved) });
  assert(back.view.buffer === moved && back.moved === moved && back.other.buffer === moved);
  assertEquals([back.view.byteOffset, back.view.length], [8, 2]);
  assert(back.copied !== copied);
  assertEquals(back.copied.byteLength, 8);
});

test("Codec puts another value in the place of what only stands for it", () => {
  const codec = new Codec({ handles: new Beside() });
  const inner = { deep: [1, 2] };
  const ticket = new Ticket({ inner });
  const many = Array.from({ length: 20 }, (_, i) => ({ i }));
  const back = codec.value([{}, ticket, inner, ticket, many, many[7], ticket]) as unknown[];
  assertEquals(back[1], inner);
  assert(back[2] === back[1] && back[3] === back[1] && back[6] === back[1]);
  assert((back[4] as unknown[])[7] === back[5]);
  assertEquals(codec.value(new Ticket({ inner: 7 })) as unknown, 7);
  assertEquals(codec.value(new Ticket({ inner: new Ticket({ inner }) })) as unknown, inner);
});

test("Codec refuses for the reason that its driver gives, with the path", () => {
  const codec = new Codec({ handles: new Beside() });
  const value = { list: [1, new Ticket("it is torn")] };
  const error = assertThrows(() => codec.arguments([value]), NotSerializableError);
  assertEquals(error.path, "args[0].list[1]");
  assertStringIncludes(error.message, "it is torn");
  class Stranger {}
  assertThrows(() => codec.value(new Stranger()), NotSerializableError, "Stranger");
});

test("Codec gives an encoding up where its driver wants it anew, and can be used again", () => {
  const handles = new Beside();
  const codec = new Codec({ handles });
  const { travelOf } = handles;
  handles.travelOf = () => {
    throw ENCODE_ANEW;
  };
  const shared = new SharedArrayBuffer(8);
  for (const value of [shared, { a: [new Uint8Array(shared)] }, new Error("", { cause: shared })]) {
    let thrown: unknown;
    try {
      codec.arguments([value]);
    } catch (error) {
      thrown = error;
    }
    assert(thrown === ENCODE_ANEW);
  }
  // What was thrown is sent in any case.
  const error = codec.error(Object.assign(new Error("lost"), { shared })) as Error;
  assertEquals(error.message, "lost");
  handles.travelOf = travelOf;
  assert(codec.value({ shared }).shared === shared);
});

test("Decoder tells which handle is missing", () => {
  const handles = new Beside();
  const codec = new Codec({ handles });
  for (const value of [new SharedArrayBuffer(8), new Uint8Array(new SharedArrayBuffer(8))]) {
    codec.begin();
    codec.encoder.arguments("structured", [[value]]);
    const encoded = codec.encoded();
    const view = new DataView(encoded.buffer);
    const decode = (other: Codec) =>
      other.decoder.arguments(encoded, view, 0, encoded.length, false);
    for (const other of [new Codec({ handles: new Beside() }), new Codec()]) {
      const error = assertThrows(() => decode(other), MissingHandleError);
      assertEquals(error.number, 999 + handles.objects.length);
    }
    assertEquals(decode(codec).length, 1);
  }
});

test("Decoder refuses views that leave what came beside the bytes", () => {
  const handles = new Beside();
  const codec = new Codec({ handles });
  const buffer = new SharedArrayBuffer(64);
  codec.begin();
  codec.encoder.value("structured", new Uint32Array(buffer, 32, 8));
  const encoded = codec.encoded();
  const decode = () =>
    codec.decoder.value(encoded, new DataView(encoded.buffer), 0, encoded.length);
  assertInstanceOf(decode(), Uint32Array);
  for (const object of [new SharedArrayBuffer(60), {}, new Uint8Array(64), 7, undefined]) {
    handles.objects[0] = object;
    assertThrows(decode, MulticoreError);
  }
  handles.objects[0] = buffer;
  // The offset, and then the kind.
  for (const [at, byte] of [[encoded.length - 2, 33], [2, 99]] as const) {
    const before = encoded[at]!;
    encoded[at] = byte;
    assertThrows(decode, MulticoreError);
    encoded[at] = before;
  }
});
