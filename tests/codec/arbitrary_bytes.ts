/**
 * What must hold whatever bytes a decoder is given.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { types } from "node:util";
import { MulticoreError } from "../../src/base/errors.ts";
import type { Decoder } from "../../src/codec/decoder.ts";

/** Memory before the encoding, and after it. */
const WALL = 64;
const MARK = 0x91;
/** More values than this are not looked at. */
const MANY = 1000;

/**
 * Decodes bytes in every way, between walls of another value.
 *
 * - Nothing but a `MulticoreError` is thrown.
 * - Nothing is written, and no borrowed view leaves the encoding.
 * - No prototype gets, loses or changes a property, and no setter is called.
 *
 * @param decoder What decodes them.
 * @param encoded The bytes.
 * @throws Where that does not hold.
 */
export function decodeAnyhow(decoder: Decoder, encoded: Uint8Array): void {
  const memory = new Uint8Array(encoded.length + 2 * WALL).fill(MARK);
  memory.set(encoded, WALL);
  const before = Buffer.from(memory);
  const view = new DataView(memory.buffer);
  const end = WALL + encoded.length;
  for (const borrow of [false, true]) {
    for (const method of ["arguments", "value", "error"] as const) {
      let value: unknown;
      try {
        value = decoder[method](memory, view, WALL, end, borrow);
      } catch (error) {
        if (!(error instanceof MulticoreError)) throw error;
      }
      checkViews(value, memory.buffer, end);
    }
  }
  if (!before.equals(memory)) throw new Error("The memory was changed");
  checkPrototypes();
}

/** Checks that no view in a value shows more of the memory than the encoding. */
function checkViews(value: unknown, memory: ArrayBuffer, end: number): void {
  const seen = new Set<object>();
  const rest = [value];
  while (rest.length > 0 && seen.size < MANY) {
    const next = rest.pop();
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    if (next === memory) throw new Error("The memory itself was given away");
    if (ArrayBuffer.isView(next)) {
      const { buffer, byteOffset, byteLength } = next;
      if (buffer === memory && (byteOffset < WALL || byteOffset + byteLength > end)) {
        throw new Error(`A view shows ${byteOffset} to ${byteOffset + byteLength}, beyond ${end}`);
      }
      continue;
    }
    // A damaged value may have any prototype.
    if (types.isMap(next)) Map.prototype.forEach.call(next, (item, key) => rest.push(key, item));
    else if (types.isSet(next)) Set.prototype.forEach.call(next, (item) => rest.push(item));
    for (const key of Reflect.ownKeys(next)) {
      const own = Object.getOwnPropertyDescriptor(next, key);
      if (own !== undefined && "value" in own) rest.push(own.value);
    }
  }
}

let called = 0;

/** An object that has a setter: its class is registered, and it must not be called. */
export class Guarded {
  set x(_value: unknown) {
    called++;
  }
}

const prototypes: readonly object[] = [Object, Array, Map, Set, Error, Guarded]
  .map((type) => type.prototype);

/** What each property is. */
function propertiesOf(object: object): [PropertyKey, unknown][] {
  return Reflect.ownKeys(object).map((key) => {
    const own = Object.getOwnPropertyDescriptor(object, key)!;
    return [key, own.get ?? own.value];
  });
}

const pristine = prototypes.map(propertiesOf);

function checkPrototypes(): void {
  for (const [at, object] of prototypes.entries()) {
    const was = pristine[at]!;
    const is = propertiesOf(object);
    const differs = (i: number) => was[i]?.[0] !== is[i]?.[0] || was[i]?.[1] !== is[i]?.[1];
    for (let i = 0; i < Math.max(was.length, is.length); i++) {
      if (differs(i)) throw new Error(`${String(is[i]?.[0])} of a prototype was changed`);
    }
  }
  if (called > 0) throw new Error("A setter was called");
}
