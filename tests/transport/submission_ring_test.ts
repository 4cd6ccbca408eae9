import { test } from "node:test";
import { SubmissionRing } from "../../src/transport/submission_ring.ts";
import { assert, assertEquals, fc } from "../../deps.ts";
import { Patience } from "../support/patience.ts";
import { Random, seed } from "../support/random.ts";
import { thread, words } from "../sync/threads.ts";

/** The head, and where the entries begin, as `submission_ring.ts` lays them out. */
const HEAD = 0;
const ENTRIES = 32;

/** An empty ring's words at a position, as if it had come there by itself. */
function ringAt(capacity: number, start: number): Int32Array<SharedArrayBuffer> {
  const buffer = words(SubmissionRing.words(capacity));
  buffer[HEAD] = start;
  for (let position = start - capacity; position < start; position++) {
    buffer[ENTRIES + 2 * (position & (capacity - 1))] = position + 1;
  }
  return buffer;
}

test("SubmissionRing gives the oldest to all and the newest to its owner, over many laps", () => {
  const script = fc.array(
    fc.tuple(fc.integer({ min: -8, max: 8 }), fc.boolean()),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 4, 16), script, (capacity, steps) => {
      const ring = new SubmissionRing(words(SubmissionRing.words(capacity)), capacity);
      const model: { entry: number; position: number }[] = [];
      /** Entries that were taken, and those that were there when a later one took their place. */
      const gone: number[] = [];
      let next = 0;
      for (const [step, byOwner] of steps) {
        for (let i = 0; i < step; i++) {
          assertEquals(ring.hasRoom, model.length < capacity);
          if (model.length === capacity) break;
          model.push({ entry: next, position: ring.push(next) });
          next++;
        }
        for (let i = 0; i > step; i--) {
          const expected = byOwner ? model.pop() : model.shift();
          assertEquals(byOwner ? ring.pop() : ring.take(), expected?.entry ?? -1);
          if (expected !== undefined && !byOwner) gone.push(expected.position);
        }
        assertEquals([ring.length, ring.isEmpty], [model.length, model.length === 0]);
        const seen: number[] = [];
        assertEquals(ring.seemsToHave((entry) => seen.push(entry) < 0), false);
        assertEquals(seen, model.map(({ entry }) => entry));
        for (const { position } of model) assertEquals(ring.isTaken(position), false);
        for (const position of gone) assertEquals(ring.isTaken(position), true);
        if (gone.length > 0) assertEquals(ring.lastTaken >= gone.at(-1)!, true);
      }
    }),
    { seed: seed("SubmissionRing") },
  );
});

/** Runs something just before one of the shared accesses of an operation. @returns Whether there were so many. */
function interrupt(operation: () => void, access: number, interruption: () => void): boolean {
  const { load, store, compareExchange } = Atomics;
  let count = 0;
  const before = <A extends unknown[], R>(step: (...args: A) => R) => (...args: A): R => {
    if (count++ === access) {
      Object.assign(Atomics, { load, store, compareExchange });
      interruption();
    }
    return step(...args);
  };
  Object.assign(Atomics, {
    load: before(load),
    store: before(store),
    compareExchange: before(compareExchange),
  });
  try {
    operation();
  } finally {
    Object.assign(Atomics, { load, store, compareExchange });
  }
  return count > access;
}

/** All sequences of at most so many of these. */
function sequences<T>(of: readonly T[], length: number): T[][] {
  if (length === 0) return [[]];
  const shorter = sequences(of, length - 1);
  const longest = shorter.filter((it) => it.length === length - 1);
  return [...shorter, ...longest.flatMap((it) => of.map((next) => [...it, next]))];
}

