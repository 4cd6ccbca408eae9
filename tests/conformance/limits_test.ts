import { test } from "node:test";
import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "../../deps.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { MulticoreError, Pool, QueueFullError, TimeoutExceededError } from "../../mod.ts";
import {
  busy,
  dieOnce,
  dieOnceLater,
  echo,
  holdUntil,
  increment,
  leaveTrace,
  leaveTraceAndStay,
  leaveTraceAndThrow,
  never,
  nothing,
  sleep,
  whoami,
} from "../fixtures/tasks.ts";
import { Gate, soon, until } from "../support/gate.ts";

test("JobOptions.timeout settles the call at once", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.run(increment, 1);
  const began = performance.now();
  await assertRejects(
    () => pool.runWith({ timeout: 30 }, sleep<number>, 1000, 1),
    TimeoutExceededError,
    "30 ms",
  );
  const time = performance.now() - began;
  assert(time >= 29 && time < 800, `${time} ms`);
});

test("JobOptions.timeout keeps the worker of an async job", async () => {
  await using pool = new Pool({ workers: 1 });
  const thread = await pool.run(whoami);
  await assertRejects(() => pool.runWith({ timeout: 20 }, sleep<number>, 200, 1));
  assertEquals(await pool.run(whoami), thread);
  await new Promise((resolve) => setTimeout(resolve, 250));
  assertEquals(await pool.run(whoami), thread);
  assertEquals(pool.stats().crashes, 0);
});

test("JobOptions.timeout replaces the worker that a synchronous job holds", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const thread = await pool.run(whoami);
  const held = pool.runWith({ timeout: 50 }, holdUntil, gate.path, gate.file("held"));
  const queued = pool.run(whoami);
  await assertRejects(() => held, TimeoutExceededError, "holdUntil");
  assert(await soon(queued, "the job behind it") !== thread);
  assertEquals(pool.stats().replaced, 1);
  gate.open();
  await until(() => pool.stats().lost === 0, "the lost worker to end");
  assertEquals(await pool.run(increment, 1), 2);
});

test(
  "Pool.close stops a worker that holds on to a job which was given up, after the same grace",
  { skip: !runtime.stopsBusyWorkers },
  async () => {
    await using pool = new Pool({ workers: 1 });
    using gate = new Gate();
    await pool.run(nothing);
    const held = pool.runWith({ timeout: 50 }, holdUntil, gate.path, gate.file("held"));
    await assertRejects(() => held, TimeoutExceededError);
    assertEquals(pool.stats().workers[0]!.state, "busy");
    const began = performance.now();
    await pool.close();
    assertLess(performance.now() - began, 1500);
  },
);

test(
  "Pool.close says so where such a worker cannot tear down what it has set up",
  { skip: !runtime.stopsBusyWorkers },
  async () => {
    const pool = new Pool({ workers: 1, teardown: nothing });
    using gate = new Gate();
    await pool.run(nothing);
    const held = pool.runWith({ timeout: 50 }, holdUntil, gate.path, gate.file("held"));
    await assertRejects(() => held, TimeoutExceededError);
    await assertRejects(() => pool.close(), MulticoreError, "in a job that had been given up");
  },
);

test("JobOptions.timeout of one job leaves no mark on the jobs after it", async () => {
  await using pool = new Pool({ workers: 2 });
  const jobs = Array.from(
    { length: 100 },
    (_, i) =>
      i % 10 === 0
        ? pool.runWith({ timeout: 20 }, never).then(() => "no", (error) => error.name)
        : pool.run(increment, i),
  );
  const outcomes = await soon(Promise.all(jobs), "all of them");
  for (const [i, outcome] of outcomes.entries()) {
    assertEquals(outcome, i % 10 === 0 ? "TimeoutExceededError" : i + 1);
  }
  await pool.terminate();
});

test("PoolOptions.timeout is each job's, unless its call says otherwise", async () => {
  await using pool = new Pool({ workers: 1, timeout: 50 });
  await assertRejects(() => pool.run(sleep<number>, 1000, 1), TimeoutExceededError, "50 ms");
  assertEquals(await pool.runWith({ timeout: 5000 }, sleep<number>, 100, 1), 1);
});

