import { test } from "node:test";
import { assert, assertEquals } from "../../deps.ts";
import { CONTROL_BYTES, GONE, LIFE, MAIL } from "../../src/memory/layout.ts";
import { MAX_RUNNERS, OPEN } from "../../src/memory/layout.ts";
import { countersOf, runnerParker, RUNNERS, SLEEPING } from "../../src/memory/layout.ts";
import { Crew } from "../../src/pool/crew.ts";
import type { HostEnd, SharedStart } from "../../src/pool/member.ts";
import type { PoolSettings } from "../../src/pool/options.ts";
import type { MailLine, Runtime, WorkerEvents } from "../../src/runtime/adapter.ts";
import { Sleepers } from "../../src/sync/sleepers.ts";
import type { WorkerStart } from "../../src/task/start.ts";
import { Lane, laneBuffer } from "../../src/transport/lane.ts";

/** A worker that is no thread. */
interface Started {
  readonly start: WorkerStart;
  readonly events: WorkerEvents;
  readonly heard: unknown[];
}

/** A crew whose workers do what the test says. */
class Bench {
  readonly started: Started[] = [];
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly failures: unknown[] = [];
  /** What is to be done later, in order. */
  readonly due: (() => void)[] = [];
  /** How many of the next workers the runtime fails to start. */
  unstartable = 0;
  readonly crew: Crew;

  constructor(workers: number) {
    const size = { slots: 4, workers };
    const control = new SharedArrayBuffer(CONTROL_BYTES);
    this.control = new Int32Array(control);
    const settings = {
      name: "bench",
      workers,
      memory: { initial: 0, largest: 4096 },
      spawn: (_name: string, start: WorkerStart, events: WorkerEvents) => {
        if (this.unstartable > 0) {
          this.unstartable--;
          throw new Error("No thread can be had");
        }
        const heard: unknown[] = [];
        this.started.push({ start, events, heard });
        const mail = { post: (message: unknown) => void heard.push(message) };
        return { post() {}, mail: mail as unknown as MailLine, terminate() {} };
      },
    };
    const runtime = {
      stopsBusyWorkers: false,
      later: () => () => {},
      keepAlive: () => () => {},
    };
    const shared = { size, ownSize: size, largest: 4096, control };
    this.crew = new Crew({
      settings: settings as unknown as PoolSettings,
      runtime: runtime as unknown as Runtime,
      shared: shared as unknown as SharedStart,
    });
    this.crew.start();
    const host: HostEnd = {
      lane: new Lane(laneBuffer(size), size),
      sleepers: new Sleepers(this.control, RUNNERS, SLEEPING, runnerParker),
      context: { identities: {}, text: {} } as unknown as HostEnd["context"],
      handles: { join() {}, leave() {} } as unknown as HostEnd["handles"],
    };
    this.crew.join(host, {
      gone: () => true,
      failed: (error) => void this.failures.push(error),
      later: (callback: () => void) => void this.due.push(callback),
      mail() {},
    });
  }

  counters(runner: number): Int32Array {
    return countersOf(this.control.buffer, runner);
  }
}

test("Crew replaces workers any number of times, whatever others have not seen", () => {
  const bench = new Bench(2);
  // Worker 0 has nested jobs under way and looks at nothing.
  Atomics.or(bench.control, OPEN, 1 << bench.started[0]!.start.runner);
  for (let death = 1; death <= 1000; death++) {
    const last = bench.started.at(-1)!;
    last.events.exit("died");
    const next = bench.started.at(-1)!;
    assert(next !== last);
    assertEquals(next.start.index, 1);
    assertEquals(next.start.life, 2 + death);
    assertEquals(bench.counters(next.start.runner)[LIFE], next.start.life);
    assertEquals(bench.counters(next.start.runner)[GONE], 0);
    assertEquals(bench.started[0]!.heard.length, death);
    assertEquals(bench.counters(0)[MAIL], death);
  }
  assertEquals(bench.crew.crashes, 1000);
  assertEquals(bench.failures, []);
});

test("Crew starts a worker later that could not be started in place of another", () => {
  const bench = new Bench(2);
  bench.unstartable = 2;
  bench.crew.replace(0, () => false);
  assertEquals([bench.started.length, bench.due.length], [2, 1]);
  bench.due.shift()!();
  assertEquals([bench.started.length, bench.due.length], [2, 1]);
  bench.due.shift()!();
  assertEquals([bench.started.length, bench.due.length, bench.failures.length], [3, 0, 0]);
});

test("Crew goes on for as long as anybody works, however many cannot be started", () => {
  const bench = new Bench(8);
  bench.unstartable = 20;
  for (let runner = 0; runner < 7; runner++) bench.crew.replace(runner, () => false);
  for (let due = bench.due.shift(); due; due = bench.due.shift()) due();
  assertEquals([bench.started.length, bench.unstartable, bench.failures.length], [15, 0, 0]);
});

test("Crew fails where nobody is left, and none can be started five times in a row", () => {
  const bench = new Bench(2);
  bench.unstartable = 100;
  bench.crew.replace(0, () => false);
  bench.crew.replace(1, () => false);
  for (let due = bench.due.shift(); due; due = bench.due.shift()) due();
  assertEquals(bench.failures.length, 1);
  assertEquals(
    String(bench.failures),
    "WorkerCrashedError: Cannot start the workers of bench: No thread can be had",
  );
});

test("Crew gives no number of a worker that was replaced and runs on", () => {
  const bench = new Bench(2);
  const held = bench.started[1]!;
  bench.crew.replace(held.start.runner, () => true);
  const numbers = new Set<number>();
  for (let i = 0; i < 20; i++) {
    const last = bench.started.at(-1)!;
    numbers.add(last.start.runner);
    // Those who come later know the one that runs on: it may have jobs in its lane.
    assert(last.start.others.some(({ life }) => life === held.start.life));
    last.events.exit("died");
  }
  assert(!numbers.has(held.start.runner));
  assertEquals(bench.crew.lost, 1);
  held.events.exit("at last");
  assertEquals(bench.crew.lost, 0);
});

test("Crew leaves a place empty while no number is free, and no longer", () => {
  const bench = new Bench(2);
  const [, held] = bench.started;
  while (bench.started.length < MAX_RUNNERS) {
    bench.crew.replace(bench.started.at(-1)!.start.runner, () => true);
  }
  bench.crew.replace(bench.started.at(-1)!.start.runner, () => true);
  assertEquals(bench.started.length, MAX_RUNNERS);
  held!.events.exit("at last");
  assertEquals(bench.started.length, MAX_RUNNERS + 1);
  const { index, runner } = bench.started.at(-1)!.start;
  assertEquals([index, runner], [1, held!.start.runner]);
  assertEquals(bench.failures, []);
});
