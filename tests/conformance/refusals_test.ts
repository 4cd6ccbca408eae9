/**
 * What is refused before anything happens: each with what was given and the way out.
 *
 * @module
 */
import { test } from "node:test";
import { closure, type JobOptions, Pool, type PoolOptions, register } from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../deps.ts";
import { increment } from "../fixtures/tasks.ts";

const refused: [given: unknown, message: string][] = [
  [{ name: 5 }, "Cannot use name 5: it must be a string"],
  [{ preload: "./users.ts" }, 'Cannot use preload "./users.ts": it must be an array'],
  [{ preload: ["./users.ts"] }, 'Cannot preload "./users.ts": pass an absolute URL'],
  [{ worker: "./worker.ts" }, 'Cannot use worker "./worker.ts": pass an absolute URL'],
  [{ traceId: 5 }, "Cannot use traceId 5: it must be a function"],
];
for (const [given, message] of refused) {
  test(`Pool refuses ${JSON.stringify(given)}`, () => {
    assertThrows(() => new Pool(given as PoolOptions), TypeError, message);
  });
}

test("closure refuses to capture what is no name of a variable", () => {
  assertThrows(() => closure(() => 1, { "a-b": 1 }), TypeError, 'Cannot capture "a-b"');
});

test("register refuses what is no function", () => {
  const members = { answer: 42 } as unknown as Record<string, () => void>;
  assertThrows(() => register("file:///m.ts", members), TypeError, "Cannot register answer of");
});

test("Pool.runWith refuses to go without options", async () => {
  await using pool = new Pool({ workers: 1, lazy: true });
  const none = undefined as unknown as JobOptions;
  await assertRejects(
    async () => await pool.runWith(none, increment, 1),
    TypeError,
    "Cannot use undefined as options of runWith",
  );
});

test("Pool.stream refuses what cannot be iterated over", async () => {
  await using pool = new Pool({ workers: 1, lazy: true });
  const input = 5 as unknown as number[];
  await assertRejects(
    async () => {
      for await (const _ of pool.stream(increment, input)) assert(false);
    },
    TypeError,
    "5",
  );
});

test("Pool.task gives null once the pool is closed, to whoever asks for the load", async () => {
  const pool = new Pool({ workers: 1, lazy: true });
  await pool.close();
  assertEquals(pool.task({ maxLoadAverage: 1 }), null);
  assertThrows(() => pool.task(), Error, "closed");
});
