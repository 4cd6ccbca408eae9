import { test } from "node:test";
import { assertEquals, assertLess, fc } from "../../deps.ts";
import { Chunk } from "../../src/parallel/chunk.ts";
import { ChunkLine } from "../../src/parallel/chunk_line.ts";
import { arraySteps } from "../support/array_steps.ts";
import { seed } from "../support/random.ts";

const MANY = 2000;
const owner = { settled() {} };
const chunkAt = (start: number): Chunk => new Chunk(owner, { start, count: 1, items: 1 });

/** A line of chunks that are done, in order. */
function lineOf(chunks: readonly Chunk[]): ChunkLine {
  const line = new ChunkLine(true);
  for (const chunk of chunks) {
    line.sent(chunk);
    line.done(chunk);
  }
  return line;
}

const many = (): Chunk[] => Array.from({ length: MANY }, (_, i) => chunkAt(i));

test("ChunkLine gives chunks without moving all others up each time", () => {
  const chunks = many();
  const line = lineOf(chunks);
  const taken: unknown[] = [];
  const steps = arraySteps(() => {
    while (!line.isEmpty) taken.push(line.take());
  });
  assertEquals(taken, chunks);
  assertLess(steps, 4 * MANY);
});

test("ChunkLine takes chunks back, and ends with one that failed, without a search from the front", () => {
  const line = lineOf(many());
  const failed = chunkAt(2 * MANY);
  line.sent(failed);
  const steps = arraySteps(() => {
    for (let i = 1; i <= MANY; i++) {
      const refused = chunkAt(2 * MANY + i);
      line.sent(refused);
      line.takeBack(refused);
    }
    for (let i = 1; i <= MANY; i++) {
      line.sent(chunkAt(2 * MANY + i));
      line.endWith(failed);
    }
  });
  assertLess(steps, 6 * MANY);
});

test("ChunkLine is a list in the order of the items, whatever is sent, taken and taken back", () => {
  const actions = fc.array(
    fc.record({
      start: fc.nat(50),
      action: fc.constantFrom("send", "send", "take", "take", "takeBack", "endWith"),
    }),
    { maxLength: 200 },
  );
  const property = fc.property(actions, (all) => {
    const line = new ChunkLine(true);
    let expected: Chunk[] = [];
    for (const { action, start } of all) {
      const one = expected[start % expected.length];
      if (action === "send") {
        const chunk = chunkAt(start);
        line.sent(chunk);
        line.done(chunk);
        const place = expected.findIndex((other) => other.start > start);
        expected.splice(place < 0 ? expected.length : place, 0, chunk);
      } else if (action === "take") {
        assertEquals(line.take() === expected.shift(), true);
      } else if (one !== undefined && action === "takeBack") {
        line.takeBack(one);
        expected = expected.filter((other) => other !== one);
      } else if (one !== undefined) {
        line.endWith(one);
        expected.length = expected.indexOf(one) + 1;
      }
      assertEquals(line.isEmpty, expected.length === 0);
    }
  });
  fc.assert(property, { numRuns: 300, seed: seed("chunk line") });
});
