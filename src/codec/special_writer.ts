/**
 * How objects are written that are neither plain ones nor arrays: built-ins, instances of
 * registered classes and subclasses, what inherits from plain objects, and what travels
 * beside the bytes. All others are refused here.
 *
 * @module
 */
import { registration } from "../base/code.ts";
import { type Brand, brandByPrototype, brandOf } from "./brands.ts";
import type { DeferringSession } from "./deferral.ts";
import { constructorOf, isIterator, isNative, nameOf } from "./describe.ts";
import { writeError } from "./error_writer.ts";
import * as tags from "./tags.ts";
import { writeBuffer, writeView } from "./view_writer.ts";

const { getPrototypeOf } = Object;
const hasOwn = Object.prototype.hasOwnProperty;

/** What objects of other kinds than plain ones and arrays are written to. */
export interface SpecialSink extends DeferringSession {
  /** Writes an array that is neither deferred nor of a subclass. */
  array(array: unknown[]): void;
  /** Writes the entries of a Map. */
  map(map: Map<unknown, unknown>): void;
  /** Writes the entries of a Set. */
  set(set: Set<unknown>): void;
  /** Writes an object body; with `inherits`, keys of the prototype are skipped. */
  body(value: object, inherits: boolean): boolean;
  /** Writes the properties with these keys, each key before its value. */
  pairs(value: Record<string, unknown>, keys: readonly string[]): void;
}

/** Writes an object whose prototype is neither that of plain objects nor of arrays. */
export function writeSpecial(
  out: SpecialSink,
  value: object,
  prototype: object,
  deep: boolean,
): void {
  const known = brandByPrototype(value, prototype);
  const brand = known === "" ? brandOf(value) : known;
  if (brand === "Error") {
    if (out.trail.depth + out.base >= tags.DEPTH_LIMIT) {
      out.refuse("errors are nested too deeply in it");
    }
    return writeError(out, value as Error, out.identities);
  }
  if (brand !== "") {
    if (known === "" && writeDerived(out, value, prototype)) return;
    if (deep && brand === "Map") return out.defer(value, tags.SHELL_MAP);
    if (deep && brand === "Set") return out.defer(value, tags.SHELL_SET);
    return writeBuiltIn(out, value, brand);
  }
  const type = constructorOf(value);
  if (typeof type === "function") {
    if (out.identities.identify(type) !== undefined) {
      if (deep) return out.defer(value, tags.SHELL_INSTANCE);
      out.byte(tags.INSTANCE);
      out.identity(type);
      out.body(value, true);
      return;
    }
    if (!isPlain(prototype)) {
      if (writeHandle(out, value)) return;
      refuseInstance(out, type, value);
    }
  } else if (!isPlain(prototype)) {
    if (isIterator(value)) refuseIterator(out);
    out.refuse("its prototype belongs to no class that could be registered");
  }
  // An object that inherits from a plain one, or a plain one of another realm.
  if (deep) return out.defer(value, tags.SHELL_INHERITING);
  out.byte(tags.OBJECT);
  out.body(value, true);
}

/** Writes an instance of a subclass of a built-in; returns false where it is none. */
export function writeDerived(out: SpecialSink, value: object, prototype: object | null): boolean {
  const type = constructorOf(value);
  if (prototype === null || typeof type !== "function") return false;
  if (out.identities.identify(type) === undefined) {
    // The runtime's own subclasses, such as Buffer, arrive as what they extend.
    if (isNative(type) || nameOf(type) === "Buffer") return false;
    refuseInstance(out, type, value);
  }
  if (out.trail.depth + out.base >= tags.DEPTH_LIMIT) {
    out.refuse("subclasses of built-ins are nested too deeply in it");
  }
  out.byte(tags.DERIVED);
  out.identity(type);
  if (Array.isArray(value)) {
    out.array(value);
    out.length(0);
    return true;
  }
  const brand = brandOf(value);
  writeBuiltIn(out, value, brand);
  let keys = Object.keys(value);
  if (brand === "View") keys = keys.slice((value as Uint8Array).length);
  if (brand === "String") keys = keys.slice(String.prototype.valueOf.call(value).length);
  out.pairs(value as Record<string, unknown>, keys);
  return true;
}

/** Writes a built-in with its tag. */
export function writeBuiltIn(out: SpecialSink, value: object, brand: Brand): void {
  switch (brand) {
    case "View":
      return writeView(out, value as ArrayBufferView);
    case "ArrayBuffer":
      if (getPrototypeOf(value) === null) value = ArrayBuffer.prototype.slice.call(value, 0);
      return writeBuffer(out, value as ArrayBuffer);
    case "Map":
      out.byte(tags.MAP);
      return out.map(value as Map<unknown, unknown>);
    case "Set":
      out.byte(tags.SET);
      return out.set(value as Set<unknown>);
    case "Date":
      out.byte(tags.DATE);
      return out.float64(Date.prototype.getTime.call(value));
    case "RegExp": {
      // A copy says what it is, whatever the original says.
      const { source, flags } = new RegExp(value as RegExp);
      out.byte(tags.REGEXP);
      out.string(source);
      return out.string(flags);
    }
    case "Number":
      return writeBoxed(out, Number.prototype.valueOf.call(value));
    case "String":
      return writeBoxed(out, String.prototype.valueOf.call(value));
    case "Boolean":
      return writeBoxed(out, Boolean.prototype.valueOf.call(value));
    case "BigInt":
      return writeBoxed(out, BigInt.prototype.valueOf.call(value));
    case "Error":
      return writeError(out, value as Error, out.identities);
    case "SharedArrayBuffer":
      // The memory that arguments are lent from is nobody's to pass on.
      if (!out.lent?.has(value) && writeHandle(out, value)) return;
      return out.refuse("a SharedArrayBuffer cannot be written into shared memory");
    default:
      return out.refuse(`a ${brand} cannot be sent`);
  }
}

/** Writes the number of an object that travels beside the bytes; returns false for others. */
function writeHandle(out: SpecialSink, value: object): boolean {
  const travel = out.handles?.travelOf(value);
  if (travel === undefined) return false;
  if (typeof travel === "string") out.refuse(travel);
  if (typeof travel === "number") {
    out.byte(tags.HANDLE);
    out.length(travel);
    return true;
  }
  // It only stands for another value, and is none of the objects that the decoder counts.
  out.references.rewind(out.references.count - 1);
  out.value(travel.inner);
  return true;
}

function writeBoxed(out: SpecialSink, value: unknown): void {
  out.byte(tags.BOXED);
  out.value(value);
}

function refuseIterator(out: SpecialSink): never {
  out.refuse("an iterator cannot be sent: send what it gives, as [...it] for instance");
}

function refuseInstance(out: SpecialSink, type: unknown, value: object): never {
  const name = nameOf(type) || "Foo";
  if (isNative(type)) {
    // Their classes are nameless, or that of all objects.
    if (isIterator(value)) refuseIterator(out);
    out.refuse(`objects of ${name} are the platform's own: send what they are made from`);
  }
  out.refuse(
    `an instance of the class ${name}, which is not registered: ` +
      `${registration(name, "Foo")} in the module that exports it`,
  );
}

function isPlain(prototype: object): boolean {
  // A prototype that is itself a plain object, or another realm's Object.prototype.
  const above = getPrototypeOf(prototype);
  if (above === null) return hasOwn.call(prototype, "isPrototypeOf");
  return !hasOwn.call(prototype, "constructor") &&
    (above === Object.prototype || isPlain(above)) &&
    !hasOwn.call(prototype, Symbol.toStringTag) && !hasOwn.call(prototype, "next");
}
