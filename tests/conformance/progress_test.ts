import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "../../deps.ts";
import {
  closure,
  MulticoreError,
  NotSerializableError,
  Pool,
  PoolClosedError,
  remote,
  Task,
  TimeoutExceededError,
  WorkerCrashedError,
} from "../../mod.ts";
import {
  reportAndDie,
  reportAndThrow,
  reportBytes,
  reportForEver,
  reportFromInside,
  reportFromInsideSync,
  reportMany,
  reportManyLater,
  reportNamed,
  reportSteps,
  reportThenHangOnce,
  reportUnsendable,
  reportValue,
  reportWhileReporting,
  reportWhileReturning,
  Step,
} from "../fixtures/job_tasks.ts";
import { byteLength, checksum, echo, increment, makeBytes } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";

/** Browsers keep no values, such as the current job, with what runs after an `await`. */
const skip = RUNTIME === "browser";

/** Collects what a call reports. */
function collector(): { readonly values: unknown[]; onProgress(value: unknown): void } {
  const values: unknown[] = [];
  return { values, onProgress: (value) => void values.push(value) };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

for (
  const [name, fn, options] of [
    ["at once", reportMany, {}],
    ["from async code", reportManyLater, { skip }],
  ] as const
) {
  test(
    `CurrentJob.report sends values in their order, before the result, ${name}`,
    options,
    async () => {
      await using pool = new Pool({ workers: 2 });
      for (let round = 0; round < 20; round++) {
        const jobs = [0, 1, 2].map(async (i) => {
          const { values, onProgress } = collector();
          const count = await pool.runWith({ onProgress }, fn as typeof reportMany, 10 * i + 5);
          assertEquals(values, upTo(count));
        });
        await soon(Promise.all(jobs), "the reports");
      }
      assertEquals(await pool.run(increment, 1), 2);
    },
  );
}

test("CurrentJob.report sends ten thousand values, and the host's timers go on", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  const { values, onProgress } = collector();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const slow = (value: unknown) => {
    onProgress(value);
    const end = performance.now() + 0.01;
    while (performance.now() < end);
  };
  await soon(pool.runWith({ onProgress: slow }, reportMany, 10_000), "the reports");
  clearInterval(timer);
  assertEquals(values, upTo(10_000));
  assert(ticks > 5, `timers had ${ticks} turns`);
});

test("CurrentJob.report gives its memory back", async () => {
  await using pool = new Pool({ workers: 1, memory: { initial: 0, max: 2 ** 20 } });
  const total = { count: 0 };
  for (let round = 0; round < 20; round++) {
    const onProgress = (value: unknown) => {
      assertEquals(checksum(value as Uint8Array), checksum(new Uint8Array(200_000)));
      total.count++;
    };
    await soon(pool.runWith({ onProgress }, reportBytes, 200_000, 1), "the reports");
  }
  assertEquals(total.count, 20);
});

test("CurrentJob.report sends large values, and says where there is no room for them", async () => {
  await using pool = new Pool({ workers: 1, memory: { max: 2 ** 20 } });
  const { values, onProgress } = collector();
  await pool.runWith({ onProgress }, reportBytes, 900_000, 1);
  assertEquals((values[0] as Uint8Array).length, 900_000);
  await assertRejects(
    () => pool.runWith({ onProgress }, reportBytes, 2 ** 21, 1),
    MulticoreError,
    "memory.max",
  );
  await assertRejects(
    // The host hears of nothing meanwhile, so that none of it is read.
    () => {
      const job = pool.runWith({ onProgress }, reportBytes, 400_000, 30);
      const end = performance.now() + 1000;
      while (performance.now() < end);
      return job;
    },
    MulticoreError,
    "Cannot report",
  );
  assertEquals((await pool.run(makeBytes, 900_000, 1)).length, 900_000);
});

