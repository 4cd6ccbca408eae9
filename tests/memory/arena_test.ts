import { test } from "node:test";
import { MulticoreError, PayloadTooLargeError } from "../../src/base/errors.ts";
import { Arena, arenaBuffer } from "../../src/memory/arena.ts";
import { Returns } from "../../src/memory/returns.ts";
import { LARGEST_SMALL, PAGE, SPAN_PAGES } from "../../src/memory/spans.ts";
import { Views } from "../../src/memory/views.ts";
import { assert, assertEquals, assertThrows, fc } from "../../deps.ts";
import { seed } from "../support/random.ts";

const MAX = 1 << 20;

/** Blocks in use, sorted, so that overlaps show. */
class Model {
  readonly blocks = new Map<number, number>();

  add(block: number, size: number): void {
    for (const [other, length] of this.blocks) {
      assert(block + size <= other || other + length <= block, "blocks do not overlap");
    }
    this.blocks.set(block, size);
  }

  pick(number: number): number | undefined {
    return [...this.blocks.keys()][number % Math.max(1, this.blocks.size)];
  }
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ take: fc.integer({ min: 0, max: 3 * LARGEST_SMALL }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      take: fc.oneof(
        fc.integer({ min: 0, max: MAX + PAGE }),
        fc.constantFrom(MAX - 1, MAX, MAX + PAGE, MAX / 2, MAX / 2 + PAGE, LARGEST_SMALL + 1),
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ give: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ giveBack: fc.nat() }) },
);

test("Arena hands out memory once, and has all of it again when all has come back", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, PAGE, 100_000, MAX, 2 * MAX),
      fc.array(step, { maxLength: 150 }),
      (initial, steps) => {
        const buffer = arenaBuffer(initial, MAX);
        const arena = new Arena(buffer, MAX);
        // Another thread's view, made before the memory grows.
        const returns = new Returns(new Views(buffer));
        const views = new Views(buffer);
        const farReturns = new Returns(views);
        const model = new Model();
        for (const step of steps) {
          if ("take" in step) {
            const block = arena.take(step.take);
            if (block < 0) {
              assert(model.blocks.size > 0, "nothing is refused while all is free");
              continue;
            }
            assertEquals(block % 256, 0);
            assert(block >= PAGE, "the first page holds the stack");
            assert(block + step.take <= arena.bytes);
            assert(block + step.take <= arena.views.bytes.length, "the views reach it");
            arena.views.bytes.fill(0xff, block, block + step.take);
            model.add(block, Math.max(1, step.take));
          } else {
            const block = model.pick("give" in step ? step.give : step.giveBack);
            if (block === undefined) continue;
            const size = model.blocks.get(block)!;
            model.blocks.delete(block);
            if ("give" in step) arena.give(block);
            else {
              views.cover(block + size);
              farReturns.push(block);
            }
          }
        }
        for (const block of model.blocks.keys()) {
          if (block % 3 === 0) arena.give(block);
          else {
            views.cover(block + 256);
            farReturns.push(block);
          }
        }
        const whole = arena.take(MAX + PAGE);
        assert(whole >= 0, "the largest payload fits");
        assertEquals(returns.wanted, false);
        arena.give(whole);
        // Of each size of small blocks one empty span may be kept.
        assert(arena.used <= 7 * SPAN_PAGES * PAGE);
        assertEquals(buffer.byteLength % PAGE, 0);
      },
    ),
    { seed: seed("Arena") },
  );
});

test("Arena take refuses what could never fit, and nothing else", () => {
  for (const max of [65_537, 100_000, MAX]) {
    const arena = new Arena(arenaBuffer(0, max), max);
    assertThrows(() => arena.take(arena.largest + 1), PayloadTooLargeError);
    const block = arena.take(arena.largest);
    assert(block >= 0);
    arena.views.bytes[block + arena.largest - 1] = 1;
    assertEquals(arena.take(max), -1);
    const small = arena.take(1);
    assert(small >= 0, "a span of small blocks fits beside it");
    arena.give(block);
    arena.give(small);
    assert(arena.take(arena.largest) >= 0);
  }
});

