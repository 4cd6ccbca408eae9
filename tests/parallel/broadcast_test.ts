import { test } from "node:test";
import { assertEquals, assertRejects } from "../../deps.ts";
import {
  closure,
  NotSerializableError,
  Pool,
  QueueFullError,
  UnregisteredFunctionError,
} from "../../mod.ts";
import { add, count, fail, whoami } from "../fixtures/tasks.ts";

test("Pool.broadcast runs a function once on every worker", async () => {
  await using pool = new Pool({ workers: 3 });
  assertEquals(new Set(await pool.broadcast(whoami)).size, 3);
  const counts = await pool.broadcast(count);
  assertEquals(counts.map(({ count }) => count), [1, 1, 1]);
  assertEquals(
    (await pool.broadcast(count)).map(({ thread }) => thread),
    counts.map(({ thread }) => thread),
  );
  assertEquals(await pool.broadcast(add, 1, 2), [3, 3, 3]);
});

test("Pool.broadcast gives the results in the order of the workers", async () => {
  await using pool = new Pool({ workers: 2 });
  const threads = await Promise.all([0, 1].map((worker) => pool.runWith({ worker }, whoami)));
  assertEquals(await pool.broadcast(whoami), threads);
});

test("Pool.broadcast rejects with the first failure, once all have settled", async () => {
  await using pool = new Pool({ workers: 2 });
  await assertRejects(() => pool.broadcast(fail, "no"), Error, "no");
  assertEquals(pool.stats().pending, 0);
  await assertRejects(() => pool.broadcast((n: number) => n, 1), UnregisteredFunctionError);
  const echo = closure((value: unknown) => value);
  await assertRejects(() => pool.broadcast(echo, () => {}), NotSerializableError);
});

test("Pool.broadcast runs on all workers or is refused", async () => {
  await using pool = new Pool({ workers: 2, queue: { capacity: 1, whenFull: "reject" } });
  await assertRejects(() => pool.broadcast(count), QueueFullError);
  for (const worker of [0, 1]) assertEquals((await pool.runWith({ worker }, count)).count, 1);
});

test("Pool.broadcast gives up what has begun where an argument can be sent but once", async () => {
  await using pool = new Pool({ workers: 2 });
  let reads = 0;
  const once = {
    get value() {
      if (reads++ > 0) throw new RangeError("read before");
      return 1;
    },
  };
  const echo = closure((value: unknown) => value);
  await assertRejects(() => pool.broadcast(echo, once), NotSerializableError, "read before");
  assertEquals(pool.stats().pending, 0);
  assertEquals(await pool.broadcast(add, 1, 2), [3, 3]);
});