test("CurrentJob.report sends whatever can be an argument", async () => {
  await using pool = new Pool({ workers: 1 });
  const cycle: Record<string, unknown> = { list: [1n, undefined, -0, new Date(7)] };
  cycle["itself"] = cycle;
  for (const value of [undefined, null, 0, "grüße\ud800", cycle]) {
    const { values, onProgress } = collector();
    await pool.runWith({ onProgress }, reportValue, value);
    assertEquals(values, [value]);
  }
  const { values, onProgress } = collector();
  await pool.runWith({ onProgress }, reportSteps, "one", "two");
  assertInstanceOf(values[0], Step);
  assertEquals(values.map((step) => (step as Step).title), ["step one", "step two"]);
  // Whatever the format of arguments and result is.
  await pool.runWith({ onProgress, format: "string" }, reportNamed, "three");
  assertEquals((values[2] as Step).title, "step three");
});

test("CurrentJob.report throws in the job where a value cannot be sent", async () => {
  await using pool = new Pool({ workers: 1 });
  for (const inline of [false, true]) {
    const { values, onProgress } = collector();
    const task = inline ? Task.create<string>({ fallback: "inline" }) : pool.task<string>();
    task.runWith({ onProgress }, reportUnsendable);
    const [said] = await task.get();
    assert(said!.startsWith("NotSerializableError: Cannot send report.made.by: "), said);
    assertEquals(values, ["refused"]);
  }
  await assertRejects(
    () => pool.runWith({ onProgress: () => {} }, closure(() => 1, { f: () => {} }) as () => number),
    NotSerializableError,
  );
});

test("CurrentJob.report sends nothing where nobody asked for it", async () => {
  await using pool = new Pool({ workers: 1 });
  assertEquals(await pool.run(reportUnsendable), "sent");
  assertEquals(await pool.run(reportMany, 100), 100);
});

test("CurrentJob.report may be called by getters of what is reported or returned", async () => {
  await using pool = new Pool({ workers: 1 });
  const { values, onProgress } = collector();
  await soon(pool.runWith({ onProgress }, reportWhileReporting), "the reports");
  const long = (letter: string) => letter.repeat(300);
  assertEquals(values, ["inner", { before: long("x"), inner: long("y"), after: "z" }]);
  const result = await soon(pool.runWith({ onProgress }, reportWhileReturning), "the result");
  assertEquals(values.at(-1), "from the result");
  assertEquals(result, { before: long("x"), inner: "reported", after: "z" });
});

test("onProgress gets the reports of a job that fails", async () => {
  await using pool = new Pool({ workers: 1 });
  const { values, onProgress } = collector();
  await assertRejects(() => pool.runWith({ onProgress }, reportAndThrow, 50), RangeError);
  assertEquals(values, upTo(50));
});

test("onProgress gets the reports of a worker that dies, and of further attempts", async () => {
  await using pool = new Pool({ workers: 1 });
  for (const count of [1, 2000]) {
    const first = collector();
    const died = pool.runWith({ onProgress: first.onProgress }, reportAndDie, count, 1);
    await assertRejects(() => soon(died, "the crash"), WorkerCrashedError);
    assertEquals(first.values, upTo(count));
    const again = collector();
    const options = { onProgress: again.onProgress, retry: 2 };
    assertEquals(await soon(pool.runWith(options, reportAndDie, count, 2), "the third attempt"), 3);
    assertEquals(again.values, [...upTo(count), ...upTo(count), ...upTo(count)]);
  }
});

test("onProgress gets the reports of an attempt whose time was over while the host was busy", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  await pool.run(increment, 1);
  const { values, onProgress } = collector();
  const call = pool.runWith({ timeout: 150, retry: 1, onProgress }, reportThenHangOnce, 3);
  for (const end = performance.now() + 400; performance.now() < end;);
  assertEquals(await soon(call, "the second attempt"), 2);
  assertEquals(values, [1, 2].flatMap((attempt) => [0, 1, 2].map((i) => [attempt, i])));
});

