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
import { assert, assertEquals, assertStrictEquals } from "../../deps.ts";
import { Random, seed } from "../support/random.ts";
import { play } from "./parts.ts";
import { thread, words } from "./threads.ts";

/** A pending `waitAsync` alone does not keep a process going. */
async function going<T>(body: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 1000);
  try {
    return await body();
  } finally {
    clearInterval(timer);
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

test("Parker unpark wakes only whoever has announced a sleep", () => {
  const parker = new Parker(words(4), 2);
  for (const state of [AWAKE, SEARCHING, BUSY]) {
    parker.state = state;
    assertEquals(parker.unpark(), false);
    assertEquals(parker.state, state);
  }
  parker.announce();
  assertEquals(parker.state, PARKED);
  assertEquals(parker.unpark(), true);
  assertEquals(parker.state, SEARCHING);
  assertEquals(parker.unpark(), false, "one waking is enough");
});

test("Parker block and sleep do not sleep after a waking", () => {
  const parker = new Parker(words(1), 0);
  parker.announce();
  parker.unpark();
  assertEquals(parker.block(10_000), true);
  parker.announce();
  parker.unpark();
  assertEquals(parker.sleep(), undefined);
});

test("Parker block ends at its time where nobody wakes", () => {
  const parker = new Parker(words(1), 0);
  parker.announce();
  assertEquals(parker.block(1), false);
  assertEquals(parker.state, PARKED, "the owner says itself that it is awake");
});

test("Parker sleep lets the event loop go on, and ends at the waking", () =>
  going(async () => {
    const parker = new Parker(words(1), 0);
    parker.announce();
    const waking = parker.sleep()!;
    let woken = false;
    void waking.then(() => void (woken = true));
    await turn();
    assertEquals(woken, false);
    parker.unpark();
    await waking;
    assertEquals(woken, true);
  }));

test("Parker sleep gives the promise again that was left pending", () =>
  going(async () => {
    const parker = new Parker(words(1), 0);
    parker.announce();
    const first = parker.sleep()!;
    parker.state = BUSY;
    parker.announce(LISTENING);
    assertStrictEquals(parker.sleep(), first, "whatever it sleeps for");
    parker.unpark(LISTENING);
    assertEquals(parker.sleep(), undefined, "woken before it sleeps");
    await first;
    parker.announce(RESTING);
    const second = parker.sleep()!;
    assert(second !== first);
    parker.unpark(RESTING);
    await second;
  }));

test("Parker unpark wakes from one kind of sleep only", () => {
  const parker = new Parker(words(1), 0);
  for (const state of [PARKED, RESTING, LISTENING]) {
    for (const other of [PARKED, RESTING, LISTENING]) {
      parker.announce(state);
      assertEquals(parker.unpark(other), other === state);
      // Whom no submission relies on does not search before it says so itself.
      if (other === state) assertEquals(parker.state, state === PARKED ? SEARCHING : AWAKE);
    }
    parker.announce(state);
    assertEquals(parker.block(0), false, "it sleeps in each of them");
  }
});

test("Parker loses no wake-up between two threads", { timeout: 60_000 }, async () => {
  const start = seed("Parker");
  const rounds = 15_000;
  const parkers = words(64);
  const ball = words(32);
  const { over } = await thread({
    part: "pong",
    parkers: parkers.buffer,
    ball: ball.buffer,
    rounds,
    seed: start + 1,
  });
  const self = new Parker(parkers, 0);
  // The other side waits while the ball is even, this one while it is odd.
  const fair = await play(self, new Parker(parkers, 32), ball, rounds, 1, new Random(start));
  assert(fair, "a wake-up was lost");
  await over;
  assertEquals(Atomics.load(ball, 0), 2 * rounds);
});
