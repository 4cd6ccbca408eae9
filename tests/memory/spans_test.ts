import { test } from "node:test";
import { PageRuns } from "../../src/memory/page_runs.ts";
import { LARGEST_SMALL, PAGE, SPAN_PAGES, Spans } from "../../src/memory/spans.ts";
import { assert, assertEquals, fc } from "../../deps.ts";
import { seed } from "../support/random.ts";

const PAGES = 8 * SPAN_PAGES;

/** What a block of this size takes up. */
const roomOf = (size: number): number => 2 ** Math.max(8, Math.ceil(Math.log2(size)));

test("Spans hands out blocks that do not overlap, and gives all pages back", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ take: fc.integer({ min: 1, max: LARGEST_SMALL }) }) },
    { weight: 1, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 600 }) }) },
    { weight: 3, arbitrary: fc.record({ give: fc.nat() }) },
    { weight: 1, arbitrary: fc.constant("trim" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const runs = new PageRuns();
      runs.extend(PAGES);
      const spans = new Spans(runs);
      /** Which block each stretch of 256 bytes is in. */
      const owners = new Int32Array(PAGES * PAGE / 256).fill(-1);
      const sizes = new Map<number, number>();
      const give = (block: number) => {
        assert(spans.give(block));
        owners.fill(-1, block / 256, (block + roomOf(sizes.get(block)!)) / 256);
        sizes.delete(block);
      };
      for (const step of steps) {
        if (step === "trim") {
          spans.trim();
        } else if ("give" in step) {
          const blocks = [...sizes.keys()];
          if (blocks.length > 0) give(blocks[step.give % blocks.length]!);
        } else {
          const block = spans.take(step.take);
          if (block < 0) {
            assertEquals(runs.take(SPAN_PAGES), -1, "there are no pages for another span");
            continue;
          }
          const room = roomOf(step.take);
          assertEquals(block % Math.min(room, PAGE), 0);
          assert(block + room <= PAGES * PAGE);
          for (let i = block / 256; i < (block + room) / 256; i++) {
            assertEquals(owners[i], -1, "the room was free");
            owners[i] = block;
          }
          sizes.set(block, step.take);
        }
      }
      for (const block of [...sizes.keys()]) give(block);
      spans.trim();
      assertEquals(runs.free, PAGES);
    }),
    { seed: seed("Spans") },
  );
});

test("Spans uses a span's room up before it opens another", () => {
  const runs = new PageRuns();
  runs.extend(PAGES);
  const spans = new Spans(runs);
  const blocks = Array.from({ length: SPAN_PAGES * PAGE / 256 }, () => spans.take(256));
  assertEquals(new Set(blocks).size, blocks.length);
  assertEquals(runs.free, PAGES - SPAN_PAGES);
  spans.take(256);
  assertEquals(runs.free, PAGES - 2 * SPAN_PAGES);
});

test("Spans keeps an empty span only while no other of its size has room", () => {
  const runs = new PageRuns();
  runs.extend(PAGES);
  const spans = new Spans(runs);
  const perSpan = SPAN_PAGES * PAGE / LARGEST_SMALL;
  const blocks = Array.from({ length: 3 * perSpan }, () => spans.take(LARGEST_SMALL));
  assertEquals(runs.free, PAGES - 3 * SPAN_PAGES);
  for (const block of blocks) spans.give(block);
  assertEquals(runs.free, PAGES - SPAN_PAGES);
  spans.trim();
  assertEquals(runs.free, PAGES);
});

test("Spans knows which blocks are not its own", () => {
  const runs = new PageRuns();
  runs.extend(PAGES);
  const spans = new Spans(runs);
  const small = spans.take(1000);
  const large = runs.take(5);
  assertEquals(spans.give(large * PAGE), false);
  assertEquals(spans.give(small), true);
  spans.trim();
  const reused = runs.take(SPAN_PAGES);
  assertEquals(spans.give(reused * PAGE), false, "the pages of a span that is gone");
});
