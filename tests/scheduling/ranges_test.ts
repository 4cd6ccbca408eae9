import { test } from "node:test";
import { assertEquals, assertThrows, fc } from "../../deps.ts";
import { initialize, NUMBER_OF_WORKERS, ranges, shutdown } from "../../mod.ts";

test("ranges are ceil(length / workers) long, or minRangeSize if that is more", () => {
  assertEquals([...ranges(10, 0, 3)], [[0, 4], [4, 8], [8, 10]]);
  assertEquals([...ranges(10, 5, 3)], [[0, 5], [5, 10]]);
  assertEquals([...ranges(10, 100, 3)], [[0, 10]]);
  assertEquals([...ranges(3, 0, 8)], [[0, 1], [1, 2], [2, 3]]);
  assertEquals([...ranges(9, 0, 4)], [[0, 3], [3, 6], [6, 9]]);
  assertEquals([...ranges(0, 0, 4)], []);
  assertEquals([...ranges(0, 5, 4)], []);
});

test("ranges cover everything once, in order, as the original's arithmetic says", () => {
  fc.assert(fc.property(
    fc.nat(100_000),
    fc.nat(1000),
    fc.integer({ min: 1, max: 300 }),
    (length, least, workers) => {
      const size = Math.max(Math.ceil(length / workers), least);
      let next = 0;
      for (const [start, end] of ranges(length, least, workers)) {
        assertEquals(start, next);
        assertEquals(end, Math.min(start + size, length));
        next = end;
      }
      assertEquals(next, length);
    },
  ));
});

test("ranges take anything with a length or size", () => {
  const expected = [[0, 2], [2, 3]];
  const given = [
    [1, 2, 3],
    "abc",
    new Uint8Array(3),
    new Set([1, 2, 3]),
    new Map([[1, 1], [2, 2], [3, 3]]),
    { length: 3 },
    { size: 3 },
    3,
  ];
  for (const items of given) assertEquals([...ranges(items, 0, 2)], expected);
});

test("ranges are lazy", () => {
  const iterator = ranges(Number.MAX_SAFE_INTEGER, 1, 2 ** 52);
  assertEquals(iterator.next().value, [0, 2]);
  assertEquals(iterator.next().value, [2, 4]);
});

test("ranges are for the default pool's workers unless told otherwise", async () => {
  assertEquals([...ranges(1000)].length, Math.min(1000, NUMBER_OF_WORKERS));
  await initialize({ workers: 5 });
  assertEquals([...ranges(1000)].length, 5);
  await shutdown();
});

test("ranges refuse what has no length, at the call", () => {
  // deno-lint-ignore no-explicit-any
  assertThrows(() => ranges({} as any), TypeError, "neither length nor size");
  // deno-lint-ignore no-explicit-any
  assertThrows(() => ranges(undefined as any), TypeError);
  // deno-lint-ignore no-explicit-any
  assertThrows(() => ranges((function* () {})() as any), TypeError);
  assertThrows(() => ranges(-1), RangeError, "-1");
  assertThrows(() => ranges(1.5), RangeError, "1.5");
  assertThrows(() => ranges(10, -1), RangeError, "minRangeSize -1");
  assertThrows(() => ranges(10, 0, 0), RangeError, "numberOfWorkers 0");
  // deno-lint-ignore no-explicit-any
  assertThrows(() => ranges(10, "3" as any), RangeError, 'minRangeSize "3"');
});
