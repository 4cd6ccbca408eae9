import { test } from "node:test";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "../../deps.ts";
import {
  closure,
  context,
  currentJob,
  MulticoreError,
  Pool,
  Task,
  TimeoutExceededError,
} from "../../mod.ts";
import {
  dieUntil,
  type JobSeen,
  keepJob,
  keepJobLater,
  listen,
  listenInside,
  listenInVain,
  listenLate,
  loop,
  loopAndTell,
  see,
  seeAround,
  seeAroundAsync,
  seeByPromise,
  seeByPromiseLate,
  seeLate,
  seeTwice,
  stayUntil,
  useKept,
} from "../fixtures/job_tasks.ts";
import { echo, increment, sleep, whoami } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon, until } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";

/** Browsers keep no values, such as the current job, with what runs after an `await`. */
const skip = RUNTIME === "browser";

/** Who gives up a job while its module is imported has the worker replaced: not in these tests. */
const preload = [new URL("../fixtures/job_tasks.ts", import.meta.url)];

const oneId = (seen: readonly JobSeen[]): string => {
  const ids = new Set(seen.map(({ id }) => id));
  assertEquals(ids.size, 1, `one job saw itself as ${[...ids].join(", ")}`);
  return [...ids][0]!;
};

test("currentJob has the job's worker, its first attempt and a name of its own", async () => {
  await using pool = new Pool({ workers: 2 });
  const jobs = await Promise.all(
    [0, 1, 0, 1].map((worker) => pool.runWith({ worker }, see)),
  );
  assertEquals(jobs.map(({ worker }) => worker), [0, 1, 0, 1]);
  assertEquals(jobs.map(({ attempt }) => attempt), [1, 1, 1, 1]);
  assertEquals(jobs.map(({ traceId }) => traceId), [undefined, undefined, undefined, undefined]);
  assertEquals(new Set(jobs.map(({ id }) => id)).size, 4);
});

test("currentJob stays that of an async function through what it awaits", { skip }, async () => {
  await using pool = new Pool({ workers: 1 });
  const task = pool.task<JobSeen[]>();
  for (let i = 0; i < 200; i++) task.run(seeTwice, i % 5);
  const late = pool.task<JobSeen>();
  for (let i = 0; i < 50; i++) late.run(seeLate, i % 5);
  const ids = (await task.get({ timeout: 20_000 })).map(oneId);
  ids.push(...(await late.get({ timeout: 20_000 })).map(({ id }) => id));
  assertEquals(new Set(ids).size, 250);
});

test(
  "currentJob stays that of a function that asked before it returned a promise",
  { skip },
  async () => {
    await using pool = new Pool({ workers: 1 });
    const task = pool.task<JobSeen[]>();
    for (let i = 0; i < 50; i++) task.run(seeByPromise, i % 5);
    const ids = (await task.get({ timeout: 20_000 })).map(oneId);
    assertEquals(new Set(ids).size, 50);
    // Who has not asked belongs to nobody afterwards, and above all not to another job.
    assertMatch(await pool.run(seeByPromiseLate), /code belongs to none/);
  },
);

test("currentJob is there in closures, captured values or not", { skip }, async () => {
  await using pool = new Pool({ workers: 1 });
  const ask = async (bare: string) => {
    const { currentJob } = await import(bare);
    await new Promise((resolve) => setTimeout(resolve, 1));
    return currentJob().id;
  };
  const url = new URL("../../mod.ts", import.meta.url).href;
  const plain = await pool.run(closure(ask), url);
  const unit = "m";
  const captured = await pool.run(
    closure(
      async (bare: string) => {
        const { currentJob } = await import(bare);
        await new Promise((resolve) => setTimeout(resolve, 1));
        return currentJob().id + unit;
      },
      { unit },
    ),
    url,
  );
  assertMatch(plain, /^0-\d+-\d+$/);
  assertMatch(captured, /^0-\d+-\d+m$/);
});

for (const workers of [1, 2]) {
  test(
    `currentJob is the outer one again after jobs inside, on ${workers} workers`,
    { skip },
    async () => {
      await using pool = new Pool({ workers });
      for (let round = 0; round < 20; round++) {
        for (const run of [() => pool.run(seeAround, 3), () => pool.run(seeAroundAsync, 3)]) {
          const seen = await soon(run(), "jobs inside jobs");
          // Pairs of before and after nest like brackets.
          const open: string[] = [];
          for (const { id } of seen) {
            if (open.at(-1) === id) open.pop();
            else open.push(id);
          }
          assertEquals(open, []);
          assertEquals(new Set(seen.map(({ id }) => id)).size, seen.length / 2);
        }
      }
    },
  );
}