for (const how of ["throws", "aborts", "takes too long"] as const) {
  for (const retry of [0, 1]) {
    test(`onProgress that ${how} once the worker has died settles the call once, retry ${retry}`, async () => {
      await using pool = new BriefPool({ workers: 1 });
      await pool.ready;
      const control = new AbortController();
      let acted = 0;
      const onProgress = () => {
        // Slow, so that the worker's end is heard of while reports are still to be told.
        const until = performance.now() + 2;
        while (performance.now() < until);
        if (pool.stats().crashes === 0) return;
        acted++;
        if (how === "throws") throw new RangeError("mine");
        if (how === "aborts") control.abort(new RangeError("mine"));
        while (how === "takes too long" && performance.now() < until + 600);
      };
      const timeout = how === "takes too long" ? 600 : 60_000;
      const options = { onProgress, retry, signal: control.signal, timeout };
      const job = pool.runWith(options, reportAndDie, 400, 1);
      const error = await soon(job.catch((error: unknown) => error), "the end");
      if (how !== "takes too long") assertInstanceOf(error, RangeError);
      else assertInstanceOf(error, TimeoutExceededError);
      assert(acted > 0);
      assertEquals([pool.stats().pending, pool.stats().settled], [0, 1]);
      assertEquals(await soon(pool.run(reportMany, 0), "the next call"), 0);
      assertEquals([pool.stats().pending, pool.stats().settled], [0, 2]);
    });
  }
}

test("onProgress that throws rejects the call, whether its job is done or not", async () => {
  await using pool = new BriefPool({ workers: 2, preload: [] });
  const broken = new RangeError("no progress");
  for (let round = 0; round < 30; round++) {
    let calls = 0;
    const onProgress = () => {
      calls++;
      throw broken;
    };
    const job = pool.runWith({ onProgress }, reportMany, round);
    if (round === 0) assertEquals(await job, 0);
    else await assertRejects(() => soon(job, "the end"), RangeError, "no progress");
    assertEquals(calls, Math.min(round, 1));
  }
  // While it still runs, and is told to stop.
  const error = await assertRejects(
    () => soon(pool.runWith({ onProgress: () => assert(false, "mine") }, reportForEver), "the end"),
  );
  assert(String(error).includes("mine"));
  assertEquals(await soon(pool.run(increment, 1), "a worker"), 2);
});

test("onProgress may abort its own call, and begin others", async () => {
  await using pool = new BriefPool({ workers: 1 });
  const controller = new AbortController();
  const others: Promise<number>[] = [];
  const onProgress = (value: unknown) => {
    others.push(pool.run(increment, value as number));
    if (value === 3) controller.abort(new RangeError("enough"));
  };
  const { signal } = controller;
  const job = pool.runWith({ signal, onProgress }, reportForEver);
  await assertRejects(() => soon(job, "the end"), RangeError, "enough");
  assertEquals(await soon(Promise.all(others), "the others"), [1, 2, 3, 4]);
});

test("onProgress that aborts and throws, or is late, harms no other job", async () => {
  await using pool = new BriefPool({ workers: 2 });
  for (let round = 0; round < 50; round++) {
    const controller = new AbortController();
    const onProgress = () => {
      controller.abort(new RangeError("enough"));
      throw new RangeError("as well");
    };
    const one = pool.runWith({ signal: controller.signal, onProgress }, reportMany, 1 + round % 3);
    const others = Promise.all([1, 2, 3].map((n) => pool.run(increment, n)));
    await assertRejects(() => soon(one, "the end"), RangeError);
    assertEquals(await soon(others, "the others"), [2, 3, 4]);
  }
});

test("onProgress may terminate the pool", async () => {
  const pool = new Pool({ workers: 1 });
  let ended: Promise<void> | undefined;
  const { values, onProgress } = collector();
  const job = pool.runWith(
    {
      onProgress(value) {
        onProgress(value);
        ended ??= pool.terminate();
      },
    },
    reportForEver,
  );
  await assertRejects(() => soon(job, "the end"), PoolClosedError);
  await soon(ended!, "the pool's end");
  assertEquals(values, [0]);
});

