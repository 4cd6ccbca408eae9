import { test } from "node:test";
import { isBeneath, isElsewhere, isInside, putOnTop } from "../../src/dispatch/runner_stack.ts";
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
    if (i > 0) ends.push(putOnTop(counters, owner));
    counters[CURRENT_OWNER] = owner;
    counters[CURRENT] = slot + 1;
  });
  return [counters, ends];
}

test("isInside tells whose code runs, isBeneath which job is the lowest of several", () => {
  const [counters] = stackOf([HOST_LIFE, 3], [OWN, 4], [OTHER, 3]);
  assertEquals(isInside(counters, OTHER, 3), true);
  assertEquals([isInside(counters, HOST_LIFE, 3), isInside(counters, OTHER, 4)], [false, false]);
  assertEquals(isBeneath(counters, HOST_LIFE, 3), true);
  assertEquals([isBeneath(counters, OTHER, 3), isBeneath(counters, OWN, 4)], [false, false]);
  const [alone] = stackOf([HOST_LIFE, 0]);
  assertEquals(isBeneath(alone, HOST_LIFE, 0), false);
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

test("putOnTop leaves nothing behind, in whatever order the jobs come to their ends", () => {
  for (const order of [[2, 1, 0], [0, 1, 2]]) {
    const [counters, ends] = stackOf([HOST_LIFE, 1], [OTHER, 2], [OWN, 3], [OTHER, 4]);
    for (const i of order) ends[i]!();
    counters[CURRENT] = 0;
    assertEquals(isElsewhere(counters, HOST_LIFE, 0), false);
    assertEquals(isBeneath(counters, HOST_LIFE, 1), false);
  }
});