test("currentJob is that of a job on the calling thread", { skip }, async () => {
  const inline = Task.create<JobSeen[]>({ fallback: "inline" });
  for (let i = 0; i < 20; i++) inline.run(seeTwice, i % 3);
  inline.run(seeByPromise, 1);
  const seen = await inline.get();
  assertEquals(new Set(seen.map(oneId)).size, 21);
  assertEquals(seen[0]![0]!.worker, -1);
  assertEquals(seen[0]![0]!.attempt, 1);
});

test("currentJob and context say outside of jobs and workers what to do", async () => {
  assertThrows(() => currentJob(), MulticoreError, "call currentJob() in a task function");
  assertThrows(() => context(), MulticoreError, "this thread is no worker of a pool");
  await using pool = new Pool({ workers: 1 });
  await pool.run(see);
  assertThrows(() => currentJob(), MulticoreError);
});

test("currentJob counts attempts through crashes", async () => {
  await using pool = new Pool({ workers: 1 });
  assertEquals(await soon(pool.runWith({ retry: 4 }, dieUntil, 4), "the fourth attempt"), 4);
  assertEquals(pool.stats().crashes, 3);
});

test("currentJob counts attempts through timeouts", async () => {
  await using pool = new BriefPool({ workers: 1 });
  await pool.ready;
  const job = pool.runWith({ retry: 5, timeout: 60 }, stayUntil, 3);
  assertEquals(await soon(job, "the third attempt"), 3);
});

test(
  "currentJob of a job that has ended is not aborted, and reports to nobody",
  { skip },
  async () => {
    await using pool = new Pool({ workers: 1 });
    for (const keep of [keepJob, keepJobLater]) {
      const reports: unknown[] = [];
      await pool.runWith({ onProgress: (value) => void reports.push(value) }, keep);
      const used = await pool.run(useKept) as { aborted: boolean };
      assertEquals(used.aborted, false);
      const again = { onProgress: (value: unknown) => void reports.push(value) };
      assertEquals((await pool.runWith(again, useKept) as { aborted: boolean }).aborted, false);
      assertEquals(reports, []);
    }
  },
);

/** Whether something holds at least once: a thread may be starved beyond any grace. */
async function tries(times: number, holds: () => Promise<boolean>): Promise<boolean> {
  for (let i = 0; i < times; i++) if (await holds()) return true;
  return false;
}

/** How a job may be given up, and what its signal says then. */
const WAYS: Record<string, {
  readonly reason: string;
  run(pool: Pool, fn: (...args: string[]) => unknown, args: string[], gate: Gate): Promise<unknown>;
}> = {
  "its timeout": {
    reason: "TimeoutExceededError",
    run: (pool, fn, args) => pool.runWith({ timeout: 300 }, fn, ...args),
  },
  "its signal": {
    reason: "AbortError",
    async run(pool, fn, args, gate) {
      const controller = new AbortController();
      const job = pool.runWith({ signal: controller.signal }, fn, ...args);
      job.catch(() => {});
      await gate.began("began");
      controller.abort();
      return job;
    },
  },
  "its task's timeout": {
    reason: "AbortError",
    run(pool, fn, args) {
      const task = pool.task();
      task.run(fn, ...args);
      return task.get({ timeout: 300 });
    },
  },
  "its task's signal": {
    reason: "AbortError",
    async run(pool, fn, args, gate) {
      const controller = new AbortController();
      const task = pool.task();
      task.run(fn, ...args);
      const results = task.get({ signal: controller.signal });
      results.catch(() => {});
      await gate.began("began");
      controller.abort();
      return results;
    },
  },
};

for (const [name, { reason, run }] of Object.entries(WAYS)) {
  test(`CurrentJob.signal is aborted by ${name}, and the worker stays`, async () => {
    await using pool = new BriefPool({ workers: 1, preload });
    const thread = await pool.run(whoami);
    using gate = new Gate();
    const args = [gate.file("began"), gate.file("told")];
    await assertRejects(() => soon(run(pool, listen, args, gate), "the end"));
    await until(() => gate.lines("told").length > 0, "the listener");
    assertEquals(gate.lines("told"), [`${reason} true`]);
    assertEquals(await pool.run(whoami), thread);
    assertEquals(pool.stats().replaced, 0);
  });

  test(`CurrentJob.throwIfAborted ends a loop by ${name}, and the worker stays`, async () => {
    await using pool = new BriefPool({ workers: 1, preload });
    await pool.ready;
    const stayed = await tries(5, async () => {
      const thread = await pool.run(whoami);
      using gate = new Gate();
      const args = [gate.file("began"), gate.file("told")];
      await assertRejects(() => soon(run(pool, loopAndTell, args, gate), "the end"));
      const same = await soon(pool.run(whoami), "the worker") === thread;
      if (same) assertEquals(gate.lines("told"), [`${reason} true`]);
      return same;
    });
    assert(stayed, "the worker was replaced each time");
  });

  test(`CurrentJob.signal that is first read after ${name} is aborted`, { skip }, async () => {
    await using pool = new BriefPool({ workers: 1, preload });
    await pool.ready;
    using gate = new Gate();
    const args = [gate.file("began"), gate.path, gate.file("told")];
    await assertRejects(() => soon(run(pool, listenLate, args, gate), "the end"));
    gate.open();
    await until(() => gate.lines("told").length > 0, "the job's end");
    assertEquals(gate.lines("told"), [`${reason} true`]);
  });
}

