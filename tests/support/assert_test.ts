import { test } from "node:test";
import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertIsError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotInstanceOf,
  assertNotMatch,
  assertNotStrictEquals,
  assertObjectMatch,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  equal,
  fail,
  unreachable,
} from "../../deps.ts";

/** Written without the assertions under test. */
function refuses(assertion: () => unknown): void {
  try {
    assertion();
  } catch (error) {
    if (error instanceof AssertionError) return;
    throw error;
  }
  throw new Error(`Nothing was refused by ${assertion}`);
}

async function refusesLater(assertion: () => Promise<unknown>): Promise<void> {
  try {
    await assertion();
  } catch (error) {
    if (error instanceof AssertionError) return;
    throw error;
  }
  throw new Error(`Nothing was refused by ${assertion}`);
}

test("equal compares every kind of value alike on all runtimes", () => {
  const cycle = (): object => {
    const value: Record<string, unknown> = { a: 1 };
    value.self = value;
    return value;
  };
  const same: [unknown, unknown][] = [
    [NaN, NaN],
    [1n, 1n],
    [undefined, undefined],
    [[1, , 3], [1, , 3]],
    [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
    [new Map([[{ a: 1 }, 2]]), new Map([[{ a: 1 }, 2]])],
    [new Set([[1], [2]]), new Set([[2], [1]])],
    [new Date(5), new Date(5)],
    [/a/gi, /a/gi],
    [new Error("a"), new Error("a")],
    [cycle(), cycle()],
    [Object(1), Object(1)],
    [new Uint8Array([1]).buffer, new Uint8Array([1]).buffer],
  ];
  for (const [a, b] of same) {
    if (!equal(a, b)) throw new Error(`Not equal: ${String(a)}`);
    assertEquals(a, b);
    refuses(() => assertNotEquals(a, b));
  }
  const different: [unknown, unknown][] = [
    [0, -0],
    [1, 1n],
    [1, "1"],
    [null, undefined],
    [{ a: undefined }, {}],
    [[1, , 3], [1, undefined, 3]],
    [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
    [new Uint8Array([1, 2]), new Int8Array([1, 2])],
    [new Map([[1, 2]]), new Map([[1, 3]])],
    [new Map([[1, 2]]), { 1: 2 }],
    [new Set([1]), new Set([2])],
    [new Date(5), new Date(6)],
    [/a/g, /a/i],
    [new Error("a"), new Error("b")],
    [new Error("a"), new TypeError("a")],
    [Object(1), Object(2)],
    [new (class A {})(), new (class B {})()],
    [new Uint8Array([1]).buffer, new Uint8Array([2]).buffer],
  ];
  for (const [a, b] of different) {
    if (equal(a, b)) throw new Error(`Equal: ${String(a)} and ${String(b)}`);
    assertNotEquals(a, b);
    refuses(() => assertEquals(a, b));
    refuses(() => assertEquals(a, b, "a note"));
  }
});

test("assert and assertFalse test for truth", () => {
  assert(1);
  assertFalse("");
  refuses(() => assert(0));
  refuses(() => assertFalse("a"));
});

test("assertStrictEquals is Object.is", () => {
  const value = {};
  assertStrictEquals(value, value);
  assertStrictEquals(NaN, NaN);
  assertNotStrictEquals({}, {});
  refuses(() => assertStrictEquals({}, {}));
  refuses(() => assertStrictEquals(0, -0));
  refuses(() => assertNotStrictEquals(value, value));
});

test("assertExists refuses null and undefined alone", () => {
  assertExists(0);
  assertExists("");
  refuses(() => assertExists(null));
  refuses(() => assertExists(undefined));
});

test("assertInstanceOf and assertNotInstanceOf look at the class", () => {
  assertInstanceOf(new TypeError(), Error);
  assertNotInstanceOf(new Error(), TypeError);
  refuses(() => assertInstanceOf(new Error(), TypeError));
  refuses(() => assertNotInstanceOf(new TypeError(), Error));
});

test("comparisons refuse what does not compare", () => {
  assertGreater(2, 1);
  assertGreaterOrEqual(2, 2);
  assertLess(1, 2);
  assertLessOrEqual(2, 2);
  refuses(() => assertGreater(1, 1));
  refuses(() => assertGreaterOrEqual(1, 2));
  refuses(() => assertLess(NaN, 1));
  refuses(() => assertLessOrEqual(3, 2));
});

test("assertAlmostEquals allows the tolerance and refuses NaN", () => {
  assertAlmostEquals(0.1 + 0.2, 0.3);
  assertAlmostEquals(1, 1.4, 0.5);
  refuses(() => assertAlmostEquals(1, 1.4));
  refuses(() => assertAlmostEquals(NaN, 1, 5));
});

test("text assertions", () => {
  assertStringIncludes("abc", "bc");
  assertMatch("abc", /^a/);
  assertNotMatch("abc", /^b/);
  refuses(() => assertStringIncludes("abc", "cb"));
  refuses(() => assertMatch("abc", /^b/));
  refuses(() => assertNotMatch("abc", /^a/));
});

test("assertArrayIncludes and assertObjectMatch look for a part", () => {
  assertArrayIncludes([{ a: 1 }, { b: 2 }], [{ b: 2 }]);
  assertObjectMatch({ a: { b: 1, c: 2 }, d: [1] }, { a: { b: 1 }, d: [1] });
  refuses(() => assertArrayIncludes([1, 2], [3]));
  refuses(() => assertObjectMatch({ a: { b: 1 } }, { a: { b: 2 } }));
  refuses(() => assertObjectMatch({}, { a: undefined }));
});

test("assertIsError looks at class and message", () => {
  assertIsError(new TypeError("not this"), TypeError, "this");
  assertIsError(new TypeError("not this"), Error, /this$/);
  refuses(() => assertIsError("text"));
  refuses(() => assertIsError(new Error("a"), TypeError));
  refuses(() => assertIsError(new Error("a"), Error, "b"));
});

test("assertThrows returns what was thrown", () => {
  const error = new TypeError("not this");
  const raise = (): never => {
    throw error;
  };
  assertStrictEquals(assertThrows(raise), error);
  assertStrictEquals(assertThrows(raise, TypeError, "this"), error);
  refuses(() => assertThrows(() => {}));
  refuses(() => assertThrows(raise, RangeError));
  refuses(() => assertThrows(raise, TypeError, "that"));
});

test("assertRejects returns the reason, and refuses a synchronous throw", async () => {
  const error = new TypeError("not this");
  const later = () => Promise.reject(error);
  assertStrictEquals(await assertRejects(later), error);
  assertStrictEquals(await assertRejects(later, TypeError, "this"), error);
  await refusesLater(() => assertRejects(() => Promise.resolve()));
  await refusesLater(() => assertRejects(later, RangeError));
  await refusesLater(() => assertRejects(later, TypeError, "that"));
  await refusesLater(() =>
    assertRejects(() => {
      throw error;
    })
  );
});

test("fail and unreachable always refuse", () => {
  refuses(() => fail());
  refuses(() => unreachable("here"));
});
