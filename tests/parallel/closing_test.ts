import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "../../deps.ts";
import { Pool, PoolClosedError } from "../../mod.ts";
import { increment } from "../fixtures/tasks.ts";
import { soon } from "../support/gate.ts";

/** Gives some numbers, and then nothing more for ever. */
class Silent implements AsyncIterableIterator<number> {
  readonly #count: number;
  #given = 0;
  closed = false;

  constructor(count: number) {
    this.#count = count;
  }

  next(): Promise<IteratorResult<number>> {
    if (this.#given === this.#count) return new Promise(() => {});
    return Promise.resolve({ done: false, value: this.#given++ });
  }

  return(): Promise<IteratorResult<number>> {
    this.closed = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

async function readAll(results: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of results);
}

const WAYS: Record<string, (pool: Pool, input: Silent) => Promise<unknown>> = {
  map: (pool, input) => pool.map(increment, input),
  stream: (pool, input) => readAll(pool.stream(increment, input)),
  "stream without order": (pool, input) =>
    readAll(pool.stream(increment, input, { ordered: false })),
};

for (const end of ["close", "terminate"] as const) {
  for (const [name, begin] of Object.entries(WAYS)) {
    for (const lazy of [false, true]) {
      const what = `Pool.${end} ends a ${name} that waits for its input`;
      test(`${what}${lazy ? ", of a lazy pool" : ""}`, async () => {
        for (const count of [0, 3]) {
          const pool = new Pool({ workers: 1, lazy });
          const input = new Silent(count);
          const results = assertRejects(() => begin(pool, input), PoolClosedError);
          if (!lazy) await pool.ready;
          await new Promise((resolve) => setTimeout(resolve, 20));
          await soon(pool[end](), "the end");
          await soon(results, "the failure");
          assert(input.closed);
        }
      });
    }
  }
}

test("Pool.close lets what has its whole input finish", async () => {
  const pool = new Pool({ workers: 2 });
  const results = pool.map(increment, [1, 2]);
  await pool.ready;
  await pool.close();
  assertEquals(await results, [2, 3]);
});

test("Pool.stream that is first read after the pool's end fails", async () => {
  const pool = new Pool({ workers: 1 });
  const results = pool.stream(increment, new Silent(0));
  await pool.close();
  await soon(assertRejects(() => results.next(), PoolClosedError), "the failure");
});
