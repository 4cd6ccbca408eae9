/**
 * Random values of every kind that structured clone takes.
 *
 * @module
 */
import { fc } from "../../deps.ts";

const codes = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 });

/** Strings, lone surrogates and long ones among them. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ minLength: 28, maxLength: 80 }),
  fc.string({ unit: "grapheme", minLength: 20, maxLength: 200 }),
  codes.map((list) => String.fromCharCode(...list)),
  fc.constantFrom("__proto__", "constructor", "toString", "length", "0", "-1", "4294967295"),
);

const primitive = fc.oneof(
  fc.constantFrom(undefined, null, true, false, -0, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53),
  fc.integer(),
  fc.integer({ min: -20, max: 120 }),
  fc.double(),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
  text,
);

const leaf = fc.oneof(
  { weight: 6, arbitrary: primitive },
  fc.date({ noInvalidDate: false }),
  fc.constantFrom(/a/, /b+?/giu, /[\\/]\n/y, new RegExp("")).map((r) => new RegExp(r)),
  fc.oneof(fc.integer(), text, fc.boolean(), fc.bigInt()).map((value) => Object(value)),
  fc.uint8Array({ maxLength: 80 }),
  fc.float64Array({ maxLength: 8 }),
  fc.bigInt64Array({ maxLength: 8 }),
  fc.int16Array({ maxLength: 8 }),
  fc.uint8Array({ maxLength: 8 }).map((array) => array.buffer),
  fc.uint8Array({ maxLength: 8 }).map((array) => new DataView(array.buffer)),
);

function fill(target: object, entries: readonly [string, unknown][]): object {
  for (const [key, value] of entries) {
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return target;
}

/** Values of every kind, with objects that occur more than once and cycles. */
export const graph: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.oneof({ maxDepth: 5, withCrossShrink: true }, leaf, tie("container")),
  keys: fc.array(fc.tuple(text, tie("node")), { maxLength: 6 }),
  container: fc.oneof(
    fc.array(tie("node"), { maxLength: 6 }),
    fc.sparseArray(tie("node"), { maxNumElements: 4, maxLength: 12 }),
    fc.tuple(
      fc.array(tie("node"), { maxLength: 4 }),
      fc.array(fc.tuple(
        fc.constantFrom("a", "b", "__proto__", "-1", "index", "4294967295"),
        tie("node"),
      )),
    ).map(([array, named]) => fill(array, named as [string, unknown][])),
    tie("keys").map((entries) => fill({}, entries as [string, unknown][])),
    tie("keys").map((entries) => fill(Object.create(null), entries as [string, unknown][])),
    fc.record({ id: fc.integer(), msg: text }),
    fc.array(fc.tuple(tie("node"), tie("node")), { maxLength: 4 })
      .map((entries) => new Map(entries)),
    fc.array(tie("node"), { maxLength: 4 }).map((values) => new Set(values)),
    fc.tuple(tie("node"), fc.nat()).map(([value, size]) => {
      const self: Record<string, unknown> = { value, again: value, size };
      self.self = self;
      return self;
    }),
  ),
})).node;
