import { test } from "node:test";
import { MAX_RUNNERS } from "../../src/memory/layout.ts";
import { inlineOf, Lane, laneBuffer, SHARED_RINGS } from "../../src/transport/lane.ts";
import {
  ABANDONED,
  DONE,
  FREE,
  generationOf,
  INLINE_BYTES,
  MAX_SLOTS,
  nextGeneration,
  NOBODY,
  phaseOf,
  READY,
  referenceTo,
  RESULT_LENGTH,
  RETIRED,
  runnerOf,
  RUNNING,
  SLOT_BYTES,
  SLOT_WORDS,
  slotOf,
  stateOf,
} from "../../src/transport/slot.ts";
import { assert, assertEquals, fc } from "../../deps.ts";
import { seed } from "../support/random.ts";

const LAST_GENERATION = 0xffffe;
const generation = fc.oneof(
  fc.integer({ min: 0, max: LAST_GENERATION }),
  fc.constantFrom(0, 0x7ffff, 0x80000, LAST_GENERATION),
);

test("stateOf keeps phase, runner and generation apart", () => {
  const runner = fc.integer({ min: NOBODY, max: MAX_RUNNERS - 1 });
  const phase = fc.constantFrom(FREE, READY, RUNNING, DONE, ABANDONED, RETIRED);
  const words = new Int32Array(1);
  fc.assert(
    fc.property(generation, runner, phase, (generation, runner, phase) => {
      const state = stateOf(generation, runner, phase);
      words[0] = state;
      assertEquals(words[0], state, "it is a word");
      assertEquals(
        [generationOf(state), runnerOf(state), phaseOf(state)],
        [generation, runner, phase],
      );
    }),
    { seed: seed("stateOf") },
  );
});

test("referenceTo names slot and generation, and is never -1", () => {
  const words = new Int32Array(1);
  fc.assert(
    fc.property(generation, fc.integer({ min: 0, max: MAX_SLOTS - 1 }), (generation, slot) => {
      const reference = referenceTo(slot, generation);
      words[0] = reference;
      assertEquals(words[0], reference);
      assert(reference !== -1);
      assertEquals([slotOf(reference), generationOf(reference)], [slot, generation]);
    }),
    { seed: seed("referenceTo") },
  );
  assert(referenceTo(MAX_SLOTS - 1, LAST_GENERATION) !== -1);
});

test("nextGeneration comes back to the first after all others", () => {
  let generation = 0;
  let count = 0;
  do {
    assert(generation <= LAST_GENERATION);
    generation = nextGeneration(generation);
    count++;
  } while (generation !== 0);
  assertEquals(count, LAST_GENERATION + 1);
});

test("Lane gives each slot its own inline room, aligned for numbers", () => {
  const size = { slots: 8, workers: 2 };
  const lane = new Lane(laneBuffer(size), size);
  for (let slot = 0; slot < size.slots; slot++) {
    const start = inlineOf(slot);
    assertEquals(start % 8, 0);
    assert(start >= slot * SLOT_BYTES + 4 * (RESULT_LENGTH + 1), "behind the fields");
    assertEquals(start + INLINE_BYTES, (slot + 1) * SLOT_BYTES);
    lane.numbers[start >>> 3] = slot + 0.5;
    assertEquals(lane.view.getFloat64(start, true), slot + 0.5);
  }
  assertEquals(lane.words.length, size.slots * SLOT_WORDS);
});

test("Lane lays slots, stack and rings out apart from each other", () => {
  for (const size of [{ slots: 2, workers: 1 }, { slots: 16, workers: 5 }]) {
    const lane = new Lane(laneBuffer(size), size);
    assertEquals(lane.rings.length, SHARED_RINGS + size.workers);
    lane.bytes.fill(0xff, 0, size.slots * SLOT_BYTES);
    assertEquals(lane.completed.isEmpty, true);
    lane.rings.forEach((ring, number) => {
      assertEquals([ring.isEmpty, ring.hasRoom], [true, true]);
      for (let i = 0; i < size.slots; i++) ring.push(1000 * number + i);
    });
    lane.completed.push(0);
    lane.rings.forEach((ring, number) => {
      for (let i = 0; i < size.slots; i++) assertEquals(ring.take(), 1000 * number + i);
      assertEquals(ring.take(), -1);
    });
    assertEquals(lane.completed.takeAll(new Int32Array(size.slots)), 1);
  }
});

test("Lane changeState changes only the state that is expected", () => {
  const size = { slots: 2, workers: 1 };
  const lane = new Lane(laneBuffer(size), size);
  const ready = stateOf(LAST_GENERATION, NOBODY, READY);
  const running = stateOf(LAST_GENERATION, MAX_RUNNERS - 1, RUNNING);
  lane.setState(1, ready);
  assertEquals(lane.changeState(1, running, ready), false);
  assertEquals(lane.changeState(1, stateOf(0, NOBODY, READY), running), false);
  assertEquals(lane.state(1), ready);
  assertEquals(lane.changeState(1, ready, running), true);
  assertEquals(lane.state(1), running);
  assertEquals(lane.state(0), stateOf(0, NOBODY, FREE));
});
