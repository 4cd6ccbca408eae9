import { test } from "node:test";
import { SubmissionRing } from "../../src/transport/submission_ring.ts";
import { assert, assertEquals, fc } from "../../deps.ts";
import { Random, seed } from "../support/random.ts";
import { thread, words } from "../sync/threads.ts";

/** Words of the two counters, as `submission_ring.ts` lays them out. */
const TAIL = 0;
const HEAD = 32;

test("SubmissionRing is first in, first out, over many laps", () => {
  const script = fc.array(fc.integer({ min: -8, max: 8 }), { maxLength: 200 });
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 4, 16), script, (capacity, steps) => {
      const ring = new SubmissionRing(words(SubmissionRing.words(capacity)), capacity);
      const model: number[] = [];
      const positions: number[] = [];
      let next = 0;
      let taken = 0;
      for (const step of steps) {
        for (let i = 0; i < step; i++) {
          assertEquals(ring.hasRoom, model.length < capacity);
          if (model.length === capacity) break;
          positions.push(ring.push(next));
          model.push(next++);
        }
        for (let i = 0; i > step; i--) {
          const expected = model.shift();
          assertEquals(ring.take(), expected ?? -1);
          if (expected !== undefined) taken++;
        }
        assertEquals([ring.length, ring.isEmpty], [model.length, model.length === 0]);
        positions.forEach((position, entry) => {
          assertEquals(ring.isTaken(position), entry < taken);
        });
      }
    }),
    { seed: seed("SubmissionRing") },
  );
});

test("SubmissionRing hasRoom sees what others have taken", () => {
  const buffer = words(SubmissionRing.words(2));
  const producer = new SubmissionRing(buffer, 2);
  const consumer = new SubmissionRing(buffer, 2);
  producer.push(1);
  producer.push(2);
  assertEquals(producer.hasRoom, false);
  assertEquals(consumer.take(), 1);
  assertEquals(producer.hasRoom, true);
});

for (const start of [0x7fffffff - 3, -3, 0]) {
  test(`SubmissionRing take goes on where positions wrap, from ${start}`, () => {
    const capacity = 4;
    const buffer = words(SubmissionRing.words(capacity));
    const entries = SubmissionRing.words(capacity) - capacity;
    buffer[HEAD] = start;
    const consumer = new SubmissionRing(buffer, capacity);
    for (let lap = 0; lap < 5; lap++) {
      const from = buffer[HEAD]!;
      for (let i = 0; i < capacity; i++) {
        buffer[entries + ((from + i) & (capacity - 1))] = 10 * lap + i;
      }
      buffer[TAIL] = from + capacity;
      assertEquals(consumer.length, capacity);
      assertEquals(consumer.isTaken(from), false);
      for (let i = 0; i < capacity; i++) {
        assertEquals(consumer.take(), 10 * lap + i);
        assertEquals(consumer.isTaken((from + i) | 0), true);
        assertEquals(consumer.isTaken((from + i + 1) | 0), false);
      }
      assertEquals([consumer.take(), consumer.isEmpty, consumer.length], [-1, true, 0]);
    }
  });
}

test("SubmissionRing gives each entry to one consumer", { timeout: 60_000 }, async () => {
  const random = new Random(seed("SubmissionRing, threads"));
  const entries = 120_000;
  for (const capacity of [2, 64]) {
    const buffer = words(SubmissionRing.words(capacity));
    const counts = words(entries);
    const threads = await Promise.all([1, 2, 3].map(() =>
      thread({
        part: "take",
        ring: buffer.buffer,
        capacity,
        counts: counts.buffer,
        stop: entries,
      })
    ));
    const ring = new SubmissionRing(buffer, capacity);
    const count = capacity === 2 ? entries / 10 : entries;
    const end = performance.now() + 30_000;
    const push = (entry: number) => {
      while (!ring.hasRoom) assert(performance.now() < end, "the ring stays full");
      ring.push(entry);
    };
    for (let entry = 0; entry < count; entry++) {
      push(entry);
      // The owner takes as well, as any thread may.
      if (random.below(1000) === 0) {
        const taken = ring.take();
        if (taken !== -1) Atomics.add(counts, taken, 1);
      }
    }
    for (let i = 0; i < 3; i++) push(entries);
    await Promise.all(threads.map(({ over }) => over));
    assert(counts.subarray(0, count).every((times) => times === 1), "each exactly once");
    assertEquals(ring.isEmpty, true);
  }
});
