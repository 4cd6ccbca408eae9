/**
 * What the bytes of the fuzzer's corpus may refer to: it never changes, so that each
 * file means the same in every run.
 *
 * @module
 */
import { MissingHandleError } from "../../src/codec/missing_handle.ts";
import { MissingModuleError } from "../../src/codec/missing_module.ts";
import type { CodecOptions, Identity } from "../../src/codec/types.ts";
import { natives } from "../../src/runtime/natives.ts";
import { Guarded } from "./arbitrary_bytes.ts";

/** The specifier of the module that is imported. */
const MODULE = "file:///m.ts";
/** The specifier of one that is not. */
const MISSING = "file:///n.ts";

/** Registered: a class. */
export class Point {
  x = 1;
  y: unknown = 2;
}
/** Registered: an error. */
export class Mishap extends Error {
  override name = "Mishap";
}
/** Registered: a derived built-in. */
export class Table extends Map<unknown, unknown> {}
/** Registered: a derived array. */
export class Row extends Array<unknown> {}

/** Registered by a module that is not there. */
export const absent = (): void => {};

/** Exported by the module, and no business of the decoder's. */
const settings = { kept: true };

const exports = new Map<string, object>(
  Object.entries({ Point, Mishap, Table, Row, Guarded, parse: JSON.parse, settings }),
);
const names = new Map<object, Identity>([[absent, { module: MISSING, name: "absent" }]]);
for (const [name, value] of exports) names.set(value, { module: MODULE, name });

/** Objects that travel beside the bytes, by number. */
export const beside: readonly object[] = [new SharedArrayBuffer(64), new ArrayBuffer(8), {}];

/** @returns Whether what belongs to the module is as it was. */
export function isUntouched(): boolean {
  return Object.getPrototypeOf(settings) === Object.prototype &&
    Reflect.ownKeys(settings).join() === "kept" && settings.kept;
}

const lists: readonly string[][] = [["id", "msg"], ["x", "y"], ["__proto__", "a"], [], ["deep"]];

/** What both encoder and decoder are built from. */
export const world: Omit<CodecOptions, "grow"> = {
  identities: {
    identify: (value) => names.get(value),
    resolve(module, name) {
      if (module === MISSING) throw new MissingModuleError(module);
      return module === MODULE ? exports.get(name) : undefined;
    },
  },
  shapes: {
    intern: (keys) => lists.findIndex((list) => JSON.stringify(list) === JSON.stringify(keys)),
    keys(id) {
      const list = lists[id];
      if (list === undefined) throw new RangeError(`no shape ${id}`);
      return list;
    },
  },
  handles: {
    resolve(number) {
      if (!(number in beside)) throw new MissingHandleError(number);
      // A new one each time: it may be given its class.
      return [new SharedArrayBuffer(64), new ArrayBuffer(8), {}][number];
    },
  },
  natives,
};
