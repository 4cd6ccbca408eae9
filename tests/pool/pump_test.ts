import { test } from "node:test";
import { assert, assertEquals } from "../../deps.ts";
import type { Source } from "../../src/dispatch/waiting.ts";
import { Pump } from "../../src/pool/pump.ts";
import type { Runtime } from "../../src/runtime/adapter.ts";
import { AWAKE, PARKED, Parker } from "../../src/sync/parker.ts";
import { until } from "../support/gate.ts";
import { Random, seed } from "../support/random.ts";

/** A pump among jobs that the test submits and completes, and turns that it takes. */
class Bench implements Source {
  pending = 0;
  done = 0;
  drains = 0;
  settled = 0;
  /** How long settling takes, in milliseconds. */
  slowness = 0;
  serviceTime = 0;
  wokeWorker = false;
  readonly watched = { words: new Int32Array(new SharedArrayBuffer(4)), at: 0 };
  /** What keeps the process alive. */
  alive = 0;
  readonly turns: (() => void)[] = [];
  /** The host's parking place, from the host's side and from the workers'. */
  readonly parker: Parker;
  readonly #workers: Parker;
  readonly pump: Pump;

  constructor(longestSpin = 0, mayBlock = false) {
    const words = new Int32Array(new SharedArrayBuffer(4));
    this.parker = new Parker(words, 0);
    this.#workers = new Parker(words, 0);
    const runtime = {
      mayBlock,
      microtask: queueMicrotask,
      turn: (callback: () => void) => void this.turns.push(callback),
      keepAlive: () => {
        let held = true;
        this.alive++;
        return () => {
          assert(held, "let go twice");
          held = false;
          this.alive--;
        };
      },
    };
    this.pump = new Pump(this, this.parker, runtime as unknown as Runtime, longestSpin);
  }

  get anyDone(): boolean {
    return this.done > 0;
  }
  get anyPending(): boolean {
    return this.pending > 0;
  }
  drain(): boolean {
    this.drains++;
    if (this.done === 0) return false;
    const end = performance.now() + this.slowness;
    while (performance.now() < end);
    this.pending -= this.done;
    this.settled += this.done;
    this.done = 0;
    return true;
  }

  submit(jobs = 1): void {
    this.pending += jobs;
    this.pump.kick();
  }
  /** What a worker does: publishes, then wakes. */
  complete(jobs = 1): void {
    this.done += jobs;
    this.#workers.unpark();
  }
  /** One turn of the event loop. */
  turn(): void {
    for (const callback of this.turns.splice(0)) callback();
  }
}

/** The event loop goes on until all is settled, and once more. */
async function settleAll(bench: Bench): Promise<void> {
  await until(() => (bench.turn(), bench.pending === 0), "the completions", 5000);
  await microtasks();
  bench.turn();
  await microtasks();
}

/** Lets microtasks run. */
const microtasks = async () => {
  for (let i = 0; i < 20; i++) await undefined;
};

test("Pump.kick where nothing is pending comes to rest", async () => {
  const bench = new Bench();
  bench.pump.kick();
  await microtasks();
  assertEquals([bench.turns.length, bench.alive, bench.drains], [0, 0, 0]);
  assertEquals(bench.parker.state, AWAKE);
});

test("Pump parks while jobs are pending, keeps the process alive, and lets go of it", async () => {
  const bench = new Bench();
  bench.submit();
  await microtasks();
  assertEquals([bench.parker.state, bench.alive], [PARKED, 1]);
  bench.turn();
  assertEquals([bench.parker.state, bench.alive], [PARKED, 1]);
  bench.complete();
  await settleAll(bench);
  assertEquals(bench.alive, 0);
});

test("Pump settles what came while it parked, without being woken", async () => {
  const bench = new Bench();
  bench.submit();
  // As if it came between the last look and the announcement.
  const { parker } = bench;
  const announce = parker.announce.bind(parker);
  parker.announce = (state) => {
    announce(state);
    bench.done = bench.pending;
  };
  // Where the machine stops for a moment, the next turn of the loop settles it.
  await settleAll(bench);
  assertEquals([bench.pending, bench.alive], [0, 0]);
});

test("Pump.kick while it is parked looks again and parks anew, once alive", async () => {
  const bench = new Bench();
  bench.submit();
  await microtasks();
  for (let i = 0; i < 5; i++) {
    const { drains } = bench;
    bench.turn();
    bench.submit();
    bench.pump.kick();
    await microtasks();
    assertEquals([bench.drains, bench.parker.state, bench.alive], [drains + 1, PARKED, 1]);
  }
  bench.complete(6);
  await settleAll(bench);
  assertEquals(bench.alive, 0);
});

