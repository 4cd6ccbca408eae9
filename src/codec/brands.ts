/**
 * What an object really is, by its internal slots: neither its prototype nor its
 * `Symbol.toStringTag` is trusted, and other realms' objects are recognised.
 *
 * @module
 */
import { viewPrototypes } from "./views.ts";

/** What {@linkcode brandOf} tells apart; `""` is an object without a brand. */
export type Brand =
  | ""
  | "View"
  | "Map"
  | "Set"
  | "Date"
  | "RegExp"
  | "Error"
  | "ArrayBuffer"
  | "SharedArrayBuffer"
  | "Number"
  | "String"
  | "Boolean"
  | "BigInt"
  | "Symbol"
  | "WeakMap"
  | "WeakSet"
  | "WeakRef"
  | "Promise";

type Probe = (this: unknown) => unknown;

const isError = (Error as { isError?: (value: unknown) => boolean }).isError;

// Each of these throws unless `this` has the internal slot.
const probes: ReadonlyMap<string, Probe> = new Map<string, Probe>([
  ["Map", getter(Map.prototype, "size")],
  ["Set", getter(Set.prototype, "size")],
  ["Date", Date.prototype.getTime],
  ["RegExp", getter(RegExp.prototype, "source")],
  ["ArrayBuffer", getter(ArrayBuffer.prototype, "byteLength")],
  ["Number", Number.prototype.valueOf],
  ["String", String.prototype.valueOf],
  ["Boolean", Boolean.prototype.valueOf],
  ["BigInt", BigInt.prototype.valueOf],
  ["Symbol", Symbol.prototype.valueOf],
  ...typeof SharedArrayBuffer === "undefined" ? [] : [[
    "SharedArrayBuffer",
    getter(SharedArrayBuffer.prototype, "byteLength"),
  ] as [string, Probe]],
]);

const classes: readonly [Brand, abstract new (...args: never[]) => unknown][] = [
  ["Map", Map],
  ["Set", Set],
  ["Date", Date],
  ["RegExp", RegExp],
  ["ArrayBuffer", ArrayBuffer],
  ["Number", Number],
  ["String", String],
  ["Boolean", Boolean],
];

/** What nothing but its prototype and its slots tell from other objects. */
const untagged: readonly Brand[] = ["Map", "Set", "ArrayBuffer", "SharedArrayBuffer"];

const objectToString = Object.prototype.toString;

const prototypes: ReadonlyMap<object, Brand> = new Map<object, Brand>([
  ...classes.map(([brand, type]) => [type.prototype as object, brand] as const),
  ...viewPrototypes.map((prototype) => [prototype, "View"] as const),
]);

/**
 * A short cut for most built-ins.
 *
 * @param value An object that is no array.
 * @param prototype Its prototype.
 * @returns Its brand where that is what the prototype says, otherwise `""`.
 */
export function brandByPrototype(value: object, prototype: object): Brand {
  const brand = prototypes.get(prototype);
  if (brand === undefined) return "";
  if (brand === "View") return ArrayBuffer.isView(value) ? brand : "";
  return has(brand, value) ? brand : "";
}

/**
 * @param value An object that is no array.
 * @returns Its brand.
 */
export function brandOf(value: object): Brand {
  if (ArrayBuffer.isView(value)) return "View";
  if (value instanceof Error || isError?.(value) === true) return "Error";
  const tag = tagOf(value);
  if (tag === "Error" || tag === "DOMException") return "Error";
  if (tag !== "Object" && has(tag as Brand, value)) return tag as Brand;
  // A subclass may carry another tag.
  for (const [brand, type] of classes) {
    if (value instanceof type && has(brand, value)) return brand;
  }
  if (Object.getPrototypeOf(value) === null) return untagged.find((it) => has(it, value)) ?? "";
  if (tag === "WeakMap" || tag === "WeakSet" || tag === "WeakRef" || tag === "Promise") {
    return tag;
  }
  return "";
}

function has(brand: Brand, value: object): boolean {
  const probe = probes.get(brand);
  if (probe === undefined) return false;
  try {
    probe.call(value);
    return value !== RegExp.prototype;
  } catch {
    // It only looks like one.
    return false;
  }
}

function tagOf(value: object): string {
  try {
    return objectToString.call(value).slice(8, -1);
  } catch {
    // A getter of Symbol.toStringTag threw: what it is shows elsewhere.
    return "Object";
  }
}

function getter(prototype: object, name: string): Probe {
  return Object.getOwnPropertyDescriptor(prototype, name)!.get as Probe;
}