test("JobOptions.signal that is aborted already refuses the job", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const signal = AbortSignal.abort(new Error("before"));
  await assertRejects(
    () => pool.runWith({ signal }, leaveTrace<string>, gate.file("trace"), "ran"),
    Error,
    "before",
  );
  const task = pool.task();
  assertThrows(() => task.runWith({ signal }, increment, 1), Error, "before");
  assertEquals(task.size, 0);
  await pool.run(increment, 1);
  assertEquals(gate.lines("trace"), []);
});

test("JobOptions.signal settles the call at once with the signal's reason", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.run(increment, 1);
  const abort = new AbortController();
  const job = pool.runWith({ signal: abort.signal }, sleep<number>, 500, 1);
  await until(() => pool.stats().workers[0]!.awaiting === 1, "the job to begin");
  const reason = { my: "reason" };
  abort.abort(reason);
  const [outcome] = await soon(Promise.allSettled([job]), "the abort", 300);
  assert((outcome as PromiseRejectedResult).reason === reason);
});

for (const known of [true, false]) {
  test(
    `JobOptions.signal keeps a queued job from ever running, ${
      known ? "its function known" : "its function new"
    } to the worker`,
    async () => {
      await using pool = new Pool({ workers: 1 });
      using gate = new Gate();
      if (known) await pool.run(leaveTrace<string>, gate.file("known"), "ran");
      const held = pool.run(holdUntil, gate.path, gate.file("held"));
      await gate.began("held");
      const abort = new AbortController();
      const jobs = Array.from({ length: 10 }, (_, i) =>
        pool.runWith(
          i % 2 ? { signal: abort.signal } : {},
          leaveTrace<number>,
          gate.file("trace"),
          i,
        ));
      const settled = Promise.allSettled(jobs);
      abort.abort();
      gate.open();
      await held;
      const outcomes = (await settled).map((outcome) => outcome.status);
      assertEquals(outcomes, jobs.map((_, i) => i % 2 ? "rejected" : "fulfilled"));
      await pool.run(increment, 1);
      assertEquals(gate.lines("trace").sort(), ["0", "2", "4", "6", "8"]);
    },
  );

  test(
    `Pool lets no job wait behind a long one while a worker is free, their function ${
      known ? "known" : "new"
    }`,
    async () => {
      await using pool = new Pool({ workers: 2 });
      using gate = new Gate();
      await pool.ready;
      if (known) {
        for (const worker of [0, 1]) await pool.runWith({ worker }, increment, 1);
      }
      const held = pool.run(holdUntil, gate.path, gate.file("held"));
      const others = Array.from({ length: 20 }, (_, i) => pool.run(increment, i));
      await soon(Promise.all(others), "the jobs beside the long one", 3000);
      gate.open();
      assertEquals(await held, "held");
    },
  );
}

test("JobOptions.signal settles a job that holds its worker, and replaces the worker", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const thread = await pool.run(whoami);
  const abort = new AbortController();
  const held = pool.runWith({ signal: abort.signal }, holdUntil, gate.path, gate.file("held"));
  await gate.began("held");
  abort.abort(new Error("stop"));
  await assertRejects(() => soon(held, "the abort"), Error, "stop");
  assert(await soon(pool.run(whoami), "the new worker") !== thread);
});

test("Task.get that gives up thousands of queued jobs leaves the pool able to take more", async () => {
  await using pool = new Pool({ workers: 1 });
  // Before the worker is there, so that all of them stay where they were put.
  const task = pool.task<number>();
  for (let i = 0; i < 5000; i++) task.run(increment, i);
  await assertRejects(() => task.get({ signal: AbortSignal.abort(new Error("no")) }), Error, "no");
  // On a machine under load the worker may have come, and done some of them.
  await until(() => pool.stats().pending === 0, "what was done by then");
  const results = Promise.all(Array.from({ length: 10 }, (_, i) => pool.run(increment, i)));
  assertEquals((await soon(results, "the jobs after them", 5000))[9], 10);
});

