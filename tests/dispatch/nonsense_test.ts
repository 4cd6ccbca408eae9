import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "../../deps.ts";
import { MulticoreError, type Pool } from "../../mod.ts";
import { BLOCK, FAILED, HANDED_BACK, INLINE } from "../../src/task/payload_kind.ts";
import {
  ABANDONED,
  DONE,
  FREE,
  NOBODY,
  READY,
  RETIRED,
  RUNNING,
} from "../../src/transport/slot.ts";
import {
  describeFalsely,
  endIn,
  pushTwice,
  pushWord,
  reportInCircles,
  reportWord,
} from "../fixtures/hostile_tasks.ts";
import { increment, makeBytes, sleep } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { soon } from "../support/gate.ts";

/** The pool works as if nothing had been. */
async function worksOn(pool: Pool): Promise<void> {
  const jobs = Array.from({ length: 100 }, (_, i) => pool.run(increment, i));
  const results = await soon(Promise.all(jobs), "jobs after nonsense", 5000);
  assertEquals(results, Array.from({ length: 100 }, (_, i) => i + 1));
  assertEquals((await soon(pool.run(makeBytes, 5000, 1), "bytes", 5000)).length, 5000);
}

test("Pool rejects a job whose worker describes a result that cannot be", async () => {
  await using pool = new BriefPool({ workers: 1 });
  for (const kind of [HANDED_BACK, 8, 9, 15, HANDED_BACK | FAILED]) {
    const job = pool.run(describeFalsely, kind, -1, 0);
    await assertRejects(
      () => soon(job, "the refusal", 5000),
      MulticoreError,
      "Cannot read a result",
    );
  }
  for (const kind of [INLINE, INLINE | FAILED, BLOCK, BLOCK | FAILED]) {
    for (const length of [5000, 2 ** 31 - 1, -1]) {
      const job = pool.run(describeFalsely, kind, 2 ** 31 - 1, length);
      await assertRejects(() => soon(job, "the refusal", 5000), MulticoreError, "Cannot ");
    }
  }
  await worksOn(pool);
  assertEquals([pool.stats().pending, pool.stats().crashes], [0, 0]);
});

test("Pool rejects a job whose worker names a runner that there is not", async () => {
  await using pool = new BriefPool({ workers: 1 });
  for (const runner of [-1, 7, 253, 254]) {
    const job = pool.run(endIn, DONE, runner, 0);
    await assertRejects(() => soon(job, "the refusal", 5000), MulticoreError, "nonsense");
  }
  const job = pool.run(endIn, RETIRED, undefined, 0);
  await assertRejects(() => soon(job, "the refusal", 5000), MulticoreError, "nonsense");
  await worksOn(pool);
  assertEquals(pool.stats().pending, 0);
});

test("Pool rejects a job that comes back in a state that cannot be", async () => {
  await using pool = new BriefPool({ workers: 1 });
  const states = [[DONE, 1], [FREE, 0], [FREE, 1], [READY, 1], [RUNNING, -1], [9, 0], [15, 0]];
  for (const [phase, later] of states) {
    const job = pool.run(endIn, phase!, undefined, later!);
    await assertRejects(() => soon(job, "the refusal", 5000), MulticoreError, "nonsense");
  }
  await worksOn(pool);
  assertEquals(pool.stats().pending, 0);
});

test("Pool leaves a slot alone that comes back while somebody may be at it", async () => {
  await using pool = new BriefPool({ workers: 1 });
  const held: Promise<unknown>[] = [];
  for (const phase of [READY, RUNNING, ABANDONED]) {
    const job = pool.run(endIn, phase, phase === READY ? NOBODY : undefined, 0);
    held.push(assertRejects(() => job, MulticoreError));
    await worksOn(pool);
    assertEquals(pool.stats().pending, held.length);
  }
  await pool.terminate();
  await soon(Promise.all(held), "the end of what was held up", 5000);
});

test("Pool settles all other jobs where a worker puts a word on the stack that names no slot", async () => {
  await using pool = new BriefPool({ workers: 1 });
  const lost: Promise<unknown>[] = [];
  // The positive ones are links to slots that were never used, but follow from no link below.
  for (const word of [3_000_000, 50_000, -1, -(2 ** 31)]) {
    lost.push(pool.run(pushWord, word));
    await worksOn(pool);
    assertEquals(pool.stats().pending, lost.length);
  }
  // They come to light when their worker ends.
  await pool.terminate();
  await soon(Promise.all(lost), "the jobs that did not come back", 5000);
});

test("Pool settles all other jobs where a worker puts a word on the stack that is a wrong link", async () => {
  await using pool = new BriefPool({ workers: 1 });
  const perhaps: Promise<unknown>[] = [];
  // Slots that are free, in use, and the job's own, by links that were or that never will be.
  const words = [0, 1, 4095, 4096, 4097, 904, 1023, 3_002_000, -1, -(2 ** 31), 2 ** 31 - 4096];
  for (const word of words) {
    perhaps.push(pool.run(pushWord, word));
    await worksOn(pool);
  }
  // Those that did not come back by a link of an earlier time do so when their worker ends.
  await pool.terminate();
  const results = await soon(Promise.all(perhaps), "the jobs that were not pushed", 5000);
  assertEquals(results, words.map(() => "never seen"));
});

test("Pool settles a job once whose slot comes back twice", async () => {
  await using pool = new BriefPool({ workers: 1 });
  assertEquals(await pool.run(pushTwice), "twice");
  await soon(pool.run(sleep<number>, 60, 1), "the second time", 5000);
  await worksOn(pool);
  assertEquals(pool.stats().pending, 0);
});

test("Pool goes on where reports lead in a circle, or nowhere", async () => {
  await using pool = new BriefPool({ workers: 1 });
  const told = new Set<unknown>();
  const onProgress = (value: unknown) => void told.add(value);
  const options = { onProgress, timeout: 10_000 };
  const circle = await soon(pool.runWith(options, reportInCircles), "the circle", 8000);
  assertEquals(circle, "reported");
  assert(told.has(2));
  for (const word of [1, -1, 2 ** 31 - 1, (200 << 24) | 1, (1 << 24) | 0xffffff]) {
    const job = pool.runWith(options, reportWord, word);
    assertEquals(await soon(job, "the job", 5000), "reported");
  }
  await worksOn(pool);
  assertEquals(pool.stats().pending, 0);
});
