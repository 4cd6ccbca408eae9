import { test } from "node:test";
import {
  AWAKE,
  BUSY,
  LISTENING,
  PARKED,
  Parker,
  RESTING,
  SEARCHING,
} from "../../src/sync/parker.ts";
import { Lane, laneBuffer, NORMAL_RING, ringOfWorker } from "../../src/transport/lane.ts";
import {
  FREE,
  nextGeneration,
  NOBODY,
  READY,
  referenceTo,
  stateOf,
} from "../../src/transport/slot.ts";
import { DISMISSED, RUNNER_COUNTERS } from "../../src/memory/layout.ts";
import { assert, assertEquals } from "../../deps.ts";
import { Random, seed } from "../support/random.ts";
import { BEGUN, LOST, sleepersOf, TOGETHER } from "./parts.ts";
import { thread, words } from "./threads.ts";

const COUNT = 0;

/** Parking places of which `count` are in use. */
function places(count: number) {
  const control = words(128 + 32 * 70);
  control[COUNT] = count;
  return { control, sleepers: sleepersOf(control) };
}

test("Sleepers wakeForWork wakes the lowest number that sleeps, and one only", () => {
  const { sleepers } = places(70);
  const runners = [65, 40, 5, 2];
  for (const runner of runners) sleepers.announce(runner, PARKED);
  sleepers.wakeForWork();
  const states = runners.map((runner) => sleepers.parker(runner).state);
  assertEquals(states, [PARKED, PARKED, PARKED, SEARCHING]);
});

test("Sleepers.leave has nothing more be seen of a runner, and spares who gets its number", () => {
  const { control, sleepers } = places(2);
  const [mine, others] = [sleepersOf(control), sleepers];
  mine.announce(0, PARKED);
  mine.leave(0);
  assertEquals(others.parker(0).state, AWAKE);
  // Another runner with that number sleeps.
  others.announce(0, PARKED);
  const before = [...control];
  mine.retract(0, SEARCHING);
  mine.parker(0).state = BUSY;
  mine.announce(0, PARKED);
  assertEquals(mine.parker(0).block(0), false);
  mine.retract(0, SEARCHING);
  assertEquals([...control], before);
  others.announce(1, LISTENING);
  assert(mine.wake(1));
  assert(others.wakeForWork());
});

test("Sleepers wakeForWork wakes nobody while one searches", () => {
  const { sleepers } = places(3);
  sleepers.announce(0, PARKED);
  sleepers.parker(1).state = SEARCHING;
  sleepers.wakeForWork();
  assertEquals(sleepers.parker(0).state, PARKED);
  sleepers.parker(1).state = BUSY;
  sleepers.wakeForWork();
  assertEquals(sleepers.parker(0).state, SEARCHING);
});

test("Sleepers wakeForWork finds sleepers in every word of bits", () => {
  for (const runner of [0, 31, 32, 63, 64, 69]) {
    const { sleepers } = places(70);
    sleepers.announce(runner, PARKED);
    sleepers.wakeForWork();
    assertEquals(sleepers.parker(runner).state, SEARCHING);
    sleepers.retract(runner, AWAKE);
    sleepers.wakeForWork();
    assertEquals(sleepers.parker(runner).state, AWAKE);
  }
});

test("Sleepers wakeForWork leaves alone who cannot take a job", () => {
  const { sleepers } = places(3);
  sleepers.announce(0, RESTING);
  assertEquals(sleepers.wakeForWork(), false);
  sleepers.announce(2, PARKED);
  assertEquals(sleepers.wakeForWork(), true);
  assertEquals([sleepers.parker(0).state, sleepers.parker(2).state], [RESTING, SEARCHING]);
});

test("Sleepers wakeForWork wakes who listens only where nobody else sleeps, and all of them", () => {
  const { sleepers } = places(4);
  for (const runner of [0, 1]) sleepers.announce(runner, LISTENING);
  sleepers.announce(3, PARKED);
  const states = () => [0, 1, 3].map((runner) => sleepers.parker(runner).state);
  assertEquals(sleepers.wakeForWork(), true);
  assertEquals(states(), [LISTENING, LISTENING, SEARCHING]);
  sleepers.retract(3, BUSY);
  assertEquals(sleepers.wakeForWork(), true);
  assertEquals(states(), [AWAKE, AWAKE, BUSY]);
  assertEquals(sleepers.wakeForWork(), false);
});

test("Sleepers wake ends every kind of sleep", () => {
  const { sleepers } = places(1);
  for (const state of [PARKED, RESTING, LISTENING]) {
    sleepers.announce(0, state);
    assertEquals(sleepers.wake(0), true);
    assertEquals(sleepers.wake(0), false);
  }
});

test("Sleepers retract leaves the other runners' bits alone", () => {
  const { sleepers } = places(40);
  for (let runner = 0; runner < 40; runner++) sleepers.announce(runner, PARKED);
  for (let runner = 0; runner < 40; runner++) if (runner !== 31) sleepers.retract(runner, BUSY);
  sleepers.wakeForWork();
  assertEquals(sleepers.parker(31).state, SEARCHING);
});