test("JobOptions.signal may be that of thousands of jobs", async () => {
  await using pool = new Pool({ workers: 1 });
  const abort = new AbortController();
  const began = performance.now();
  const jobs = Array.from(
    { length: 20_000 },
    (_, i) => pool.runWith({ signal: abort.signal }, increment, i),
  );
  const settled = Promise.allSettled(jobs);
  assertLess(performance.now() - began, 2000);
  abort.abort();
  await soon(settled, "all of them");
  assertEquals(pool.stats().pending, 0);
  assertEquals(await pool.run(increment, 1), 2);
});

test("JobOptions.signal forgets its listeners once jobs have settled", async () => {
  await using pool = new Pool({ workers: 1 });
  const abort = new AbortController();
  let listeners = 0;
  const { signal } = abort;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners--;
    remove(...args);
  };
  await Promise.all(Array.from({ length: 50 }, (_, i) => pool.runWith({ signal }, increment, i)));
  assertEquals(listeners, 0);
});

test("JobOptions.retry begins a job anew after its timeout", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  await pool.run(increment, 1);
  const file = gate.file("attempts");
  const began = performance.now();
  await assertRejects(
    () => pool.runWith({ timeout: 50, retry: 2 }, leaveTraceAndStay, file),
    TimeoutExceededError,
  );
  assert(performance.now() - began >= 145);
  assertEquals(gate.lines("attempts").length, 3);
  await pool.terminate();
});

test("JobOptions.retry begins a job anew after its worker's crash", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const job = pool.runWith({ retry: 1 }, dieOnce, gate.file("died"));
  assertEquals(await soon(job, "the second attempt"), "lived");
  assertEquals(pool.stats().crashes, 1);
});

test("JobOptions.retry gives the attempt after a crash its whole timeout", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  await pool.run(increment, 1);
  const began = performance.now();
  const job = pool.runWith({ timeout: 800, retry: 1 }, dieOnceLater, gate.file("died"), 300);
  await assertRejects(() => soon(job, "the second attempt"), TimeoutExceededError, "800 ms");
  assert(performance.now() - began >= 1095);
  assertEquals(pool.stats().crashes, 1);
  await pool.terminate();
});

test("JobOptions.timeout of jobs that never end leaves room for others", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.run(increment, 1);
  // More than a worker has under way at a time, and then more than there are slots.
  for (const count of [1100, 4200]) {
    const jobs = Array.from({ length: count }, () => pool.runWith({ timeout: 50 }, never));
    await soon(Promise.allSettled(jobs), `${count} jobs that never end`);
    assertEquals(await soon(pool.run(increment, 1), "a job after them"), 2);
    assertEquals([pool.stats().pending, pool.stats().queued], [0, 0]);
  }
});

test("JobOptions.retry is not for what the function throws", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  await assertRejects(() => pool.runWith({ retry: 3 }, leaveTraceAndThrow, gate.file("attempts")));
  assertEquals(gate.lines("attempts").length, 1);
});

test("JobOptions.worker pins a job to one worker", async () => {
  await using pool = new Pool({ workers: 2 });
  const threads = await Promise.all(
    Array.from({ length: 40 }, (_, i) => pool.runWith({ worker: i % 2 }, whoami)),
  );
  assertEquals(new Set(threads.filter((_, i) => i % 2 === 0)).size, 1);
  assertEquals(new Set(threads).size, 2);
});

test("JobOptions.worker waits for its worker even where another is free", async () => {
  await using pool = new Pool({ workers: 2 });
  using gate = new Gate();
  const held = pool.runWith({ worker: 1 }, holdUntil, gate.path, gate.file("held"));
  await gate.began("held");
  const order: string[] = [];
  const pinned = pool.runWith({ worker: 1 }, echo<string>, "pinned").then((s) => order.push(s));
  for (let i = 0; i < 5; i++) order.push(await pool.run(echo<string>, "free"));
  assert(!order.includes("pinned"));
  gate.open();
  await Promise.all([held, pinned]);
});