test("Pump yields to the event loop while completions keep coming, and goes on after its turn", async () => {
  const bench = new Bench();
  bench.slowness = 3;
  bench.submit(2);
  bench.complete();
  await microtasks();
  // A stretch is over; the second completion waits for the turn, whoever kicks.
  bench.complete();
  bench.pump.kick();
  await microtasks();
  assertEquals([bench.pending, bench.turns.length], [1, 1]);
  bench.turn();
  await microtasks();
  assertEquals([bench.pending, bench.alive], [0, 0]);
});

test("Pump.block settles what comes, sees its deadline, and leaves the pump waiting", async () => {
  const bench = new Bench();
  bench.submit(3);
  await microtasks();
  bench.done = 1;
  assert(bench.pump.block(() => bench.pending === 2, Infinity, () => Infinity, () => {}));
  let looks = 0;
  const began = performance.now();
  assert(
    !bench.pump.block(() => false, began + 30, () => performance.now() + 5, () => looks++),
  );
  assert(performance.now() - began >= 30 && looks > 2, `${looks} looks`);
  bench.turn();
  await microtasks();
  bench.turn();
  await microtasks();
  assertEquals([bench.parker.state, bench.alive], [PARKED, 1]);
  bench.complete(2);
  await settleAll(bench);
  assertEquals(bench.alive, 0);
});

for (const spin of [0, 0.05]) {
  test(`Pump settles all in whatever order things happen, spinning ${spin} ms`, async () => {
    const random = new Random(seed("Pump"));
    for (let script = 0; script < 20; script++) {
      const bench = new Bench(spin);
      let running = 0;
      for (let step = 0; step < 60; step++) {
        switch (random.below(7)) {
          case 0:
          case 1: {
            const jobs = 1 + random.below(3);
            running += jobs;
            bench.wokeWorker = random.below(2) === 0;
            bench.serviceTime = random.below(2) * 10;
            bench.submit(jobs);
            break;
          }
          case 2:
          case 3: {
            const jobs = Math.min(running, 1 + random.below(3));
            running -= jobs;
            if (jobs > 0) bench.complete(jobs);
            break;
          }
          case 4:
            bench.turn();
            break;
          case 5:
            bench.pump.kick();
            break;
          case 6:
            await new Promise((resolve) => setTimeout(resolve, 0));
        }
        if (random.below(2)) await microtasks();
        bench.slowness = random.below(20) === 0 ? 2 : 0;
      }
      if (running > 0) bench.complete(running);
      await settleAll(bench);
      assertEquals([bench.alive, bench.turns.length, bench.done], [0, 0, 0]);
    }
  });
}

test("Pump blocks for a moment, where it may, once the two were seen to share a processor", async () => {
  for (const mayBlock of [true, false]) {
    const bench = new Bench(0.1, mayBlock);
    const { parker } = bench;
    let blocks = 0;
    parker.block = (timeout) => {
      blocks++;
      assertEquals([timeout, parker.state], [0.1, PARKED]);
      bench.complete();
      return true;
    };
    const submit = async () => {
      bench.wokeWorker = true;
      bench.submit();
      await microtasks();
    };
    // Three spins after sleep are in vain: each has waited long enough, and sleeps.
    for (let i = 0; i < 3; i++) {
      await submit();
      assertEquals([blocks, bench.pending], [0, 1]);
      bench.complete();
      await settleAll(bench);
    }
    await submit();
    assertEquals([blocks, bench.pending], mayBlock ? [1, 0] : [0, 1]);
    if (!mayBlock) bench.complete();
    await settleAll(bench);
    // What comes between the last look and the announcement is not blocked for.
    const announce = parker.announce.bind(parker);
    parker.announce = (state) => {
      announce(state);
      bench.done = bench.pending;
    };
    await submit();
    parker.announce = announce;
    assertEquals([blocks, bench.pending], [mayBlock ? 1 : 0, 0]);
    // Jobs that take longer than a spin are slept for.
    bench.serviceTime = 1;
    await submit();
    assertEquals([blocks, bench.pending], [mayBlock ? 1 : 0, 1]);
    bench.complete();
    await settleAll(bench);
    assertEquals(bench.alive, 0);
  }
});
