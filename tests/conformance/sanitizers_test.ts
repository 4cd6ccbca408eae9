/**
 * Deno's own tests watch that a test leaves no operation and no resource behind and does
 * not end the process. `node:test` does not: these tests are Deno's on Deno.
 *
 * @module
 */
import { test } from "node:test";
import { initialize, Pool, shutdown, Task } from "../../mod.ts";
import { assertEquals, assertRejects } from "../../deps.ts";
import { add, fail, increment, sleep } from "../fixtures/tasks.ts";
import { fib, fibSync } from "../fixtures/nested_tasks.ts";

interface DenoTest {
  readonly name: string;
  readonly fn: () => Promise<void>;
  readonly sanitizeOps: true;
  readonly sanitizeResources: true;
  readonly sanitizeExit: true;
}

const { Deno } = globalThis as { Deno?: { test(definition: DenoTest): void } };

/** A test that has to leave nothing behind. */
function clean(name: string, fn: () => Promise<void>): void {
  if (Deno === undefined) {
    test(name, { skip: "only Deno watches what tests leave behind" }, fn);
    return;
  }
  Deno.test({ name, fn, sanitizeOps: true, sanitizeResources: true, sanitizeExit: true });
}

clean("Pool passes Deno's sanitizers after calls", async () => {
  await using pool = new Pool({ workers: 2 });
  assertEquals(await pool.run(increment, 1), 2);
  assertEquals(await Promise.all([1, 2, 3].map((n) => pool.run(add, n, n))), [2, 4, 6]);
  await assertRejects(() => pool.run(fail, "as told"), Error, "as told");
});

clean("Pool passes Deno's sanitizers after nothing at all", async () => {
  await using pool = new Pool({ workers: 2 });
  assertEquals(pool.stats().pending, 0);
});

clean("Pool passes Deno's sanitizers after a Task, map, stream, nested work", async () => {
  await using pool = new Pool({ workers: 2 });
  const task = pool.task<number>();
  for (let i = 0; i < 50; i++) task.run(increment, i);
  assertEquals((await task.get()).at(-1), 50);
  assertEquals(await pool.map(increment, [1, 2, 3]), [2, 3, 4]);
  const streamed: number[] = [];
  for await (const n of pool.stream(increment, [4, 5])) streamed.push(n);
  assertEquals(streamed, [5, 6]);
  assertEquals(await Promise.all([pool.run(fib, 8), pool.run(fibSync, 8)]), [21, 21]);
  assertEquals(await pool.iter(10).map(increment).toArray(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

clean("Pool passes Deno's sanitizers after timeouts, aborts and termination", async () => {
  {
    await using pool = new Pool({ workers: 1 });
    await assertRejects(() => pool.runWith({ timeout: 20 }, sleep, 60_000, 1));
    const controller = new AbortController();
    const aborted = pool.runWith({ signal: controller.signal }, sleep, 60_000, 1);
    controller.abort();
    await assertRejects(() => aborted);
  }
  const pool = new Pool({ workers: 1 });
  const refused = assertRejects(() => pool.run(sleep, 60_000, 1));
  await pool.ready;
  await pool.terminate();
  await refused;
});

clean("initialize and shutdown pass Deno's sanitizers", async () => {
  await initialize({ workers: 2 });
  const task = new Task<number>();
  task.run(increment, 1);
  assertEquals(await task.get(), [2]);
  await shutdown();
});