test("Arena takes the largest payload also where that is a small block", () => {
  for (const max of [4096, 4097, 12_288]) {
    const arena = new Arena(arenaBuffer(max, max), max);
    for (let size = 1; size <= arena.largest; size += 97) {
      const block = arena.take(size);
      assert(block >= 0, `${size} bytes of ${max}`);
      arena.give(block);
    }
    assert(arena.take(arena.largest) >= 0);
  }
});

test("Arena stays as small as what is in use at a time", () => {
  const arena = new Arena(arenaBuffer(PAGE, 64 * MAX), 64 * MAX);
  for (let i = 0; i < 20_000; i++) {
    const blocks = [arena.take(100), arena.take(5000), arena.take(50_000)];
    for (const block of blocks) arena.give(block);
  }
  assert(arena.bytes <= 1 << 20, `${arena.bytes} bytes`);
});

test("Returns hands each block back once, also those that were pushed while it was emptied", () => {
  const buffer = arenaBuffer(MAX, MAX);
  const arena = new Arena(buffer, MAX);
  const returns = new Returns(new Views(buffer));
  const blocks = Array.from({ length: 10 }, () => arena.take(300));
  for (const block of blocks.slice(0, 6)) returns.push(block);
  const back: number[] = [];
  arena.returns.takeAll((block) => {
    back.push(block);
    if (back.length === 2) { for (const late of blocks.slice(6)) returns.push(late); }
  });
  assertEquals(back, blocks.slice(0, 6).reverse());
  assertEquals(arena.returns.any, true);
  arena.returns.takeAll((block) => back.push(block));
  assertEquals(new Set(back), new Set(blocks));
  assertEquals(arena.returns.any, false);
  arena.returns.takeAll(() => assert(false, "there is nothing"));
});

test("Returns says on both sides whether blocks are wanted", () => {
  const buffer = arenaBuffer(MAX, MAX);
  const arena = new Arena(buffer, MAX);
  const returns = new Returns(new Views(buffer));
  assertEquals(returns.wanted, false);
  arena.returns.wanted = true;
  assertEquals(returns.wanted, true);
  arena.returns.wanted = false;
  assertEquals(returns.wanted, false);
});

test("Views reaches what the memory has grown to, and says where it ends", () => {
  const buffer = new SharedArrayBuffer(PAGE, { maxByteLength: 4 * PAGE });
  const views = new Views(buffer);
  const { bytes } = views;
  views.cover(PAGE);
  assert(views.bytes === bytes, "no view is made anew without need");
  assertThrows(() => views.cover(PAGE + 1), MulticoreError);
  buffer.grow(3 * PAGE);
  views.cover(2 * PAGE);
  assertEquals(
    [views.bytes.length, views.view.byteLength, views.words.length],
    [3 * PAGE, 3 * PAGE, 3 * PAGE / 4],
  );
  assertThrows(() => views.cover(3 * PAGE + 1), MulticoreError);
});

test("Arena takes back from a thread what it has lent to it, and not what that has given back", () => {
  const buffer = arenaBuffer(MAX, MAX);
  const arena = new Arena(buffer, MAX);
  const returns = new Returns(new Views(buffer));
  const [one, other] = [{}, {}];
  const size = LARGEST_SMALL + 1;
  const before = arena.used;
  const blocks = Array.from({ length: 6 }, (_, i) => {
    const block = arena.take(size);
    arena.lend(block, i % 2 === 0 ? one : other);
    return block;
  });
  const used = arena.used;
  returns.push(blocks[0]!);
  returns.push(blocks[1]!);
  arena.takeBackFrom(one);
  arena.takeBackFrom(one);
  // Two of the other's three are left; what came back may be taken again, once each.
  assertEquals(arena.used, before + (used - before) / 3);
  const again = Array.from({ length: 4 }, () => arena.take(size));
  assertEquals(new Set([...again, blocks[3], blocks[5]]).size, 6);
  arena.takeBackFrom(other);
  for (const block of again) arena.give(block);
  assertEquals(arena.used, before);
});