test("CurrentJob.throwIfAborted frees the worker again and again", async () => {
  await using pool = new Pool({ workers: 2, preload });
  await pool.ready;
  using gate = new Gate();
  for (let round = 0; round < 20; round++) {
    const jobs = [0, 1].map(() => pool.runWith({ timeout: 5 }, loop, gate.file("began")));
    for (const job of jobs) await assertRejects(() => job, TimeoutExceededError);
    assertEquals(await soon(pool.run(increment, round), "a free worker"), round + 1);
  }
  // Of 40; a machine that is busy elsewhere may starve some of them beyond the grace.
  assert(pool.stats().replaced < 20, `${pool.stats().replaced} workers were replaced`);
});

test("CurrentJob.signal of a job that ends is not aborted", async () => {
  await using pool = new Pool({ workers: 1 });
  using gate = new Gate();
  const controller = new AbortController();
  const { signal } = controller;
  const task = pool.task<number>();
  for (let i = 0; i < 50; i++) {
    task.runWith({ signal, timeout: 20_000 }, listenInVain, gate.file("told"));
  }
  assertEquals(new Set(await task.get()), new Set([0]));
  controller.abort();
  await pool.run(sleep<number>, 20, 1);
  assertEquals(gate.lines("told"), []);
});

test("CurrentJob.signal reaches the work inside", async () => {
  await using pool = new BriefPool({ workers: 2 });
  await pool.ready;
  using gate = new Gate();
  const controller = new AbortController();
  const job = pool.runWith(
    { signal: controller.signal },
    listenInside,
    gate.file("began"),
    gate.file("told"),
  );
  job.catch(() => {});
  await gate.began("began");
  controller.abort();
  await until(() => gate.lines("told").length === 2, "both to hear");
  assertEquals(gate.lines("told").toSorted(), ["AbortError true", "outer AbortError"]);
  assertEquals(pool.stats().replaced, 0);
});

test("CurrentJob.throwIfAborted hears that the pool is terminated", async () => {
  using gate = new Gate();
  const pool = new Pool({ workers: 1 });
  const job = pool.run(loopAndTell, gate.file("began"), gate.file("told"));
  job.catch(() => {});
  await gate.began("began");
  await soon(pool.terminate(), "the end");
  // Where the runtime stops threads it may do so before the job has looked.
  for (const line of gate.lines("told")) assertEquals(line, "PoolClosedError true");
});

test("CurrentJob.throwIfAborted ends a loop on the calling thread at its timeout", async () => {
  using gate = new Gate();
  const inline = Task.create({ fallback: "inline" });
  inline.runWith({ timeout: 20 }, loop, gate.file("began"));
  await assertRejects(() => inline.get(), TimeoutExceededError);
});

test("CurrentJob.signal is aborted on the calling thread", async () => {
  using gate = new Gate();
  const controller = new AbortController();
  const inline = Task.create<unknown>({ fallback: "inline" });
  inline.runWith({ timeout: 30 }, listen, gate.file("began"), gate.file("by timeout"));
  inline.runWith({ signal: controller.signal }, listen, gate.file("began"), gate.file("by signal"));
  inline.runWith({ timeout: 10_000 }, listenInVain, gate.file("in vain"));
  inline.run(echo<unknown>, 1);
  controller.abort(new RangeError("enough"));
  const [first, second, third] = await inline.settled();
  assertEquals([first!.status, second!.status, third!.status], [
    "rejected",
    "rejected",
    "fulfilled",
  ]);
  await until(() => gate.lines("by signal").length > 0, "the second listener");
  assertEquals(gate.lines("by timeout"), ["TimeoutExceededError true"]);
  assertEquals(gate.lines("by signal"), ["RangeError true"]);
  assertEquals(gate.lines("in vain"), []);
  assert(third!.status === "fulfilled");
});
