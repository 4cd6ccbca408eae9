import { test } from "node:test";
import { Deadlines } from "../../src/dispatch/deadlines.ts";
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

  takeAllTurns(): void {
    while (this.turns.length > 0) this.next(this.turns);
  }
}

/** Sets so many things that are due at once; each notes its number when it is done. */
function setThings(deadlines: Deadlines, count: number, done: number[]): void {
  for (let i = 0; i < count; i++) deadlines.doLater(() => done.push(i), 0);
}

test("Deadlines does in each turn a bounded part of what is due at once", () => {
  const clockwork = new Clockwork();
  const deadlines = new Deadlines(clockwork, 32);
  const done: number[] = [];
  setThings(deadlines, 200, done);
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
  setThings(deadlines, 50, done);
  deadlines.doLater(() => done.push(-1), 1e6);
  clockwork.next(clockwork.timers);
  clockwork.takeAllTurns();
  assertEquals(done.length, 50);
  assertEquals(clockwork.timers.length, 1);
});

test("Deadlines takes further things while it is between two turns", () => {
  const clockwork = new Clockwork();
  const deadlines = new Deadlines(clockwork, 32);
  const done: number[] = [];
  setThings(deadlines, 50, done);
  clockwork.next(clockwork.timers);
  setThings(deadlines, 50, done);
  assertEquals([clockwork.timers.length, clockwork.turns.length], [0, 1]);
  clockwork.takeAllTurns();
  assertEquals(done.length, 100);
});

test("Deadlines does everything at once for a thread that blocks, and nothing after stop", () => {
  const clockwork = new Clockwork();
  const deadlines = new Deadlines(clockwork, 32);
  const done: number[] = [];
  setThings(deadlines, 100, done);
  clockwork.next(clockwork.timers);
  deadlines.expire();
  assertEquals(done.length, 100);
  clockwork.next(clockwork.turns);
  setThings(deadlines, 100, done);
  clockwork.next(clockwork.timers);
  const before = done.length;
  deadlines.stop();
  clockwork.takeAllTurns();
  assertEquals(done.length, before);
});