test("Pool.terminate ends while a job reports without end", async () => {
  const pool = new Pool({ workers: 1 });
  let calls = 0;
  // Slower than the reports come.
  const onProgress = () => {
    calls++;
    const end = performance.now() + 0.2;
    while (performance.now() < end);
  };
  const job = pool.runWith({ onProgress }, reportForEver);
  job.catch(() => {});
  while (calls < 10) await new Promise((go) => setTimeout(go, 1));
  await soon(pool.terminate(), "the pool's end");
  await assertRejects(() => job, PoolClosedError);
});

test("onProgress may block for other jobs, and loses no report by that", async () => {
  await using pool = new Pool({ workers: 2 });
  for (let round = 0; round < 20; round++) {
    const { values, onProgress } = collector();
    const blocking = (value: unknown) => {
      const task = pool.task<number>();
      task.run(increment, value as number);
      assertEquals(task.getSync({ timeout: 20_000 }), [(value as number) + 1]);
      onProgress(value);
    };
    const jobs = [5, 7].map((count) => pool.runWith({ onProgress: blocking }, reportMany, count));
    assertEquals(await soon(Promise.all(jobs), "the jobs"), [5, 7]);
    const sorted = (values as number[]).toSorted((a, b) => a - b);
    assertEquals(sorted, [...upTo(5), ...upTo(7)].toSorted((a, b) => a - b));
  }
});

test("onProgress may block where there is little room", async () => {
  // What it is called for takes up no memory by then.
  const block = (pool: Pool, length: number) => {
    const task = pool.task<number>();
    task.run(byteLength, new Uint8Array(length));
    task.run(checksum, new Uint8Array(length));
    return task.getSync({ timeout: 10_000 })[0];
  };
  const seen: unknown[] = [];
  {
    await using pool = new Pool({ workers: 1, memory: { initial: 4096, max: 70_000 } });
    const onProgress = () => void seen.push(block(pool, 60_000));
    await soon(pool.runWith({ onProgress }, reportBytes, 60_000, 2), "the reports");
    assertEquals(seen, [60_000, 60_000]);
  }
  await using pool = new Pool({ workers: 1, memory: { initial: 4096, max: 20_000 } });
  const gather = () => {
    const task = pool.task<Uint8Array>();
    task.run(makeBytes, 10_000, 1);
    seen.push(task.getSync({ timeout: 10_000 })[0]!.length);
  };
  await soon(pool.runWith({ onProgress: gather }, reportMany, 2), "small reports");
  const onProgress = () => void seen.push(block(pool, 3000));
  await soon(pool.map(byteLength, [new Uint8Array(10_000)], { onProgress }), "the map");
  assertEquals(seen.slice(2), [10_000, 10_000, 3000]);
});

test("getSync fills the room that the end of a job has made meanwhile", async () => {
  await using pool = new Pool({ workers: 1, memory: { initial: 4096, max: 20_000 } });
  await pool.run(increment, 1);
  const spin = (time: number) => {
    for (const end = performance.now() + time; performance.now() < end;);
  };
  // Both have reported before anything is told. One's last report, and with it its end, is told
  // just before the other's callback blocks.
  const report = reportMany as (count: number, bytes?: Uint8Array) => number;
  const onProgress = (value: unknown) => value === 0 && spin(30);
  const slow = pool.runWith({ onProgress }, report, 2, new Uint8Array(10_000));
  const task = pool.task<number>();
  const results: unknown[] = [];
  const blocking = pool.runWith(
    {
      onProgress: () => void results.push(...task.getSync({ timeout: 10_000 })),
    },
    report,
    1,
  );
  task.run(byteLength, new Uint8Array(3000));
  spin(200);
  await soon(Promise.all([slow, blocking]), "the jobs");
  assertEquals(results, [3000]);
});

