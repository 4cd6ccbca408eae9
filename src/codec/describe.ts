/**
 * Values in words, for messages; none of this ever throws.
 *
 * @module
 */
import { isSourceless } from "../base/code.ts";

/**
 * @param value Anything.
 * @returns A short description, without an article.
 */
export function describe(value: unknown): string {
  if (typeof value === "function") {
    const name = nameOf(value);
    const word = isClass(value) ? "class" : "function";
    return name === "" ? `${word} without a name` : `${word} ${name}`;
  }
  if (typeof value === "object" && value !== null) {
    return `object of class ${nameOf(constructorOf(value)) || "unknown"}`;
  }
  return `${typeof value} ${typeof value === "symbol" ? value.toString() : String(value)}`;
}

/**
 * @param value Anything.
 * @returns What it is, in few words, whatever it holds.
 */
export function describeBriefly(value: unknown): string {
  if (typeof value === "string") return `string of ${value.length} characters`;
  return typeof value === "object" || typeof value === "function" ? describe(value) : typeof value;
}

/**
 * @param value Anything that was thrown.
 * @returns What it says.
 */
export function messageOf(value: unknown): string {
  try {
    return value instanceof Error ? `${value.name}: ${value.message}` : String(value);
  } catch {
    // Its own getters or conversions throw: nothing more can be said.
    return "something that cannot be described";
  }
}

/**
 * @param value An object.
 * @returns What its prototype calls its constructor, if that is a function.
 */
export function constructorOf(value: object): unknown {
  try {
    const prototype = Object.getPrototypeOf(value);
    return prototype === null ? undefined : prototype.constructor;
  } catch {
    // A proxy's trap or a getter threw.
    return undefined;
  }
}

/**
 * @param value A function, or anything else.
 * @returns Its name, or `""`.
 */
export function nameOf(value: unknown): string {
  if (typeof value !== "function") return "";
  try {
    return typeof value.name === "string" ? value.name : "";
  } catch {
    // A static getter `name` threw.
    return "";
  }
}

/**
 * @param type A function.
 * @returns Whether the runtime made it, rather than the program.
 */
export function isNative(type: unknown): boolean {
  const name = nameOf(type);
  if (name === "") return false;
  const globals = globalThis as unknown as Record<string, unknown>;
  const own = Object.getOwnPropertyDescriptor(globals, name);
  if (own !== undefined && own.get === undefined && own.value === type) return true;
  return isSourceless(sourceOf(type));
}

/**
 * @param value An object.
 * @returns Whether it gives values one by one, as generators do.
 */
export function isIterator(value: object): boolean {
  try {
    const { next } = value as { next?: unknown };
    return typeof next === "function" &&
      (Symbol.iterator in value || Symbol.asyncIterator in value);
  } catch {
    // A proxy's trap or a getter threw.
    return false;
  }
}

function isClass(value: unknown): boolean {
  return sourceOf(value).startsWith("class");
}

/** @returns A function's source, or what stands for it; `""` where there is none to be had. */
export function sourceOf(value: unknown): string {
  try {
    return Function.prototype.toString.call(value);
  } catch {
    // Not a function after all.
    return "";
  }
}
