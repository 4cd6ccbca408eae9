import { test } from "node:test";
import { Lane, laneBuffer } from "../../src/transport/lane.ts";
import {
  DONE,
  FREE,
  generationOf,
  MAX_SLOTS,
  NEXT,
  nextGeneration,
  NOBODY,
  phaseOf,
  READY,
  referenceTo,
  RESULT_LENGTH,
  SLOT_BYTES,
  SLOT_WORDS,
  stateOf,
} from "../../src/transport/slot.ts";
import { assert, assertEquals, fc } from "../../deps.ts";
import { Patience } from "../support/patience.ts";
import { Random, seed } from "../support/random.ts";
import { thread, words } from "../sync/threads.ts";

test("CompletionStack takeAll gives each slot once, the oldest first", () => {
  const size = { slots: 32, workers: 1 };
  const batches = fc.array(
    fc.subarray([...Array(size.slots).keys()]).chain((slots) =>
      fc.shuffledSubarray(slots, { minLength: slots.length, maxLength: slots.length })
    ),
  );
  fc.assert(
    fc.property(batches, (batches) => {
      const { completed } = new Lane(laneBuffer(size), size);
      const into = new Int32Array(size.slots);
      for (const batch of batches) {
        assertEquals(completed.isEmpty, true);
        for (const slot of batch) completed.push(slot);
        assertEquals(completed.isEmpty, batch.length === 0);
        assertEquals(completed.takeAll(into), batch.length);
        assertEquals([...into.subarray(0, batch.length)], batch);
      }
      assertEquals(completed.takeAll(into), 0);
    }),
    { seed: seed("CompletionStack") },
  );
});

test("CompletionStack takeAll ends at a word that names no slot, and in a circle", () => {
  const size = { slots: 32, workers: 1 };
  for (const word of [33, 3_000_000, 0x7fffffff, -1, -0x80000000 + 40]) {
    const lane = new Lane(laneBuffer(size), size);
    const into = new Int32Array(size.slots);
    const head = new Int32Array(lane.words.buffer, size.slots * SLOT_BYTES, 1);
    head[0] = word;
    assertEquals([lane.completed.takeAll(into), lane.completed.isEmpty], [0, true]);
    for (const slot of [5, 6]) lane.completed.push(slot);
    lane.words[5 * SLOT_WORDS + NEXT] = word;
    assertEquals(lane.completed.takeAll(into), 2);
    assertEquals([...into.subarray(0, 2)], [5, 6]);
    for (const slot of [7, 8]) lane.completed.push(slot);
    lane.words[7 * SLOT_WORDS + NEXT] = head[0]!;
    assertEquals(lane.completed.takeAll(into), 2);
    assertEquals([...into.subarray(0, 2)], [7, 8]);
  }
});

test("CompletionStack takeAll takes all slots of the largest lane at once, again and again", () => {
  const size = { slots: MAX_SLOTS, workers: 1 };
  const { completed } = new Lane(laneBuffer(size), size);
  const into = new Int32Array(size.slots);
  // So many pushes that their count begins anew.
  for (let lap = 0; lap < 130; lap++) {
    for (let i = 0; i < size.slots; i++) completed.push((i + lap) % size.slots);
    assertEquals(completed.takeAll(into), size.slots);
    assert(into.every((slot, i) => slot === (i + lap) % size.slots));
    assertEquals(completed.isEmpty, true);
  }
});

test("CompletionStack goes on where its count of pushes begins anew", () => {
  const size = { slots: 2, workers: 1 };
  const lane = new Lane(laneBuffer(size), size);
  const { completed } = lane;
  const into = new Int32Array(size.slots);
  for (let i = 0; i < 2 ** 19 + 8; i++) {
    completed.push(i & 1);
    // What NEXT says of a running job is negative, and what its slot's last life left stays there.
    const link = lane.words[(i & 1) * SLOT_WORDS + NEXT]!;
    assert(completed.words[0]! >= 0 && link >= 0, `at push ${i}`);
    if (completed.takeAll(into) !== 1 || into[0] !== (i & 1)) throw new Error(`at push ${i}`);
  }
  completed.push(1);
  completed.push(0);
  assertEquals([completed.isEmpty, completed.takeAll(into), ...into], [false, 2, 1, 0]);
});

test("Lane brings every job there and back once", { timeout: 60_000 }, async () => {
  const random = new Random(seed("Lane, threads"));
  const size = { slots: 32, workers: 3 };
  const jobs = 60_000;
  const lane = new Lane(laneBuffer(size), size);
  const end = words(1);
  const runs = [1, 2, 3].map(() => words(32));
  const threads = await Promise.all(runs.map((run, i) =>
    thread({
      part: "serve",
      lane: lane.words.buffer as SharedArrayBuffer,
      size,
      runner: i,
      runs: run.buffer,
      end: end.buffer,
    })
  ));
  // Begins shortly before the generations start over.
  const generations = new Int32Array(size.slots).fill(0xffffe - 100);
  const free = [...generations.keys()];
  const into = new Int32Array(size.slots);
  let submitted = 0;
  let back = 0;
  let cancelled = 0;
  const release = (slot: number) => {
    generations[slot] = nextGeneration(generations[slot]!);
    lane.setState(slot, stateOf(generations[slot]!, NOBODY, FREE));
    free.push(slot);
  };
  const late = performance.now() + 30_000;
  const patience = new Patience();
  while (submitted < jobs || free.length < size.slots) {
    assert(performance.now() < late, `${size.slots - free.length} jobs do not come back`);
    while (submitted < jobs && free.length > 0 && lane.rings[0]!.hasRoom) {
      const slot = free.pop()!;
      const generation = generations[slot]!;
      const ready = stateOf(generation, NOBODY, READY);
      lane.setState(slot, ready);
      lane.rings[0]!.push(referenceTo(slot, generation));
      submitted++;
      // Some are put on the ring twice, as after a worker's death.
      if (random.below(50) === 0 && lane.rings[0]!.hasRoom) {
        lane.rings[0]!.push(referenceTo(slot, generation));
      }
      if (
        random.below(20) === 0 && lane.changeState(slot, ready, stateOf(generation, NOBODY, FREE))
      ) {
        cancelled++;
        release(slot);
      }
    }
    const count = lane.completed.takeAll(into);
    if (count === 0) patience.lost();
    for (let i = 0; i < count; i++) {
      const slot = into[i]!;
      const state = lane.state(slot);
      assertEquals([phaseOf(state), generationOf(state)], [DONE, generations[slot]]);
      assertEquals(lane.words[slot * SLOT_WORDS + RESULT_LENGTH], ~generations[slot]!);
      back++;
      release(slot);
    }
  }
  Atomics.store(end, 0, 1);
  await Promise.all(threads.map(({ over }) => over));
  assertEquals(back + cancelled, jobs);
  assertEquals(runs.reduce((sum, run) => sum + run[0]!, 0), back);
  assertEquals(new Set(free).size, size.slots);
});
