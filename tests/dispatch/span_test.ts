import { test } from "node:test";
import { assertEquals, fc } from "../../deps.ts";
import { Span } from "../../src/dispatch/span.ts";
import { seed } from "../support/random.ts";

test("Span has all that it was to include, and little else", () => {
  const number = fc.integer({ min: 0, max: 2 ** 34 });
  const near = fc.integer({ min: 0, max: 20_000 });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(number, near)),
      fc.oneof(number, near),
      near,
      (all, from, length) => {
        const span = new Span();
        for (const it of all) span.include(it);
        for (const it of all) {
          assertEquals(span.meets(it, it + 1), true);
          assertEquals(span.meets(it, Infinity), true);
        }
        const before = from + length;
        const isWithin = (it: number, slack: number) => it + slack >= from && it < before + slack;
        const met = span.meets(from, before);
        if (all.some((it) => isWithin(it, 0))) assertEquals(met, true);
        if (!all.some((it) => isWithin(it, 1024))) assertEquals(met, false);
      },
    ),
    { seed: seed("Span"), numRuns: 1000 },
  );
});
