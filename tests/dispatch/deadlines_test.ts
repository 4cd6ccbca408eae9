import { test } from "node:test";
import { Deadlines, type Timed } from "../../src/dispatch/deadlines.ts";
import { assertEquals } from "../../deps.ts";

/** Timers and turns that come when the test says so. */
class Clockwork {
  timers: (() => void)[] = [];
  turns: (() => void)[] = [];

  later = (callback: () => void): () => void => {
    this.timers.push(callback);
    return () => this.timers = this.timers.filter((it) => it !== callback);
  };

  turn = (callback: () => void): void => void this.turns.push(callback);

  next(queue: (() => void)[]): void {
    queue.shift()!();
  }
}

function things(count: number, done: number[]): Timed[] {
  return Array.from({ length: count }, (_, i) => ({
    deadline: 0,
    place: -1,
    due: () => void done.push(i),
  }));
}

test("Deadlines does in each turn a bounded part of what is due at once", () => {
  const clockwork = new Clockwork();
  const deadlines = new Deadlines(clockwork, 32);
  const done: number[] = [];
  for (const thing of things(200, done)) deadlines.set(thing, 0);
  assertEquals(clockwork.timers.length, 1);
  clockwork.next(clockwork.timers);
  const each = done.length;
  assertEquals(each, 32);
  for (let turns = 1; done.length < 200; turns++) {
    assertEquals(done.length, turns * each);
    assertEquals([clockwork.timers.length, clockwork.turns.length], [0, 1]);
    clockwork.next(clockwork.turns);
  }
  assertEquals(new Set(done).size, 200);
  assertEquals([clockwork.timers.length, clockwork.turns.length], [0, 0]);
});

test("Deadlines sets its timer again once all that was due is done", () => {
  const clockwork = new Clockwork();
  const deadlines = new Deadlines(clockwork, 32);
  const done: number[] = [];
  for (const thing of things(50, done)) deadlines.set(thing, 0);
  deadlines.doLater(() => done.push(-1), 1e6);
  clockwork.next(clockwork.timers);
  while (clockwork.turns.length > 0) clockwork.next(clockwork.turns);
  assertEquals(done.length, 50);
  assertEquals(clockwork.timers.length, 1);
});

test("Deadlines takes further things while it is between two turns", () => {
  const clockwork = new Clockwork();
  const deadlines = new Deadlines(clockwork, 32);
  const done: number[] = [];
  for (const thing of things(50, done)) deadlines.set(thing, 0);
  clockwork.next(clockwork.timers);
  for (const thing of things(50, done)) deadlines.set(thing, 0);
  assertEquals([clockwork.timers.length, clockwork.turns.length], [0, 1]);
  while (clockwork.turns.length > 0) clockwork.next(clockwork.turns);
  assertEquals(done.length, 100);
});

test("Deadlines does everything at once for a thread that blocks, and nothing after stop", () => {
  const clockwork = new Clockwork();
  const deadlines = new Deadlines(clockwork, 32);
  const done: number[] = [];
  for (const thing of things(100, done)) deadlines.set(thing, 0);
  clockwork.next(clockwork.timers);
  deadlines.expire();
  assertEquals(done.length, 100);
  clockwork.next(clockwork.turns);
  for (const thing of things(100, done)) deadlines.set(thing, 0);
  clockwork.next(clockwork.timers);
  const before = done.length;
  deadlines.stop();
  while (clockwork.turns.length > 0) clockwork.next(clockwork.turns);
  assertEquals(done.length, before);
});