test("Sleepers othersSearch does not mean the one that asks", () => {
  const { sleepers } = places(2);
  sleepers.parker(1).state = SEARCHING;
  assertEquals(
    [sleepers.othersSearch(-1), sleepers.othersSearch(0), sleepers.othersSearch(1)],
    [true, true, false],
  );
});

test("Sleepers othersSearch asks all others where the one that it saw last does something else", () => {
  const { control, sleepers } = places(3);
  const runners = sleepersOf(control);
  const says = (runner: number, state: number) => runners.parker(runner).state = state;
  says(2, SEARCHING);
  assertEquals([sleepers.othersSearch(-1), sleepers.othersSearch(2)], [true, false]);
  says(2, BUSY);
  assertEquals(sleepers.othersSearch(-1), false);
  says(0, SEARCHING);
  assertEquals([sleepers.othersSearch(-1), sleepers.othersSearch(0)], [true, false]);
  says(0, PARKED);
  says(1, SEARCHING);
  assertEquals([sleepers.othersSearch(-1), sleepers.othersSearch(1)], [true, false]);
  assertEquals([sleepers.othersAreUp(1), sleepers.othersAreUp(2)], [true, true]);
});

test("Sleepers wakeForWork wakes others while the one that it woke last works", () => {
  const { sleepers } = places(40);
  for (const runner of [3, 35]) sleepers.announce(runner, PARKED);
  const woken = () => [3, 35].map((runner) => sleepers.parker(runner).state);
  assertEquals([sleepers.wakeForWork(), sleepers.wakeForWork()], [true, false]);
  assertEquals(woken(), [SEARCHING, PARKED]);
  sleepers.retract(3, BUSY);
  assertEquals([sleepers.wakeForWork(), sleepers.wakeForWork()], [true, false]);
  assertEquals(woken(), [BUSY, SEARCHING]);
  // It sleeps again before anybody has looked.
  sleepers.announce(35, PARKED);
  assertEquals([sleepers.wakeForWork(), sleepers.wakeForWork()], [true, false]);
  assertEquals(woken(), [BUSY, SEARCHING]);
});

for (const [name, spin, block] of [["park at once", 0, 0.05], ["spin", 0.02, 1]] as const) {
  test(`WorkerLoop leaves no job while workers ${name}`, { timeout: 60_000 }, async () => {
    const random = new Random(seed(`WorkerLoop, ${name}`));
    const runners = 3;
    const jobs = 8_000;
    const size = { slots: 64, workers: runners };
    const lane = new Lane(laneBuffer(size), size);
    const { control, sleepers } = places(runners);
    const done = words(64);
    const host = new Parker(done, 32);
    const tallies = Array.from({ length: runners }, () => words(32));
    const counters = Array.from({ length: runners }, () => words(RUNNER_COUNTERS));
    const threads = await Promise.all(tallies.map((tally, runner) =>
      thread({
        part: "loop",
        lane: lane.words.buffer as SharedArrayBuffer,
        size,
        runner,
        control: control.buffer,
        counters: counters[runner]!.buffer,
        tally: tally.buffer,
        done: done.buffer,
        spin,
        block,
      })
    ));
    let submitted = 0;
    let generation = 0;
    while (submitted < jobs) {
      // A batch of other slots than the last, each in a new generation, on a shared or an own ring.
      const together = random.below(3) === 0 && jobs - submitted >= runners;
      const batch = together
        ? runners
        : Math.min(1 + random.below(random.below(4) === 0 ? 30 : 3), jobs - submitted);
      generation = nextGeneration(generation);
      Atomics.store(done, TOGETHER, together ? batch : 0);
      Atomics.store(done, BEGUN, 0);
      for (let i = 0; i < batch; i++) {
        const slot = (submitted + i) % size.slots;
        lane.setState(slot, stateOf(generation, NOBODY, FREE));
        lane.setState(slot, stateOf(generation, NOBODY, READY));
        const own = !together && random.below(8) === 0 ? random.below(runners) : -1;
        lane.rings[own < 0 ? NORMAL_RING : ringOfWorker(own)]!.push(referenceTo(slot, generation));
        if (own < 0) sleepers.wakeForWork();
        else sleepers.wake(own);
        for (let pause = random.below(300); pause > 0; pause--) Atomics.load(done, 0);
      }
      submitted += batch;
      while (Atomics.load(done, 0) < submitted) {
        host.announce();
        if (Atomics.load(done, 0) < submitted) {
          const woken = host.block(LOST);
          assert(woken, `${submitted - Atomics.load(done, 0)} jobs wait for nobody`);
        }
        host.state = AWAKE;
      }
    }
    assertEquals(tallies.reduce((sum, tally) => sum + tally[0]!, 0), jobs);
    for (let runner = 0; runner < runners; runner++) {
      Atomics.store(counters[runner]!, DISMISSED, 1);
      sleepers.wake(runner);
    }
    await Promise.all(threads.map(({ over }) => over));
  });
}
