import { test } from "node:test";
import { assert, assertEquals } from "../../deps.ts";
import {
  DISMISSED,
  LEAVE_WHEN_DONE,
  RUNNER_COUNTERS,
  SERVICE_TIME,
} from "../../src/memory/layout.ts";
import { AWAKE, BUSY, PARKED, Parker, SEARCHING } from "../../src/sync/parker.ts";
import { type Jobs, NONE } from "../../src/worker/jobs.ts";
import { type LoopParts, WorkerLoop } from "../../src/worker/loop.ts";
import { sleepersOf } from "../sync/parts.ts";

const words = (count: number) => new Int32Array(new SharedArrayBuffer(4 * count));

/** A worker's loop on this thread, whose jobs take as many milliseconds as they are numbered. */
class Stage {
  readonly counters = words(RUNNER_COUNTERS);
  readonly host = new Parker(words(1), 0);
  /** Times of blocking waits so far; none of them really waits. */
  readonly waits: number[] = [];
  /** Jobs that took any time since the last turn of the event loop, at each turn. */
  readonly stretches: number[] = [];
  #stretch = 0;
  /** What happens during the next one that is no moment, and ends it. */
  meanwhile: (() => void) | undefined;
  readonly #jobs: number[] = [];
  readonly #control = words(256);
  readonly #sleepers = sleepersOf(this.#control);
  readonly #over: Promise<void>;
  readonly #wait = Atomics.wait;
  /** In Deno a loop that sleeps keeps nothing alive. */
  readonly #alive = setInterval(() => {}, 1_000);

  constructor({ workers = 2 } = {}) {
    this.#control[0] = 1;
    Atomics.wait = ((_words: Int32Array, _index: number, _value: number, time: number) => {
      this.waits.push(time);
      if (this.meanwhile === undefined || time < 1) return "timed-out";
      this.meanwhile();
      this.meanwhile = undefined;
      return "ok";
    }) as typeof Atomics.wait;
    const jobs = this.#jobs;
    const count = () => this.#stretch++;
    const haveRun = new Set<number>();
    const loop = new WorkerLoop({
      workers,
      runner: 0,
      jobs: {
        get seemAnyOfOthers() {
          return jobs.length > 0;
        },
        get anyOfOthers() {
          return jobs.length > 0;
        },
        anyOwn: false,
        anyToSteal: () => false,
        watched: { words: words(1), at: 0 },
        claim: () => jobs.shift() ?? NONE,
      } as unknown as Jobs,
      nested: { anyToTend: false, hasPromptMail: true },
      executor: {
        isFirst: false,
        forgetTimes: () => haveRun.clear(),
        run(_served: unknown, milliseconds: number) {
          this.isFirst = !haveRun.has(milliseconds);
          haveRun.add(milliseconds);
          if (milliseconds > 0) count();
          for (const end = performance.now() + milliseconds; performance.now() < end;);
        },
      },
      underWay: { awaiting: 0, anyGivenUp: false, suspended: 0, seeToGivenUp: () => {} },
      completions: { holding: false, flush: () => {}, wokeOwner: false },
      sleepers: this.#sleepers,
      counters: this.counters,
      host: this.host,
      idle: { spin: 0, block: 1 },
      turn: () => {
        this.stretches.push(this.#stretch);
        this.#stretch = 0;
        return new Promise<void>((resolve) => void setTimeout(resolve));
      },
      mayBlock: true,
    } as unknown as LoopParts);
    this.#over = loop.run();
  }

  /** Resolves once the loop sleeps. */
  async asleep(): Promise<void> {
    while (this.#sleepers.parker(0).state !== PARKED) await new Promise((done) => setTimeout(done));
  }

  /** Wakes it for these jobs; resolves once it sleeps again. */
  async run(...jobs: number[]): Promise<void> {
    await this.asleep();
    // So long after the last that the loop takes each one's time.
    await new Promise((done) => setTimeout(done, 2));
    this.waits.length = 0;
    this.submit(...jobs);
    await this.asleep();
  }

  submit(...jobs: number[]): void {
    this.#jobs.push(...jobs);
    this.#sleepers.wakeForWork();
  }

  /** What another worker does. */
  set other(state: number) {
    this.#control[0] = 2;
    this.#sleepers.parker(1).state = state;
  }

  async end(): Promise<void> {
    this.counters[DISMISSED] = LEAVE_WHEN_DONE;
    this.#sleepers.wake(0);
    await this.#over;
    clearInterval(this.#alive);
    Atomics.wait = this.#wait;
  }
}

interface Scene {
  readonly workers?: number;
  readonly serviceTime?: number;
  readonly host?: number;
  readonly other?: number;
  /** Whether it is woken from a blocking sleep. */
  readonly blocks?: boolean;
}

/** How often a loop gives way that is woken for a job, as a rule by a host that is awake. */
async function timesGivenWay(
  { workers = 2, serviceTime = 20_000, host = AWAKE, other = PARKED, blocks = false }: Scene = {},
): Promise<number> {
  const stage = new Stage({ workers });
  try {
    await stage.asleep();
    stage.counters[SERVICE_TIME] = serviceTime;
    stage.host.state = host;
    stage.other = other;
    if (blocks) {
      stage.host.state = PARKED; // until the second job
      stage.meanwhile = () => {
        stage.host.state = host;
        stage.submit(0);
      };
    }
    await stage.run(0);
    return stage.waits.filter((time) => time > 0 && time < 1).length;
  } finally {
    await stage.end();
  }
}

test("WorkerLoop learns what long jobs take from two in a row, and forgets it soon", async () => {
  const stage = new Stage();
  try {
    await stage.run(0);
    await stage.run(0);
    const first = stage.counters[SERVICE_TIME]!;
    await stage.run(40);
    assertEquals(stage.counters[SERVICE_TIME], first, "one may have been interrupted");
    await stage.run(40);
    const learned = stage.counters[SERVICE_TIME]!;
    assert(learned >= 10_000, `${learned} µs`);
    for (let i = 0; i < 8; i++) await stage.run(0);
    const after = stage.counters[SERVICE_TIME]!;
    assert(after < learned / 1.2, `${learned}, then ${after} µs`);
  } finally {
    await stage.end();
  }
});

test("WorkerLoop lets the event loop turn after the first long job of another function", async () => {
  const stage = new Stage();
  try {
    await stage.run(...Array(300).fill(0));
    stage.stretches.length = 0;
    await stage.run(...Array(40).fill(0), ...Array(5).fill(20));
    assert(stage.stretches.length >= 5 && Math.max(...stage.stretches) <= 1, `${stage.stretches}`);
  } finally {
    await stage.end();
  }
});

test("WorkerLoop gives way to the host that was about to begin further long jobs", async () => {
  assertEquals(await timesGivenWay(), 1);
  assertEquals(await timesGivenWay({ blocks: true }), 1, "woken from a blocking sleep");
});

test("WorkerLoop does not give way where that would bring nothing", async () => {
  assertEquals(await timesGivenWay({ serviceTime: 7_000 }), 0, "jobs are short");
  assertEquals(await timesGivenWay({ host: PARKED }), 0, "the host sleeps");
  assertEquals(await timesGivenWay({ host: SEARCHING }), 0, "the host was woken");
  assertEquals(await timesGivenWay({ workers: 1 }), 0, "there is no other worker");
  assertEquals(await timesGivenWay({ other: BUSY }), 0, "another one works");
  assertEquals(await timesGivenWay({ other: SEARCHING }), 0, "another one is up");
});
