import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "../../deps.ts";
import { TimeoutExceededError, WorkerCrashedError } from "../../mod.ts";
import {
  busy,
  echo,
  exitLater,
  holdLater,
  increment,
  makeBytes,
  never,
  sleep,
  whoami,
} from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon, until } from "../support/gate.ts";
import { Random, seed } from "../support/random.ts";

test("Pool replaces the worker whose only job holds it after an await", async () => {
  await using pool = new BriefPool({ workers: 1 });
  using gate = new Gate();
  const thread = await pool.run(whoami);
  const held = pool.runWith({ timeout: 100 }, holdLater, gate.path, gate.file("held"));
  await assertRejects(() => held, TimeoutExceededError, "holdLater");
  assert(await soon(pool.run(whoami), "the new worker", 5000) !== thread);
  const { crashes, replaced } = pool.stats();
  assertEquals([crashes, replaced], [0, 1]);
});

test("Pool keeps the worker whose only job sleeps past its timeout", async () => {
  await using pool = new BriefPool({ workers: 1 });
  const thread = await pool.run(whoami);
  await assertRejects(() => pool.runWith({ timeout: 20 }, never), TimeoutExceededError);
  await new Promise((resolve) => setTimeout(resolve, 150));
  assertEquals(await pool.run(whoami), thread);
});

test("Pool accounts for each job of a worker that dies among jobs that await", async () => {
  await using pool = new BriefPool({ workers: 1 });
  const thread = await pool.run(whoami);
  const awaited = Array.from(
    { length: 20 },
    (_, i) =>
      assertRejects(
        () => pool.run(sleep<Uint8Array>, 30_000, new Uint8Array(i * 100)),
        WorkerCrashedError,
        "sleep",
      ),
  );
  await until(() => pool.stats().workers[0]!.awaiting === 20, "the jobs to await");
  const end = assertRejects(() => pool.run(exitLater, 5), WorkerCrashedError, "exitLater");
  await soon(Promise.all([...awaited, end]), "the crash", 5000);
  assert(await soon(pool.run(whoami), "the new worker", 5000) !== thread);
  const { pending, settled, crashes, memory } = pool.stats();
  assertEquals([pending, settled, crashes, memory.used], [0, 23, 1, 0]);
});

test("Pool accounts for each job once, whatever it was in the middle of", async () => {
  const random = new Random(seed("repair"));
  await using pool = new BriefPool({ workers: 2 });
  const kinds: (() => [job: Promise<unknown>, expected: unknown])[] = [
    () => [pool.run(increment, 1), 2],
    () => [pool.run(busy, 1), 1],
    () => [pool.run(sleep<string>, random.below(30), "x".repeat(400)), "x".repeat(400)],
    () => [pool.run(makeBytes, 30_000, 1).then((bytes) => bytes.length), 30_000],
    () => [pool.run(echo<string>, "y".repeat(5000)), "y".repeat(5000)],
    () => [pool.runWith({ priority: "low" }, increment, 2), 3],
    () => [pool.runWith({ worker: random.below(2) }, increment, 3), 4],
  ];
  let jobs = 0;
  for (let round = 0; round < 4; round++) {
    const settled: Promise<void>[] = [];
    for (let i = 0; i < 300; i++, jobs++) {
      if (i % 150 === 75) {
        const job = pool.run(exitLater, random.below(20));
        settled.push(assertRejects(() => job, WorkerCrashedError).then(() => {}));
        continue;
      }
      const [job, expected] = kinds[random.below(kinds.length)]!();
      settled.push(job.then(
        (value) => assertEquals(value, expected),
        (error) => assertInstanceOf(error, WorkerCrashedError),
      ));
    }
    await soon(Promise.all(settled), "every job", 10_000);
  }
  const { pending, queued, settled, memory } = pool.stats();
  assertEquals([pending, queued, settled, memory.used], [0, 0, jobs, 0]);
});

test("JobOptions.retry brings every job through deaths of its worker", async () => {
  const random = new Random(seed("retry"));
  await using pool = new BriefPool({ workers: 1, retry: 50 });
  const ends = Array.from(
    { length: 3 },
    () => assertRejects(() => pool.runWith({ retry: 0 }, exitLater, random.below(10))),
  );
  const jobs = Array.from(
    { length: 100 },
    (_, i) => pool.run(sleep<string>, random.below(5), `${i}`.repeat(200)),
  );
  const results = await soon(Promise.all(jobs), "every job", 10_000);
  results.forEach((result, i) => assertEquals(result, `${i}`.repeat(200)));
  await soon(Promise.all(ends), "the deaths", 5000);
  assertEquals([pool.stats().pending, pool.stats().memory.used], [0, 0]);
});
