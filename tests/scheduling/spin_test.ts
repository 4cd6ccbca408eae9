import { test } from "node:test";
import { SpinTime } from "../../src/scheduling/spin.ts";
import { assert, assertEquals, fc } from "../../deps.ts";
import { seed } from "../support/random.ts";

/** What the clock shows, in milliseconds. */
let now = 0;

const spinOf = (longest: number) => new SpinTime(longest, () => now);

/** The times of so many waits that are all in vain, so many milliseconds apart. */
function inVain(spin: SpinTime, waits: number, slept = false, gap = 0.01): number[] {
  return Array.from({ length: waits }, () => {
    now += gap;
    const time = spin.begin(slept);
    if (time > 0) spin.missed();
    return time;
  });
}

/** How long the runs without a spin are. */
function pauses(times: number[]): number[] {
  const lengths: number[] = [];
  for (const [i, time] of times.entries()) {
    if (time === 0 && times[i - 1] !== 0) lengths.push(1);
    else if (time === 0) lengths[lengths.length - 1]!++;
  }
  return lengths;
}

test("SpinTime goes on for 64 spins in vain, then pauses, ever longer", () => {
  const times = inVain(spinOf(1), 3000, false, 1);
  assert(times.slice(0, 64).every((time) => time === 1));
  // A wait a millisecond; the one at the end of a pause spins.
  assertEquals(pauses(times).slice(0, 7), [9, 19, 39, 79, 159, 319, 319]);
});

test("SpinTime goes on, and forgets its misses, once a spin found work", () => {
  const spin = spinOf(1);
  inVain(spin, 64 + 9 + 63, false, 1);
  assertEquals(spin.begin(false), 1);
  spin.hit();
  assertEquals(pauses(inVain(spin, 64 + 9 + 1, false, 1)), [9]);
});

test("SpinTime spins after sleep while that finds work", () => {
  const spin = spinOf(1);
  for (let i = 0; i < 100; i++) {
    now += 10;
    assertEquals(spin.begin(true), 1, `wait ${i}`);
    spin.hit();
  }
});

test("SpinTime spins after sleep once both were seen to run at a time", () => {
  const spin = spinOf(1);
  assertEquals(inVain(spin, 5, true, 1.5), [1, 1, 1, 0, 0]);
  spin.sideBySide();
  now += 1.5;
  assertEquals(spin.begin(true), 1);
});

test("SpinTime does not spin after sleep once that was in vain three times, where waits are rare", () => {
  const rare = inVain(spinOf(1), 1000, true, 1.5);
  assertEquals(rare.slice(0, 3), [1, 1, 1]);
  assert(rare.slice(3).every((time) => time === 0));
});

test("SpinTime spins after sleep for ever where it is in vain twice in a row at most", () => {
  const spin = spinOf(1);
  for (let i = 0; i < 100; i++) {
    assertEquals(inVain(spin, 2, true, 0.1), [1, 1], `wait ${3 * i}`);
    assertEquals(spin.begin(true), 1);
    spin.hit();
  }
});

test("SpinTime makes one long trial in a stream of waits after sleep, and the next after a pause", () => {
  const spin = spinOf(1);
  const close = inVain(spin, 10_000, true, 0.1);
  const trials = [...close.entries()].filter(([, time]) => time > 1);
  assert(trials.every(([, time]) => time === 6));
  assertEquals(trials[0]![0], 16);
  // 10 ms, 20 ms and so on, at ten waits a millisecond.
  const distances = trials.slice(1).map(([at], i) => at - trials[i]![0]);
  assertEquals(distances.slice(0, 5), [100, 200, 400, 800, 1600]);
});

test("SpinTime spins as ever after a trial that found work", () => {
  const spin = spinOf(1);
  inVain(spin, 16, true, 0.1);
  now += 0.1;
  assertEquals(spin.begin(true), 6);
  spin.hit();
  assertEquals([spin.begin(false), spin.begin(true)], [1, 1]);
});

test("SpinTime pauses after five trials that worked only until the next wait", () => {
  const spin = spinOf(1);
  const trials: number[] = [];
  inVain(spin, 3, true, 0.1);
  for (let wait = 3; wait < 300; wait++) {
    now += 0.1;
    const time = spin.begin(true);
    if (time === 6) {
      trials.push(wait);
      spin.hit();
    } else if (time > 0) spin.missed();
  }
  assertEquals(trials.slice(0, 6), [16, 36, 56, 76, 96, 199]);
});

test("SpinTime never spins where its longest is 0", () => {
  assert(inVain(spinOf(0), 1000).every((time) => time === 0));
  assert(inVain(spinOf(0), 1000, true).every((time) => time === 0));
});

test("SpinTime is nothing, its longest, or a trial, whatever comes", () => {
  const longest = fc.double({ min: 0.001, max: 10, noNaN: true });
  const waits = fc.array(
    fc.tuple(fc.boolean(), fc.boolean(), fc.double({ min: 0, max: 3, noNaN: true })),
  );
  const property = fc.property(longest, waits, (longest, waits) => {
    const spin = spinOf(longest);
    for (const [slept, found, gap] of waits) {
      now += gap;
      const time = spin.begin(slept);
      assert(time === 0 || time === longest || time === Math.max(6, longest), String(time));
      if (found) spin.hit();
      else if (time > 0) spin.missed();
    }
  });
  fc.assert(property, { seed: seed("SpinTime") });
});

test("SpinTime blocks in place of spins that would be in vain, for a moment, and only there", () => {
  const spin = spinOf(5);
  /** What a wait gets: to spin, and to block. */
  const wait = (slept: boolean) => {
    now += 10;
    return [spin.begin(slept), spin.blocking];
  };
  assertEquals(wait(false), [5, 0]);
  assertEquals(wait(true), [5, 0]);
  spin.missed();
  assertEquals(spin.blocking, 0, "this wait has spun");
  inVain(spin, 2, true, 10);
  assertEquals(wait(true), [0, 0.1]);
  assertEquals(wait(false), [5, 0]);
  spin.hit();
  assertEquals(wait(true), [0, 0.1]);
  assertEquals(wait(true), [0, 0.1]);
  spin.sideBySide();
  assertEquals(wait(true), [5, 0]);
  const never = spinOf(0);
  assertEquals([never.begin(true), never.blocking], [0, 0]);
});

test("SpinTime blocks four times in vain, then pauses, ever longer, until a time that is not", () => {
  const spin = spinOf(1);
  inVain(spin, 3, true, 10);
  const blocked = (waits: number, inVain: boolean): boolean[] =>
    Array.from({ length: waits }, () => {
      // Close enough to each other for no pause to end, too far for a trial.
      now += 2;
      assertEquals(spin.begin(true), 0);
      const blocks = spin.blocking > 0;
      if (blocks) spin.blocked(inVain);
      return blocks;
    });
  const lengths = (blocks: boolean[]) =>
    blocks.map((it) => it ? "x" : "-").join("").split(/x+/).map((it) => it.length).filter(Boolean);
  assertEquals(blocked(4, true), [true, true, true, true]);
  assertEquals(lengths(blocked(200, true)).slice(0, 3), [4, 9, 19]);
  now += 400;
  assertEquals(blocked(1, false), [true]);
  assertEquals(lengths(blocked(20, true)).slice(0, 1), [4]);
});
