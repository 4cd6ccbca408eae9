import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertGreater,
  assertGreaterOrEqual,
  assertLessOrEqual,
} from "../../deps.ts";
import { ChunkSizes } from "../../src/scheduling/chunk_sizes.ts";

/** Sizes of all chunks of an input whose items take so many milliseconds each. */
function sizesOf(items: number, each: number, workers: number): number[] {
  const sizes = new ChunkSizes(workers, 16);
  const all: number[] = [];
  for (let left = items; left > 0;) {
    const size = Math.min(left, sizes.next(left, Infinity));
    all.push(size);
    left -= size;
    sizes.learn(size, size * each, 0);
  }
  return all;
}

test("ChunkSizes begins with one item, and grows by bounded steps", () => {
  const sizes = sizesOf(1_000_000, 0.0001, 2);
  assertEquals(sizes[0], 1);
  let largest = 1;
  for (const size of sizes) {
    assertLessOrEqual(size, 8 * largest);
    largest = Math.max(largest, size);
  }
});

test("ChunkSizes comes to a few milliseconds a chunk", () => {
  for (const each of [0.00001, 0.001, 0.05, 0.4]) {
    const sizes = new ChunkSizes(4, 16);
    for (let i = 0; i < 40; i++) {
      const size = sizes.next(undefined, Infinity);
      sizes.learn(size, size * each, 0);
    }
    const time = sizes.next(undefined, Infinity) * each;
    assert(time > 8 && time < 32, `${time} ms with items of ${each} ms`);
  }
});

test("ChunkSizes comes to what a chunk is said to take", () => {
  const sizes = new ChunkSizes(4, 100);
  for (let i = 0; i < 20; i++) {
    const size = sizes.next(undefined, Infinity);
    sizes.learn(size, size / 10, 0);
  }
  assertEquals(sizes.next(undefined, Infinity), 1000);
});

test("ChunkSizes gives dear items one at a time", () => {
  const sizes = new ChunkSizes(2, 16);
  sizes.learn(1, 1000, 0);
  assertEquals(sizes.next(undefined, Infinity), 1);
  assertEquals(sizes.next(100, Infinity), 1);
});

test("ChunkSizes makes small chunks towards a known end, and none without use", () => {
  const sizes = sizesOf(100_000, 0.001, 2);
  assertEquals(sizes.reduce((sum, size) => sum + size, 0), 100_000);
  assertLessOrEqual(sizes.at(-1)!, 400);
  assertLessOrEqual(sizes.at(-2)!, 400);
  // Halved towards the end, but not to single items, which would cost more than they take.
  assertLessOrEqual(sizes.length, 150);
});

test("ChunkSizes is not misled by a clock that stands still", () => {
  const sizes = new ChunkSizes(2, 16);
  let size = sizes.next(undefined, Infinity);
  for (let i = 0; i < 30; i++) {
    sizes.learn(size, 0, 0);
    const next = sizes.next(undefined, Infinity);
    assertLessOrEqual(next, 8 * size);
    assertGreaterOrEqual(next, size);
    size = next;
  }
  assertGreater(size, 1000);
  assert(Number.isSafeInteger(size));
  for (let i = 0; i < 30; i++) sizes.learn(size, 4000, 0);
  assertLessOrEqual(sizes.next(undefined, Infinity), size / 200);
});

test("ChunkSizes forgets what the first items took, before their code was compiled", () => {
  const sizes = new ChunkSizes(2, 16);
  sizes.learn(1, 30, 0);
  for (let i = 0; i < 30; i++) {
    const size = sizes.next(undefined, Infinity);
    sizes.learn(size, size * 0.001, 0);
  }
  assertGreater(sizes.next(undefined, Infinity), 1000);
});

test("ChunkSizes does not shrink for a small chunk that comes back late", () => {
  const sizes = new ChunkSizes(2, 16);
  for (const size of [1, 8, 64, 512]) sizes.learn(size, size * 0.0001, 0);
  const before = sizes.next(undefined, Infinity);
  sizes.learn(1, 0.0001, 0);
  assertGreaterOrEqual(sizes.next(undefined, Infinity), before);
});

test("ChunkSizes bounds the time that sending takes", () => {
  const sizes = new ChunkSizes(2, 16);
  for (let i = 0; i < 30; i++) {
    const size = sizes.next(undefined, Infinity);
    sizes.learn(size, 0, size * 0.1); // a mebibyte each, say
  }
  assertLessOrEqual(sizes.next(undefined, Infinity), 8);
});

test("ChunkSizes keeps to a fixed size, and to the room that there is", () => {
  const fixed = new ChunkSizes(2, 16, 7);
  fixed.learn(7, 1000, 1000);
  assertEquals(fixed.next(3, 2), 7);
  const sizes = new ChunkSizes(2, 16);
  for (let i = 0; i < 30; i++) sizes.learn(1000, 0.001, 0);
  assertEquals(sizes.next(undefined, 5), 5);
  assertEquals(sizes.next(1, 5), 1);
});

test("ChunkSizes keeps to what can be sent", () => {
  const sizes = new ChunkSizes(2, 16);
  for (let i = 0; i < 30; i++) sizes.learn(sizes.next(undefined, Infinity), 0, 0);
  sizes.bound(100);
  assertEquals(sizes.next(undefined, Infinity), 100);
  sizes.learn(100, 0, 0);
  assertEquals(sizes.next(undefined, Infinity), 100);
});
