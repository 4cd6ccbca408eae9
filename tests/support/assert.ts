/**
 * The assertions of `@std/assert` that this repository uses, under the same
 * names and with the same meaning, over `node:assert`: the suite then runs
 * wherever `node:` modules exist, with nothing to download. To use the real
 * ones, point `@std/assert` in deno.json and tsconfig.json at
 * `jsr:@std/assert@1`.
 *
 * One difference is meant: equality is that of `deepStrictEqual`, so `0` and
 * `-0` differ, and so do objects with different prototypes.
 *
 * @module
 */

import { AssertionError, deepStrictEqual } from "node:assert";
import { inspect } from "node:util";

export { AssertionError };

// deno-lint-ignore no-explicit-any -- as in @std/assert: any constructor will do
type AnyConstructor<T = any> = abstract new (...args: any[]) => T;

function show(value: unknown): string {
  return inspect(value, { depth: 6, breakLength: 80 });
}

function reject(text: string, msg: string | undefined): never {
  throw new AssertionError({ message: msg ? `${text}: ${msg}` : text });
}

/** Whether two values are deeply, strictly equal. */
export function equal(a: unknown, b: unknown): boolean {
  try {
    deepStrictEqual(a, b);
    return true;
  } catch (error) {
    if (error instanceof AssertionError) return false;
    throw error;
  }
}

/** `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError({ message: msg || "Expected truthy" });
}

/** `expr` is falsy. */
export function assertFalse(
  expr: unknown,
  msg?: string,
): asserts expr is false | 0 | 0n | "" | null | undefined {
  if (expr) reject(`Expected falsy, got ${show(expr)}`, msg);
}

/** Both values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  // Thrown anew for the difference that node:assert prints.
  if (msg === undefined) deepStrictEqual(actual, expected);
  reject(`Expected ${show(expected)}, got ${show(actual)}`, msg);
}

/** The values are not deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) {
    reject(`Expected anything but ${show(expected)}`, msg);
  }
}

/** Both are the same value, by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (!Object.is(actual, expected)) {
    reject(`Expected ${show(expected)} itself, got ${show(actual)}`, msg);
  }
}

/** The values are not the same, by `Object.is`. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (Object.is(actual, expected)) {
    reject(`Expected anything but ${show(expected)} itself`, msg);
  }
}

/** The value is neither `null` nor `undefined`. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    reject(`Expected a value, got ${actual}`, msg);
  }
}

/** `actual instanceof expectedType`. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (!(actual instanceof expectedType)) {
    reject(`Expected a ${expectedType.name}, got ${show(actual)}`, msg);
  }
}

/** Not `actual instanceof unexpectedType`. */
export function assertNotInstanceOf<A, T>(
  actual: A,
  unexpectedType: AnyConstructor<T>,
  msg?: string,
): asserts actual is Exclude<A, T> {
  if (actual instanceof unexpectedType) {
    reject(`Expected no ${unexpectedType.name}, got ${show(actual)}`, msg);
  }
}

/** `|actual - expected| <= tolerance`; without one, 1e-7 of `expected`. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ??
    (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const difference = Math.abs(expected - actual);
  if (!(difference <= allowed)) {
    reject(`Expected ${expected} within ${allowed}, got ${actual}`, msg);
  }
}

/** `actual > expected`. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual > expected)) {
    reject(`Expected ${show(actual)} > ${show(expected)}`, msg);
  }
}

/** `actual >= expected`. */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual >= expected)) {
    reject(`Expected ${show(actual)} >= ${show(expected)}`, msg);
  }
}

/** `actual < expected`. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (!(actual < expected)) {
    reject(`Expected ${show(actual)} < ${show(expected)}`, msg);
  }
}

/** `actual <= expected`. */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!(actual <= expected)) {
    reject(`Expected ${show(actual)} <= ${show(expected)}`, msg);
  }
}

/** The text contains `expected`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (!actual.includes(expected)) {
    reject(`Expected ${show(actual)} to contain ${show(expected)}`, msg);
  }
}

/** The text matches `expected`. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (!expected.test(actual)) {
    reject(`Expected ${show(actual)} to match ${expected}`, msg);
  }
}

/** The text does not match `expected`. */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) {
    reject(`Expected ${show(actual)} not to match ${expected}`, msg);
  }
}

/** Each of `expected` is deeply equal to some item of `actual`. */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  msg?: string,
): void {
  const items = Array.from(actual);
  const missing = Array.from(expected).filter((wanted) =>
    !items.some((item) => equal(item, wanted))
  );
  if (missing.length > 0) {
    reject(`Expected ${show(actual)} to include ${show(missing)}`, msg);
  }
}

/** Every property of `expected`, however deep, is in `actual`. */
export function assertObjectMatch(
  actual: object,
  expected: object,
  msg?: string,
): void {
  if (!contains(actual, expected)) {
    reject(`Expected ${show(actual)} to contain ${show(expected)}`, msg);
  }
}

function contains(actual: unknown, expected: unknown): boolean {
  if (!isPlain(expected) || typeof actual !== "object" || actual === null) {
    return equal(actual, expected);
  }
  return Reflect.ownKeys(expected).every((key) =>
    Reflect.has(actual, key) &&
    contains(Reflect.get(actual, key), Reflect.get(expected, key))
  );
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** An `Error`, of this class and with this text in its message, where given. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: AnyConstructor<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    reject(`Expected an Error, got ${show(error)}`, msg);
  }
  if (ErrorClass && !(error instanceof ErrorClass)) {
    reject(`Expected a ${ErrorClass.name}, got ${show(error)}`, msg);
  }
  if (msgMatches === undefined) return;
  const matches = typeof msgMatches === "string"
    ? error.message.includes(msgMatches)
    : msgMatches.test(error.message);
  if (!matches) {
    reject(
      `Expected a message with ${show(msgMatches)}, got ${show(error.message)}`,
      msg,
    );
  }
}

/** `fn` throws; with a class or text given, an `Error` that has them. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: AnyConstructor<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: AnyConstructor<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const [ErrorClass, note] = typeof classOrMsg === "string"
    ? [undefined, classOrMsg]
    : [classOrMsg, msg];
  try {
    fn();
  } catch (error) {
    if (ErrorClass) assertIsError(error, ErrorClass, msgIncludes, note);
    return error;
  }
  reject("Expected the function to throw", note);
}

/** The promise of `fn` rejects; with a class or text given, with such an `Error`. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: AnyConstructor<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: AnyConstructor<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const [ErrorClass, note] = typeof classOrMsg === "string"
    ? [undefined, classOrMsg]
    : [classOrMsg, msg];
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    reject(`Expected a rejection, but it threw ${show(error)}`, note);
  }
  if (typeof promise?.then !== "function") {
    reject(`Expected a promise, got ${show(promise)}`, note);
  }
  try {
    await promise;
  } catch (error) {
    if (ErrorClass) assertIsError(error, ErrorClass, msgIncludes, note);
    return error;
  }
  reject("Expected the promise to reject", note);
}

/** Fails the test. */
export function fail(msg?: string): never {
  reject("Failed", msg);
}

/** Fails the test: this line must not be reached. */
export function unreachable(msg?: string): never {
  reject("Unreachable", msg);
}
