/**
 * Shows that costs stay linear: the same work ten times over, in one process. The
 * ratio is the cost of one item among all by its cost among a tenth of them; one
 * is linear. Growth is that of the process's resident memory over the whole.
 *
 * Ends with status 1 where a ratio says that something is scanned again and
 * again, or where memory that should be given back is not.
 *
 * @module
 */
import process from "node:process";
import { Pool } from "../mod.ts";
import * as tasks from "./contenders/multicore_tasks.ts";
import { collectGarbage, PROCESSORS, RUNTIME, VERSION } from "./harness/platform.ts";

/** Caches that larger numbers leave behind cost some; a quadratic scan would show as ten. */
const MOST = 3;
const MIB = 2 ** 20;

interface Case {
  readonly what: string;
  readonly items: number;
  /** Does the work with so many items. @returns Milliseconds that it took. */
  work(items: number): Promise<number>;
  /** Most MiB that the process may have grown by after the whole, once garbage is collected. */
  readonly growth?: number;
}

/** @returns Milliseconds. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** A function that holds the only worker, so that all that follows has to wait. */
async function held<R>(pool: Pool, work: () => R): Promise<R> {
  const holding = pool.run(tasks.busy, 50);
  const result = work();
  await holding;
  return result;
}

async function stream(items: number): Promise<number> {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  return await time(async () => {
    for (let done = 0; done < items; done += 1000) {
      const batch = Array.from({ length: 1000 }, (_, i) => pool.run(tasks.same, i));
      if ((await Promise.all(batch))[999] !== 999) throw new Error("a result is wrong");
    }
  });
}

async function promises(items: number): Promise<number> {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  return await time(async () => {
    const all = await Promise.all(Array.from({ length: items }, (_, i) => pool.run(tasks.same, i)));
    if (all.some((value, i) => value !== i)) throw new Error("a result is wrong");
  });
}

async function queue(items: number): Promise<number> {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  const task = pool.task<number>();
  return await time(() =>
    held(pool, async () => {
      for (let i = 0; i < items; i++) task.run(tasks.same as (n: number) => number, i);
      if ((await task.get()).length !== items) throw new Error("results are missing");
    })
  );
}

async function abort(items: number): Promise<number> {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  const controller = new AbortController();
  const options = { signal: controller.signal };
  return await time(() =>
    held(pool, async () => {
      const all = Array.from({ length: items }, (_, i) => pool.runWith(options, tasks.same, i));
      const settled = Promise.allSettled(all);
      controller.abort();
      await settled;
    })
  );
}

async function giveUp(items: number): Promise<number> {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  return await held(pool, async () => {
    const all = Array.from({ length: items }, (_, i) => {
      const task = pool.task<unknown>();
      task.run(tasks.same, i);
      const controller = new AbortController();
      const ended = task.get({ signal: controller.signal }).catch(() => {});
      return { controller, ended };
    });
    return await time(async () => {
      for (const { controller } of all) controller.abort();
      await Promise.all(all.map(({ ended }) => ended));
    });
  });
}

async function pools(items: number): Promise<number> {
  return await time(async () => {
    const all = Array.from({ length: items }, () => new Pool({ workers: 1 }));
    const sums = await Promise.all(all.map((pool, i) => pool.run(tasks.same, i)));
    if (sums.some((value, i) => value !== i)) throw new Error("a result is wrong");
    await Promise.all(all.map((pool) => pool.close()));
  });
}

const CASES: readonly Case[] = [
  { what: "jobs, 1,000 at a time", items: 10_000_000, work: stream, growth: 64 },
  { what: "promises at once", items: 1_000_000, work: promises },
  { what: "jobs of a task that wait", items: 1_000_000, work: queue },
  { what: "waiting jobs that one signal aborts", items: 100_000, work: abort },
  { what: "waiting tasks, given up one by one", items: 100_000, work: giveUp },
  { what: "pools open at a time", items: 100, work: pools },
];

const count = (n: number) => n.toLocaleString("en").padStart(10);

console.log(`${RUNTIME} ${VERSION}, ${PROCESSORS} processors`);
for (const { what, items, work, growth } of CASES) {
  await work(items / 10); // warms up
  const few = await work(items / 10);
  collectGarbage();
  const before = process.memoryUsage.rss();
  const many = await work(items);
  collectGarbage();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const grown = (process.memoryUsage.rss() - before) / MIB;
  const ratio = many / (10 * few);
  const fails = ratio > MOST || (growth !== undefined && grown > growth);
  console.log(
    `${fails ? "FAILS" : "ok   "} ${count(items)} ${what}: ${
      (1000 * many / items).toFixed(2)
    } µs each, ` +
      `ratio ${ratio.toFixed(2)} (at most ${MOST}), memory ${grown.toFixed(0)} MiB` +
      `${growth === undefined ? "" : ` (at most ${growth})`}`,
  );
  if (fails) process.exitCode = 1;
}
