import { test } from "node:test";
import { PageRuns } from "../../src/memory/page_runs.ts";
import { assert, assertEquals, fc } from "../../deps.ts";
import { seed } from "../support/random.ts";

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ give: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ extend: fc.integer({ min: 1, max: 50 }) }) },
);

/** Which run each page is in; 0 for free ones. */
type Pages = number[];

/** Lengths of the free runs, and of the last one if it ends with the pages. */
function freeRuns(pages: Pages): { longest: number; last: number; total: number } {
  let longest = 0;
  let total = 0;
  let run = 0;
  for (const owner of pages) {
    run = owner === 0 ? run + 1 : 0;
    if (owner === 0) total++;
    longest = Math.max(longest, run);
  }
  return { longest, last: run, total };
}

test("PageRuns gives every free run that is long enough, and none twice", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const runs = new PageRuns();
      const pages: Pages = [];
      const used = new Map<number, number>();
      const give = (first: number) => {
        runs.give(first);
        pages.fill(0, first, first + used.get(first)!);
        used.delete(first);
      };
      for (const step of steps) {
        if ("extend" in step) {
          runs.extend(step.extend);
          for (let i = 0; i < step.extend; i++) pages.push(0);
        } else if ("give" in step) {
          const firsts = [...used.keys()];
          if (firsts.length > 0) give(firsts[step.give % firsts.length]!);
        } else {
          const { longest } = freeRuns(pages);
          const first = runs.take(step.take);
          assertEquals(first >= 0, step.take <= longest, "a run is found where there is one");
          if (first >= 0) {
            for (let page = first; page < first + step.take; page++) {
              assertEquals(pages[page], 0, "the run was free");
              pages[page] = first + 1;
            }
            used.set(first, step.take);
            assertEquals(runs.usedAt(first), step.take);
          }
        }
        const { last, total } = freeRuns(pages);
        assertEquals([runs.pages, runs.free], [pages.length, total]);
        assertEquals(runs.shortage(30), Math.max(0, 30 - last));
      }
      for (const first of [...used.keys()]) give(first);
      assertEquals(runs.free, pages.length);
      if (pages.length > 0) assertEquals(runs.take(pages.length), 0, "it is one run again");
    }),
    { seed: seed("PageRuns") },
  );
});

test("PageRuns joins a run that is given back with both neighbours", () => {
  const runs = new PageRuns();
  runs.extend(30);
  const [a, b, c] = [runs.take(10), runs.take(10), runs.take(10)];
  assertEquals(runs.take(1), -1);
  runs.give(a!);
  runs.give(c!);
  assertEquals(runs.take(11), -1);
  runs.give(b!);
  assertEquals(runs.take(30), 0);
});

test("PageRuns joins new pages with the free ones before them", () => {
  const runs = new PageRuns();
  runs.extend(4);
  const first = runs.take(3);
  assertEquals(runs.shortage(5), 4);
  runs.extend(4);
  assertEquals(runs.shortage(5), 0);
  assertEquals(runs.take(5), first + 3);
  assert(runs.free === 0);
});
