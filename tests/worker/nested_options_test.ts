/**
 * What nested jobs can be told: options, and ways to wait.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "../../deps.ts";
import { Pool, TimeoutExceededError } from "../../mod.ts";
import {
  abortInside,
  busyWhoami,
  descendWith,
  fanOut,
  hearsOfAbort,
  nest,
  nestCompleted,
  nestSettled,
  nestSync,
  nestSyncSettled,
  nestUntil,
} from "../fixtures/nested_tasks.ts";
import {
  add,
  busy,
  dieOnce,
  echo,
  fail,
  holdUntil,
  increment,
  leaveTrace,
  never,
  sleep,
  whoami,
} from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon, until } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";

const timeout = 60_000;

test("Task.settled inside a job tells what became of each", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  const calls = [[{}, add, 1, 2], [{}, fail, "no"], [{}, sleep, 1, "late"]] as const;
  for (let i = 0; i < 20; i++) {
    assertEquals(await soon(pool.run(nestSettled, calls), "all"), [3, "Error: no", "late"]);
  }
});

test("Task.completed inside a job gives results as they come", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  const calls = [[{}, sleep, 60, "a"], [{}, sleep, 1, "b"], [{}, add, 1, 2]] as const;
  const ended = await soon(pool.run(nestCompleted, calls), "all") as [number, unknown][];
  assertEquals(ended.at(-1), [0, "a"]);
  assertEquals(ended.toSorted(([a], [b]) => a - b), [[0, "a"], [1, "b"], [2, 3]]);
});

for (const options of [{ retry: 2 }, { timeout: 50_000 }, { priority: "low" as const }]) {
  test(
    `Nested jobs with ${Object.keys(options)} go far beyond a lane's slots`,
    { timeout },
    async () => {
      for (const workers of [1, 2]) {
        await using pool = new Pool({ workers });
        assertEquals(await soon(pool.run(descendWith, options, 3000), "the bottom"), 3000);
      }
    },
  );
}

test("Pool's own defaults hold for nested jobs too", { timeout }, async () => {
  await using pool = new BriefPool({ workers: 2, timeout: 1000, retry: 1 });
  assertEquals(await soon(pool.runWith({ timeout: 20_000 }, fanOut, 5000), "the sum"), 12_502_500);
  const given = performance.now();
  const outcome = pool.runWith({ timeout: 20_000 }, nestSettled, [[{}, never]]);
  const [error] = await soon(outcome, "the end") as string[];
  assert(/^TimeoutExceededError.*1000 ms/.test(error!), error);
  // Twice, as the pool's retry says.
  assert(performance.now() - given > 1900, `${performance.now() - given} ms`);
  await using deep = new BriefPool({ workers: 2, timeout: 30_000, retry: 1 });
  assertEquals(await soon(deep.run(descendWith, {}, 3000), "the bottom"), 3000);
});

test("Nested jobs are given up in time, wherever they are", { timeout }, async () => {
  for (const workers of [1, 2]) {
    await using pool = new BriefPool({ workers });
    // More than there are slots, so that some wait and some run without one.
    const calls = Array.from({ length: 1500 }, () => [{ timeout: 100 }, never] as const);
    const outcomes = await soon(pool.run(nestSettled, calls), "all") as string[];
    assertEquals(outcomes.length, 1500);
    for (const it of outcomes) assert(it.startsWith("TimeoutExceededError"), it);
    // Neither slots nor places for jobs have run out by that.
    for (let i = 0; i < 3; i++) {
      assertEquals(await soon(pool.run(fanOut, 3000), "the next"), 3000 * 3001 / 2);
      await soon(pool.run(nestSettled, calls), "all");
    }
  }
});

for (const way of ["await", "getSync"]) {
  const runtime = RUNTIME === "deno" ? "left behind" : "replaced";
  test(`A nested job that never returns is ${runtime}, by ${way}`, { timeout }, async () => {
    await using pool = new BriefPool({ workers: 2 });
    using gate = new Gate();
    await pool.ready;
    const [stuck] = [await pool.runWith({ worker: 1 }, whoami)];
    const calls = [
      [{ worker: 1, timeout: 100 }, holdUntil, gate.path, gate.file("held")],
    ] as const;
    const job = way === "await"
      ? pool.runWith({ worker: 0 }, nestSettled, calls)
      : pool.runWith({ worker: 0 }, nestSyncSettled, calls);
    const outcome = String(await soon(job, "the end of its time"));
    assert(outcome.startsWith("TimeoutExceededError"), outcome);
    await until(() => pool.stats().replaced === 1, "the replacement");
    const next = pool.runWith({ worker: 1 }, whoami);
    assert(await soon(next, "the new worker") !== stuck);
    // The new one takes nested jobs as well.
    const there = await soon(
      pool.runWith({ worker: 0 }, nest, [[{ worker: 1 }, whoami]]),
      "a nested job of the new one",
    );
    assertEquals(there, [await next]);
    if (RUNTIME !== "deno") await until(() => pool.stats().lost === 0, "the old one's end");
  });
}

test(
  "The timeout of a job ends it while it goes on with jobs inside, too",
  { timeout },
  async () => {
    for (const milliseconds of [0.1, 5, 500]) {
      await using pool = new Pool({ workers: 1 });
      using gate = new Gate();
      await pool.run(nestSync, [[{}, increment, 1]]);
      const held = pool.runWith({ timeout: 50 }, nestUntil, gate.path, milliseconds);
      await assertRejects(() => held, TimeoutExceededError);
      assertEquals(await soon(pool.run(increment, 1), "the job behind it"), 2);
      assertEquals(pool.stats().replaced, 1);
      gate.open();
    }
  },
);

test(
  "The timeout of a job ends no other that awaits something beside it",
  { timeout },
  async () => {
    await using pool = new Pool({ workers: 2 });
    await pool.broadcast(increment, 1);
    const awaiting = pool.runWith({ worker: 1 }, nest, [[{ worker: 0 }, sleep, 1500, "awaited"]]);
    await until(() => pool.stats().workers[0]!.awaiting === 1, "the nested job to begin");
    // Its own code does not run before the nested job is done.
    const inside = [[{ worker: 0 }, busy, 1000]] as const;
    const held = pool.runWith({ worker: 0, timeout: 100 }, nestSync, inside);
    await assertRejects(() => held, TimeoutExceededError);
    assertEquals(await soon(awaiting, "the job that awaits"), ["awaited"]);
    assertEquals(pool.stats().replaced, 0);
  },
);

test("The timeout of a job ends no other that runs on top of it", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  using gate = new Gate();
  await pool.broadcast(increment, 1);
  const other = pool.runWith({ worker: 1 }, holdUntil, gate.path, gate.file("held"));
  const inside = [[{ worker: 1 }, increment, 1]] as const;
  const held = pool.runWith({ worker: 0, timeout: 100 }, nestSync, inside);
  await until(() => pool.stats().workers.every((it) => it.state === "busy"), "both to be busy");
  // Only the worker that waits for its nested job can take it.
  const onTop = pool.run(busyWhoami, 700);
  await assertRejects(() => held, TimeoutExceededError);
  assertEquals(typeof await soon(onTop, "the job on top"), "string");
  await until(() => pool.stats().replaced === 1, "the worker to be replaced");
  gate.open();
  await soon(other, "the other job");
});

test(
  "A nested job that is given up costs no worker that does something else",
  { timeout },
  async () => {
    await using pool = new BriefPool({ workers: 2 });
    await pool.ready;
    const trace = await Promise.all([0, 1].map((worker) => pool.runWith({ worker }, whoami)));
    // Worker 1 awaits the nested job; while that is given up, a job of the host's holds it.
    const outer = pool.runWith({ worker: 0 }, nestSettled, [[{ worker: 1, timeout: 100 }, never]]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const held = pool.runWith({ worker: 1 }, busy, 400);
    const [outcome] = await soon(outer, "the end of its time") as string[];
    assert(outcome!.startsWith("TimeoutExceededError"), outcome);
    assertEquals(await soon(held, "the other job"), 400);
    // The same the other way round.
    const own = pool.runWith({ worker: 1, timeout: 100 }, never);
    await new Promise((resolve) => setTimeout(resolve, 60));
    const nested = pool.runWith({ worker: 0 }, nest, [[{ worker: 1 }, busy, 400]]);
    await assertRejects(() => soon(own, "the end of its time"), TimeoutExceededError);
    assertEquals(await soon(nested, "the nested job"), [400]);
    assertEquals([pool.stats().replaced, pool.stats().crashes], [0, 0]);
    assertEquals(
      await Promise.all([0, 1].map((worker) => pool.runWith({ worker }, whoami))),
      trace,
    );
  },
);

test("A signal gives up nested jobs, wherever they are", { timeout }, async () => {
  await using pool = new BriefPool({ workers: 2 });
  using gate = new Gate();
  // The newest is begun first.
  const calls = [
    ...Array.from({ length: 1200 }, () => [{}, never] as const),
    [{}, increment, 1],
  ] as const;
  const outcomes = await soon(pool.run(abortInside, 100, calls), "the end") as unknown[];
  assertEquals(outcomes.pop(), 2);
  assertEquals(new Set(outcomes), new Set(["RangeError: enough"]));
  // One that nobody had begun never runs.
  const held = pool.runWith({ worker: 1 }, holdUntil, gate.path, gate.file("held"));
  await gate.began("held");
  const aborted = await soon(
    pool.runWith({ worker: 0 }, abortInside, 10, [
      [{ worker: 1 }, leaveTrace, gate.file("trace"), "ran"],
    ]),
    "the end",
  );
  assertEquals(aborted, ["RangeError: enough"]);
  gate.open();
  assertEquals(await held, "held");
  await pool.runWith({ worker: 1 }, increment, 1);
  assertEquals(gate.lines("trace"), []);
});

test(
  "A nested job hears at once that it is given up, on whatever worker",
  { timeout },
  async () => {
    await using pool = new BriefPool({ workers: 2 });
    for (const worker of [0, 1]) {
      const heard = pool.runWith({ worker: 0 }, hearsOfAbort, { worker }, false);
      assertEquals(await soon(heard, "the job", 30_000), true);
    }
  },
);

for (const fn of [nestSettled, nestSyncSettled]) {
  test(`A nested job is begun anew after a crash, where asked, by ${fn.name}`, {
    timeout,
    // Who blocks there does not hear of the worker that begins meanwhile.
    skip: RUNTIME === "browser" && fn === nestSyncSettled,
  }, async () => {
    await using pool = new Pool({ workers: 2 });
    using gate = new Gate();
    const calls = [[{ worker: 1, retry: 2 }, dieOnce, gate.file("died")], [{}, add, 1, 2]] as const;
    const outcome = pool.runWith({ worker: 0 }, fn as typeof nestSettled, calls);
    assertEquals(await soon(outcome, "the second attempt"), ["lived", 3]);
    assertEquals(pool.stats().crashes, 1);
  });
}

test("Nested jobs take formats", { timeout }, async () => {
  await using pool = new Pool({ workers: 1 });
  const value = { when: new Date(0), gone: undefined };
  const calls = [
    [{ format: "json" }, echo<unknown>, value],
    [{ format: "string" }, echo<string>, "grüße"],
    [{ format: "bytes" }, echo<Uint8Array>, new Uint8Array([1, 2])],
  ] as const;
  const json = [{ when: "1970-01-01T00:00:00.000Z" }, "grüße", new Uint8Array([1, 2])];
  assertEquals(await pool.run(nest, calls), json);
  assertEquals(await pool.run(nestSync, calls), json);
  // Without a slot the same.
  const many = Array.from({ length: 400 }, () => calls).flat();
  assertEquals((await pool.run(nest, many)).slice(-3), json);
});

test(
  "Nested calls are checked like others, and change nothing where refused",
  { timeout },
  async () => {
    await using pool = new Pool({ workers: 2 });
    const refused = (error: unknown, pattern: RegExp) =>
      assert(pattern.test(String(error)), `${error}`);
    await assertRejects(() => pool.run(nest, [[{ worker: 2 }, add, 1, 2]]), RangeError, "worker 2");
    const [json] = await pool.run(nestSettled, [[{ format: "string" }, echo<unknown>, "x"]]);
    assertEquals(json, "x");
    refused(
      await pool.run(nest, [[{ format: "string" }, echo<unknown>, 5]]).catch((error) => error),
      /NotSerializableError.*args\[0\]/,
    );
    assertEquals(await pool.run(nest, [[{}, add, 1, 2]]), [3]);
  },
);
