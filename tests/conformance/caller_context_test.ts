import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "../../deps.ts";
import { closure, Pool, PoolClosedError, Task, WorkerCrashedError } from "../../mod.ts";
import {
  dieUntil,
  type JobSeen,
  reportMany,
  see,
  seeByFormat,
  seeInArray,
  seeInside,
  seeInsideSync,
  seeThrough,
  seeTwice,
} from "../fixtures/job_tasks.ts";
import { add, exitProcess, fail, increment, sleep } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { soon } from "../support/gate.ts";

const request = new AsyncLocalStorage<string>();

test("traceId carries what the caller has to each of its jobs", async () => {
  const traceId = () => request.getStore();
  await using pool = new Pool({ workers: 2, traceId });
  const traces = await Promise.all(
    Array.from({ length: 100 }, (_, i) => {
      const id = i % 10 === 0 ? undefined : `request ${i} grüße\ud800`;
      const call = async () => {
        const { traceId } = await (i % 2 === 0 ? pool.run(see) : pool.runWith({ retry: 1 }, see));
        const later = (await pool.run(seeTwice, i % 3)).map((seen) => seen.traceId);
        return [traceId, ...later].every((seen) => seen === id)
          ? "right"
          : JSON.stringify([id, traceId, later]);
      };
      return id === undefined ? call() : request.run(id, call);
    }),
  );
  assertEquals(new Set(traces), new Set(["right"]));
});

test("traceId comes with every format, and changes neither arguments nor results", async () => {
  await using pool = new Pool({ workers: 1, traceId: () => "tracé" });
  const { runWith } = pool;
  const run = runWith.bind(pool);
  assertEquals(await run({ format: "json" }, seeByFormat<unknown>, { a: [1] }), { a: [1] });
  assertEquals(await run({ format: "string" }, seeByFormat<string>, "text"), "text");
  const bytes = new Uint8Array([1, 2]);
  assertEquals(await run({ format: "bytes" }, seeByFormat<Uint8Array>, bytes), bytes);
  assertEquals(await run({ borrow: true }, seeByFormat<number>, 7), 7);
  assertEquals(await pool.run(seeByFormat<unknown>, { a: 1n }), { a: 1n });
  assertEquals(await pool.run(seeByFormat<number>, 1), 1);
  assertEquals(await pool.run(seeByFormat<undefined>), undefined);
  // Bare numbers and captured values go before it.
  assertEquals(await pool.run(add, 1, 2), 3);
  const factor = 3;
  assertEquals(await pool.run(closure((n: number) => n * factor, { factor }), 2), 6);
  const large = "x".repeat(100_000);
  assertEquals(await pool.run(seeByFormat<string>, large), large);
});

test("traceId is inherited by jobs inside jobs", async () => {
  let calls = 0;
  await using pool = new Pool({ workers: 2, traceId: () => `call ${++calls}` });
  for (let round = 0; round < 10; round++) {
    for (const run of [() => pool.run(seeInside, 2), () => pool.run(seeInsideSync, 2)]) {
      const traces = await soon(run(), "the jobs inside");
      assertEquals(new Set(traces), new Set([`call ${calls}`]));
      assertEquals(traces.length, 7);
    }
  }
  assertEquals(calls, 20);
});

/** What belongs to the caller of `map`, `stream` and `iter`, wherever it is called from. */
async function seenOver(pool: Pool): Promise<(string | undefined)[]> {
  const seen = new Set<string | undefined>();
  const look = () => void seen.add(request.getStore());
  function* items() {
    for (let i = 0; i < 200; i++) {
      look();
      yield i;
    }
  }
  async function* later() {
    for (const i of items()) yield await Promise.resolve(i);
  }
  const trace = see as (n: number) => JobSeen;
  const traced = ({ traceId }: JobSeen) => void seen.add(traceId);
  (await pool.map(trace, items(), { chunk: 3, onProgress: look })).forEach(traced);
  (await pool.map(trace, later(), { chunk: 3 })).forEach(traced);
  for await (const one of pool.stream(trace, later(), { window: 20 })) traced(one);
  (await pool.iter(items()).flatMap(seeInArray).map(seeThrough).toArray()).forEach(traced);
  return [...seen];
}

test("traceId and what the caller has are there for all items of map, stream and iter", async () => {
  await using pool = new Pool({ workers: 2, traceId: () => request.getStore() });
  const ids = ["a", "b", "c"];
  const seen = await Promise.all(ids.map((id) => request.run(id, () => seenOver(pool))));
  assertEquals(seen, ids.map((id) => [id]));
});

test("traceId is kept through further attempts, and asked for once", async () => {
  let calls = 0;
  await using pool = new Pool({ workers: 1, traceId: () => `call ${++calls}` });
  const died = pool.run(exitProcess, 1);
  await assertRejects(() => soon(died, "the crash"), WorkerCrashedError);
  assertEquals(await soon(pool.runWith({ retry: 2 }, dieUntil, 2), "the second attempt"), 2);
  assertEquals(calls, 2);
  assertEquals((await pool.run(see)).traceId, "call 3");
});