test("JobOptions.priority lets high jobs go first and low ones last", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const file = gate.file("order");
  await pool.run(leaveTrace<string>, gate.file("known"), "ran");
  const held = pool.run(holdUntil, gate.path, gate.file("held"));
  await gate.began("held");
  const jobs = (["low", "normal", "high"] as const).flatMap((priority) =>
    Array.from({ length: 4 }, () => pool.runWith({ priority }, leaveTrace<string>, file, priority))
  );
  gate.open();
  await Promise.all([held, ...jobs]);
  const order = gate.lines("order");
  // One may go out of turn, lest low ones starve.
  const inOrder = ["high", "normal", "low"].flatMap((priority) => Array(4).fill(priority));
  const moved = order.filter((priority, i) => priority !== inOrder[i]).length;
  assert(moved <= 6 && order.indexOf("high") < order.lastIndexOf("low"), order.join(" "));
  assert(order.lastIndexOf("high") < 6, order.join(" "));
});

test("JobOptions.priority starves nobody", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  let lowDone = false;
  const low = pool.runWith({ priority: "low" }, echo<string>, "low").then(() => lowDone = true);
  let rounds = 0;
  const keepBusy = async () => {
    while (!lowDone && rounds < 20_000) {
      rounds++;
      await pool.runWith({ priority: "high" }, increment, 1);
    }
  };
  await Promise.all(Array.from({ length: 50 }, keepBusy));
  assertEquals(lowDone, true);
  await low;
});

test("PoolOptions.queue refuses one job too many where it is to reject", async () => {
  await using pool = new Pool({ workers: 1, queue: { capacity: 3, whenFull: "reject" } });
  using gate = new Gate();
  const held = pool.run(holdUntil, gate.path, gate.file("held"));
  const task = pool.task<number>();
  task.run(increment, 1);
  task.run(increment, 2);
  assertThrows(() => task.run(increment, 3), QueueFullError, "capacity");
  await assertRejects(() => pool.run(increment, 4), QueueFullError, "3");
  assertEquals(pool.stats().pending, 3);
  assertEquals(task.size, 2);
  gate.open();
  await held;
  assertEquals(await task.get(), [2, 3]);
  assertEquals(await pool.run(increment, 5), 6);
});

test("PoolOptions.queue lets one job too many wait otherwise", async () => {
  await using pool = new Pool({ workers: 2, queue: { capacity: 3 } });
  const task = pool.task<number>();
  for (let i = 0; i < 500; i++) task.run(increment, i);
  assertEquals(await soon(task.get(), "the jobs"), Array.from({ length: 500 }, (_, i) => i + 1));
});

test("Task.getSync sees deadlines of jobs while it blocks", async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<unknown>();
  task.runWith({ timeout: 50 }, sleep<number>, 5000, 1);
  task.run(increment, 1);
  const began = performance.now();
  assertThrows(() => task.getSync({ timeout: 8000 }), TimeoutExceededError, "50 ms");
  assertLess(performance.now() - began, 3000);
  await pool.terminate();
});

test("Task.getSync goes on though a job that timed out holds the only worker", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.run(increment, 1);
  const task = pool.task<unknown>();
  task.runWith({ timeout: 50 }, busy, 5000);
  task.run(increment, 1);
  const began = performance.now();
  assertThrows(() => task.getSync({ timeout: 8000 }), TimeoutExceededError, "50 ms");
  assertLess(performance.now() - began, 3000);
});

test("JobOptions.signal that a getter aborts refuses the call, and nothing runs", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  for (const format of ["structured", "json"] as const) {
    for (let round = 0; round < 100; round++) {
      const controller = new AbortController();
      const argument = {
        get value(): number {
          controller.abort(new RangeError("no more"));
          return 1;
        },
      };
      const options = { signal: controller.signal, format };
      await assertRejects(() => pool.runWith(options, echo, argument), RangeError, "no more");
    }
  }
  assertEquals(pool.stats().workers[0]!.jobs, 0);
});