test("SubmissionRing loses nothing wherever its owner and a thief meet", () => {
  const capacity = 4;
  let interruptions = 0;
  for (const start of [0, 0x7ffffffe, -2]) {
    for (const filled of [0, 1, 2, 3, 4]) {
      for (const operation of ["pop", "take", "push", "dropStale"] as const) {
        // The owner is one thread: only what thieves do comes in between its own steps.
        const others = operation === "take" ? ["take", "pop", "push"] as const : ["take"] as const;
        for (const sequence of sequences<"take" | "pop" | "push">(others, 4)) {
          for (let access = 0;; access++) {
            const buffer = ringAt(capacity, start);
            const owner = new SubmissionRing(buffer, capacity);
            const thief = new SubmissionRing(buffer, capacity);
            let next = 0;
            const taken: number[] = [];
            const note = (entry: number) => void (entry !== -1 && taken.push(entry));
            const run = {
              pop: () => note(owner.pop()),
              take: () => note(thief.take()),
              push: () => void (owner.hasRoom && owner.push(next++)),
              dropStale: () => owner.dropStale(() => false),
            };
            for (let i = 0; i < filled; i++) run.push();
            const reached = interrupt(
              run[operation],
              access,
              () => sequence.forEach((it) => run[it]()),
            );
            if (!reached) break;
            interruptions++;
            while (taken.length < next) {
              const before = taken.length;
              run.take();
              if (taken.length === before) break;
            }
            const what = `${operation} of ${filled}, before ${access}: ${sequence}`;
            assertEquals(taken.toSorted((a, b) => a - b), [...Array(next).keys()], what);
            assertEquals([owner.isEmpty, owner.pop(), thief.take()], [true, -1, -1], what);
          }
        }
      }
    }
  }
  assert(interruptions > 4500, `${interruptions}`);
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
  test(`SubmissionRing pop goes on where positions wrap, from ${start}`, () => {
    const capacity = 4;
    const buffer = ringAt(capacity, start);
    const ring = new SubmissionRing(buffer, capacity);
    let next = 0;
    for (let round = 0; round < 20; round++) {
      const entries = [next++, next++, next++];
      for (const entry of entries) ring.push(entry);
      assertEquals([ring.pop(), ring.take(), ring.pop(), ring.pop()], [
        entries[2],
        entries[0],
        entries[1],
        -1,
      ]);
      assertEquals([ring.isEmpty, ring.length, ring.hasRoom], [true, 0, true]);
      // One more, lest positions stay where they are: the last one moves the head.
      ring.push(next);
      assertEquals(ring.pop(), next++);
    }
  });

  test(`SubmissionRing take goes on where positions wrap, from ${start}`, () => {
    const capacity = 4;
    const buffer = ringAt(capacity, start);
    const consumer = new SubmissionRing(buffer, capacity);
    for (let lap = 0; lap < 5; lap++) {
      const from = buffer[HEAD]!;
      for (let i = 0; i < capacity; i++) {
        const at = ENTRIES + 2 * ((from + i) & (capacity - 1));
        buffer[at + 1] = 10 * lap + i;
        buffer[at] = from + i + 1;
      }
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
    const patience = new Patience();
    const push = (entry: number) => {
      while (!ring.hasRoom) {
        assert(performance.now() < end, "the ring stays full");
        patience.lost();
      }
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

for (const capacity of [1, 2, 64]) {
  test(
    `SubmissionRing pop takes nothing from thieves, of ${capacity} entries`,
    { timeout: 60_000 },
    async () => {
      const start = seed("SubmissionRing, thieves");
      const random = new Random(start);
      const entries = 60_000;
      const buffer = words(SubmissionRing.words(capacity));
      const counts = words(entries);
      const stop = words(1);
      const threads = await Promise.all([1, 2].map((n) =>
        thread({
          part: "steal",
          ring: buffer.buffer,
          capacity,
          counts: counts.buffer,
          stop: stop.buffer,
          seed: start + n,
        })
      ));
      const ring = new SubmissionRing(buffer, capacity);
      const end = performance.now() + 40_000;
      const patience = new Patience();
      let waited = false;
      let popped = 0;
      const pop = () => {
        const entry = ring.pop();
        if (entry === -1) return false;
        popped++;
        Atomics.add(counts, entry, 1);
        return true;
      };
      for (let entry = 0; entry < entries;) {
        assert(performance.now() < end, `entry ${entry}: the ring stays full`);
        // Bursts of both, mostly around the last entry, where owner and thieves meet.
        for (let i = 1 + random.below(random.below(8) === 0 ? capacity : 3); i > 0; i--) {
          if (entry < entries && ring.hasRoom) ring.push(entry++);
        }
        // Once it leaves them to the thieves, which may have had no processor until now.
        while (!waited && entry > entries / 2 && !ring.isEmpty) {
          assert(performance.now() < end, "no thief takes anything");
          patience.lost();
          waited = ring.isEmpty;
        }
        for (let i = random.below(4); i > 0; i--) pop();
      }
      while (pop());
      Atomics.store(stop, 0, 1);
      await Promise.all(threads.map(({ over }) => over));
      const wrong = counts.findIndex((times) => times !== 1);
      assertEquals(wrong, -1, `entry ${wrong} was taken ${counts[wrong]} times`);
      assert(popped > 0 && popped < entries, `the owner has taken ${popped}`);
      assertEquals([ring.isEmpty, ring.pop(), ring.take()], [true, -1, -1]);
    },
  );
}