test("traceId comes to jobs that wait for a slot, and to those of a lazy pool", async () => {
  let calls = 0;
  await using pool = new Pool({ workers: 1, lazy: true, traceId: () => String(calls++) });
  const task = pool.task<string | undefined>();
  for (let i = 0; i < 6000; i++) task.run(seeInsideSync as never, 0);
  const traces = (await task.get()).flat();
  assertEquals(traces, Array.from({ length: 6000 }, (_, i) => String(i)));
});

test("traceId that gives no string, or throws, has the call refused, and nothing else", async () => {
  let give: () => unknown = () => 7;
  await using pool = new Pool({ workers: 1, traceId: () => give() as string });
  const refusals: [() => unknown, string][] = [
    [() => 7, "Cannot use traceId 7: the option must give a string or undefined"],
    [() => null, "Cannot use traceId null"],
    [() => {
      throw new TypeError("no id today");
    }, "no id today"],
  ];
  for (const [next, message] of refusals) {
    give = next;
    await assertRejects(() => pool.run(see), TypeError, message);
    await assertRejects(() => pool.runWith({ retry: 1 }, see), TypeError, message);
    const task = pool.task();
    assertThrows(() => task.run(see), TypeError, message);
    assertEquals(await task.get(), []);
  }
  give = () => "again";
  assertEquals((await pool.run(see)).traceId, "again");
  assertEquals(pool.stats().pending, 0);
  // deno-lint-ignore no-explicit-any
  assertThrows(() => new Pool({ traceId: "id" as any }), TypeError, 'traceId "id"');
});

test("traceId that closes the pool has the call refused", async () => {
  let ended: Promise<void> | undefined;
  const pool = new Pool({
    workers: 1,
    traceId: () => {
      ended ??= pool.terminate();
      return "late";
    },
  });
  await assertRejects(() => soon(pool.run(increment, 1), "the refusal"), PoolClosedError);
  await soon(ended!, "the end");
});

test("traceId comes to jobs on the calling thread", async () => {
  await using pool = new BriefPool({ workers: 1, traceId: () => request.getStore() });
  // No load is low enough, so that they run here.
  const inline = pool.task<unknown>({ maxLoadAverage: 0, fallback: "inline" });
  request.run("here", () => inline.run(seeInside, 1));
  inline.run(seeInside, 0);
  assertEquals(await inline.get(), [["here", "here", "here"], [undefined]]);
});

test("AsyncLocalStorage is kept across the ways of waiting", async () => {
  await using pool = new Pool({ workers: 2 });
  const seen = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      request.run(`request ${i}`, async () => {
        const found: unknown[] = [];
        const look = () => found.push(request.getStore());
        look();
        await pool.run(sleep<number>, i % 4, i);
        look();
        const onProgress = () => void look();
        await pool.runWith({ onProgress }, reportMany, 3);
        look();
        const task = pool.task<number>();
        for (let n = 0; n < 3; n++) task.runWith({ onProgress }, reportMany, 1);
        await task.get({ timeout: 20_000 });
        look();
        const more = pool.task<number>();
        for (let n = 0; n < 5; n++) more.run(sleep<number>, (i + n) % 3, n);
        for await (const { index } of more.completed()) {
          void index;
          look();
        }
        const settled = pool.task();
        settled.run(increment, 1);
        await settled.settled();
        look();
        await pool.run(fail, "on purpose").catch(look);
        const failed = pool.task();
        failed.run(sleep<number>, 1, 1);
        failed.getSync();
        look();
        return found;
      })),
  );
  for (const [i, found] of seen.entries()) {
    assertEquals(new Set(found), new Set([`request ${i}`]));
    assertEquals(found.length, 1 + 1 + 3 + 1 + 3 + 1 + 5 + 1 + 1 + 1);
  }
});

test("AsyncLocalStorage is kept in onProgress while somebody else drains", async () => {
  await using pool = new Pool({ workers: 1 });
  const found: unknown[] = [];
  const task = request.run("one", () => {
    const task = pool.task<number>();
    task.runWith({ onProgress: () => void found.push(request.getStore()) }, reportMany, 2);
    return task;
  });
  const other = pool.task<number>();
  other.run(increment, 1);
  request.run("other", () => other.getSync());
  await request.run("third", () => task.get());
  assertEquals(found, ["one", "one"]);
});

test("AsyncLocalStorage is kept in onProgress on the calling thread", async () => {
  const inline = Task.create<number>({ fallback: "inline" });
  const found: unknown[] = [];
  const onProgress = () => void found.push(request.getStore());
  request.run("here", () => inline.runWith({ onProgress }, reportMany, 1));
  await inline.get();
  assertEquals(found, ["here"]);
});