test("onProgress is called while getSync blocks", async () => {
  await using pool = new Pool({ workers: 1 });
  const { values, onProgress } = collector();
  const task = pool.task<number>();
  task.runWith({ onProgress }, reportMany, 100);
  assertEquals(task.getSync({ timeout: 20_000 }), [100]);
  assertEquals(values, upTo(100));
});

test("onProgress waits for the import of a class that the host has not met", async () => {
  using gate = new Gate();
  void gate;
  await using pool = new Pool({ workers: 1 });
  const module = new URL("../fixtures/unseen_steps.ts", import.meta.url);
  const { climb } = remote<typeof import("../fixtures/unseen_steps.ts")>(module);
  const { values, onProgress } = collector();
  assertEquals(await soon(pool.runWith({ onProgress }, climb, 3), "the result"), "climbed 3");
  assertEquals(
    values.map((value) => (value as { readonly title: string }).title),
    ["rung 0", "rung 1", "rung 2"],
  );
});

for (
  const [name, fn] of [["async", reportFromInside], ["blocked", reportFromInsideSync]] as const
) {
  for (const workers of [1, 2]) {
    test(`onProgress of jobs inside belongs to their job, ${name}, on ${workers} workers`, async () => {
      await using pool = new Pool({ workers });
      for (let round = 0; round < 10; round++) {
        const jobs = [["a", "b"], ["c"], ["d", "e", "f"]].map(async (names) => {
          const { values, onProgress } = collector();
          const run = fn as typeof reportFromInside;
          assertEquals(await pool.runWith({ onProgress }, run, names), "all");
          assertEquals(
            (values as string[]).toSorted(),
            names.map((name) => `${name}: ${name.toUpperCase()}`),
          );
        });
        await soon(Promise.all(jobs), "the reports");
      }
    });
  }
}

test("onProgress gets what a job on the calling thread reports", { skip }, async () => {
  const inline = Task.create<unknown>({ fallback: "inline" });
  const { values, onProgress } = collector();
  const list = [1];
  inline.runWith({ onProgress }, reportMany, 3);
  inline.runWith({ onProgress, format: "string" }, reportNamed, "four");
  inline.runWith({ onProgress }, reportValue, list);
  inline.runWith({ onProgress }, reportManyLater, 3);
  inline.run(echo<unknown>, 1);
  const broken = () => {
    throw new RangeError("no progress");
  };
  inline.runWith({ onProgress: broken }, reportMany, 3);
  const outcomes = await inline.settled();
  assertEquals(outcomes.map(({ status }) => status === "fulfilled"), [
    true,
    true,
    true,
    true,
    true,
    false,
  ]);
  assertEquals(values, [0, 1, 2, new Step("four"), list, 0, 1, 2]);
  assert(values[4] !== list);
});

for (const way of ["signal", "timeout"] as const) {
  test(`JobOptions.${way} settles a call whose job has ended, and whose reports have not been told`, async () => {
    await using pool = new Pool({ workers: 1 });
    await pool.ready;
    const controller = new AbortController();
    let told = 0;
    const onProgress = () => {
      // Slow, so that the job ends long before the last one.
      for (const end = performance.now() + 5; performance.now() < end;);
      if (++told === 3 && way === "signal") controller.abort(new RangeError("enough"));
    };
    const options = way === "signal"
      ? { onProgress, signal: controller.signal }
      : { onProgress, timeout: 60, retry: 1 };
    const error = await assertRejects(() => pool.runWith(options, reportMany, 200)) as Error;
    assert(error instanceof (way === "signal" ? RangeError : TimeoutExceededError), `${error}`);
    const then = told;
    assert(then < 100, `${then} were told`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(told, then);
    assertEquals(await pool.run(increment, 1), 2);
  });
}
