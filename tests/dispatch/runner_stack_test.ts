import { test } from "node:test";
import { isElsewhere, isInside, isLowest, putOnTop } from "../../src/dispatch/runner_stack.ts";
import {
  CURRENT,
  CURRENT_OWNER,
  HOST_LIFE,
  JOBS_AWAITING,
  LIFE,
  RUNNER_COUNTERS,
} from "../../src/memory/layout.ts";
import { assertEquals } from "../../deps.ts";

const OWN = 5;
const OTHER = 7;

/** A runner's counters in the middle of jobs on top of each other: owners and slots, the lowest first. */
function stackOf(...jobs: [owner: number, slot: number][]): [Int32Array, (() => void)[]] {
  const counters = new Int32Array(new SharedArrayBuffer(4 * RUNNER_COUNTERS));
  counters[LIFE] = OWN;
  const ends: (() => void)[] = [];
  jobs.forEach(([owner, slot], i) => {
    if (i > 0) return void ends.push(putOnTop(counters, owner, slot));
    counters[CURRENT_OWNER] = owner;
    counters[CURRENT] = slot + 1;
  });
  return [counters, ends];
}

test("isInside tells whose code runs, isLowest which job is at the bottom of the stack", () => {
  const [counters, ends] = stackOf([HOST_LIFE, 3], [OWN, 4], [OTHER, 3]);
  assertEquals(isInside(counters, OTHER, 3), true);
  assertEquals([isInside(counters, HOST_LIFE, 3), isInside(counters, OTHER, 4)], [false, false]);
  assertEquals([isInside(counters, OWN, 4), isLowest(counters, OWN, 4)], [false, false]);
  assertEquals([isLowest(counters, HOST_LIFE, 3), isLowest(counters, OTHER, 3)], [true, false]);
  ends.pop()!();
  assertEquals(isInside(counters, OWN, 4), true);
  ends.pop()!();
  assertEquals([isInside(counters, HOST_LIFE, 3), isLowest(counters, HOST_LIFE, 3)], [true, true]);
});

test("isElsewhere knows of jobs that are neither an owner's nor begun by its own", () => {
  const of = (...jobs: [number, number][]) => {
    const [counters] = stackOf(...jobs);
    return [HOST_LIFE, OTHER].map((owner) => isElsewhere(counters, owner, 0));
  };
  assertEquals(of(), [false, false]);
  assertEquals(of([HOST_LIFE, 0]), [false, true]);
  assertEquals(of([OWN, 0]), [false, false]);
  assertEquals(of([OTHER, 0]), [true, false]);
  assertEquals(of([HOST_LIFE, 0], [OWN, 0], [OWN, 1]), [false, true]);
  assertEquals(of([HOST_LIFE, 0], [OTHER, 0]), [true, true]);
  assertEquals(of([HOST_LIFE, 0], [OTHER, 0], [OWN, 0]), [true, true]);
  assertEquals(of([OTHER, 0], [OWN, 0], [HOST_LIFE, 0]), [true, true]);
  const [awaiting] = stackOf([HOST_LIFE, 0]);
  awaiting[JOBS_AWAITING] = 2;
  assertEquals([1, 2].map((here) => isElsewhere(awaiting, HOST_LIFE, here)), [true, false]);
});

test("putOnTop leaves nothing behind", () => {
  const [counters, ends] = stackOf([HOST_LIFE, 1], [OTHER, 2], [OWN, 3], [OTHER, 4]);
  while (ends.length > 0) {
    assertEquals(isElsewhere(counters, HOST_LIFE, 0), true);
    ends.pop()!();
  }
  assertEquals(isElsewhere(counters, HOST_LIFE, 0), false);
  assertEquals(isInside(counters, HOST_LIFE, 1), true);
});
