import { test } from "node:test";
import { assertEquals, assertRejects } from "../../deps.ts";
import { closure, NotSerializableError, Pool, UnregisteredFunctionError } from "../../mod.ts";
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
