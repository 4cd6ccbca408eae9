import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLess,
  assertLessOrEqual,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import { closure, Pool, UnregisteredFunctionError } from "../../mod.ts";
import { deepInTheWorker, echo, increment, never, sleep, whoami } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Random, seed } from "../support/random.ts";
import { Gate, soon, until } from "../support/gate.ts";

/** All that an iterable gives. */
async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of results) values.push(value);
  return values;
}

/** An endless input that counts. */
class Endless {
  pulled = 0;
  closed = 0;
  *sync(): Generator<number> {
    try {
      for (;;) yield this.pulled++;
    } finally {
      this.closed++;
    }
  }
  async *async(): AsyncGenerator<number> {
    yield* this.sync();
  }
}

test("Pool.stream gives the results in the order of the items, whatever finishes first", async () => {
  const random = new Random(seed("stream order"));
  await using pool = new Pool({ workers: 2 });
  const times = Array.from({ length: 200 }, () => random.below(5));
  const results = await all(pool.stream(
    closure(async (ms: number, i: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return i;
    }),
    times,
  ));
  assertEquals(results, [...times.keys()]);
});

test("Pool.stream gives every result once, as it is done, where order is of no interest", async () => {
  await using pool = new Pool({ workers: 2 });
  const numbers = Array.from({ length: 10_000 }, (_, i) => i);
  const results = await all(pool.stream(increment, numbers, { ordered: false }));
  assertEquals(results.sort((a, b) => a - b), numbers.map((n) => n + 1));
  const naps = pool.stream(sleep as (ms: number, i: number) => Promise<number>, [200, 1], {
    ordered: false,
    chunk: 1,
  });
  assertEquals(await all(naps), [1, 0]);
});

test("Pool.stream pulls a bounded number ahead of a slow reader", async () => {
  await using pool = new Pool({ workers: 2 });
  for (const kind of ["sync", "async"] as const) {
    for (const ordered of [true, false]) {
      const input = new Endless();
      let read = 0;
      for await (const _ of pool.stream(echo, input[kind](), { window: 20, ordered })) {
        read++;
        assertLessOrEqual(input.pulled, read + 20);
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (read === 60) break;
      }
      assertEquals(input.closed, 1);
      const { pulled } = input;
      await new Promise((resolve) => setTimeout(resolve, 10));
      assertEquals(input.pulled, pulled);
    }
  }
});

test("Pool.stream has a window by default", async () => {
  await using pool = new Pool({ workers: 2 });
  for (const kind of ["sync", "async"] as const) {
    const input = new Endless();
    let read = 0;
    for await (const _ of pool.stream(echo, input[kind]())) {
      read++;
      assertLessOrEqual(input.pulled, read + 1024);
      if (read % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      if (read === 20_000) break;
    }
  }
});

test("Pool.stream takes nothing before it is read, and one item at a time where told so", async () => {
  await using pool = new Pool({ workers: 2 });
  const input = new Endless();
  const results = pool.stream(echo, input.async(), { window: 1 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(input.pulled, 0);
  for (let i = 0; i < 5; i++) {
    assertEquals(await results.next(), { done: false, value: i });
    assertEquals(input.pulled, i + 1);
  }
  await results.return!();
  assertEquals(input.closed, 1);
});

test("Pool.stream sends an item on while the next one is awaited", async () => {
  await using pool = new Pool({ workers: 2 });
  async function* rare() {
    for (let i = 0; i < 500; i++) yield i;
    await new Promise(() => {});
  }
  const results = pool.stream(increment, rare());
  for (let i = 0; i < 500; i++) {
    assertEquals((await soon(results.next(), "a result")).value, i + 1);
  }
  await soon(results.return!(), "the end, though the input waits");
});

test("Pool.stream ends when it is left: closes the input, gives up what is queued", async () => {
  await using pool = new BriefPool({ workers: 2 });
  const input = new Endless();
  for await (const _ of pool.stream(closure((n: number) => n), input.sync())) break;
  assertEquals(input.closed, 1);
  const stuck = pool.stream(never as (n: number) => Promise<never>, input.sync());
  const waiting = stuck.next();
  await soon(stuck.return!(), "the end");
  assertEquals(await soon(waiting, "the reader"), { done: true, value: undefined });
  await until(() => pool.stats().pending === 0, "the end of all jobs");
  assertEquals(await stuck.next(), { done: true, value: undefined });
});

test("Pool.stream that is left lets workers finish the items that they have begun", async () => {
  using gate = new Gate();
  await using pool = new Pool({ workers: 2 });
  const threads = await pool.broadcast(whoami);
  const file = gate.file("began");
  const long = closure(async (n: number) => {
    const { appendFileSync } = await import("node:fs");
    appendFileSync(file, `${n}\n`);
    const end = performance.now() + (n === 0 ? 0 : 150);
    while (performance.now() < end);
  }, { file });
  const chunked = pool.stream(long, Array.from({ length: 100 }, (_, i) => i), { chunk: 1 });
  for await (const _ of chunked) break;
  await new Promise((resolve) => setTimeout(resolve, 300));
  assertEquals(await pool.broadcast(whoami), threads);
  assertEquals(pool.stats().replaced, 0);
  assertLess(gate.lines("began").length, 20);
});

test("Pool.stream that is left stops chunks between two items", async () => {
  await using pool = new Pool({ workers: 1 });
  const slow = closure((_: number) => {
    const kept = globalThis as { slowItems?: number };
    kept.slowItems = (kept.slowItems ?? 0) + 1;
    const end = performance.now() + 20;
    while (performance.now() < end);
    return kept.slowItems;
  });
  const results = pool.stream(slow, new Endless().sync(), { chunk: 200, window: 200 });
  const first = results.next();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await results.return!();
  assertEquals((await first).done, true);
  assertLess(await pool.run(slow, 0), 100);
});

test("Pool.stream that is left before it is read never runs, nor begins its input", async () => {
  await using pool = new Pool({ workers: 1 });
  const input = new Endless();
  const results = pool.stream(echo, input.sync());
  await results.return!();
  assertEquals(await results.next(), { done: true, value: undefined });
  assertEquals(input.pulled, 0);
});

test("Pool.stream throws from a loop that is left what closing the input throws", async () => {
  await using pool = new Pool({ workers: 1 });
  async function* input() {
    try {
      for (;;) yield 1;
    } finally {
      // deno-lint-ignore no-unsafe-finally
      throw new RangeError("cannot close");
    }
  }
  await assertRejects(
    async () => {
      for await (const _ of pool.stream(echo, input(), { window: 1 })) break;
    },
    RangeError,
    "cannot close",
  );
});

test("Pool.stream throws a failure behind all results before it, and stops", async () => {
  await using pool = new Pool({ workers: 2 });
  const input = new Endless();
  const picky = closure((n: number) => {
    if (n >= 100) throw new RangeError(`not ${n}`);
    return n;
  });
  const seen: number[] = [];
  await assertRejects(
    async () => {
      for await (const n of pool.stream(picky, input.sync())) seen.push(n);
    },
    RangeError,
    "not 100",
  );
  assertEquals(seen, Array.from({ length: 100 }, (_, i) => i));
  assertEquals(input.closed, 1);
  await until(() => pool.stats().pending === 0, "the end of all jobs");
});

test("Pool.stream's errors have the stack of both sides", async () => {
  await using pool = new Pool({ workers: 1 });
  async function whoReads(): Promise<void> {
    for await (const _ of pool.stream(deepInTheWorker, [1]));
  }
  const { stack = "" } = await assertRejects(() => whoReads(), Error, "from below");
  assertStringIncludes(stack, "deepInTheWorker");
  assertStringIncludes(stack, "whoReads");
});

test("Pool.stream without order throws the first failure in time", async () => {
  await using pool = new BriefPool({ workers: 2 });
  const input = closure(async (n: number) => {
    if (n === 0) await new Promise(() => {});
    throw new RangeError("not that");
  });
  const results = pool.stream(input, [0, 1, 2], { ordered: false, chunk: 1 });
  await assertRejects(() => soon(results.next(), "the failure"), RangeError, "not that");
  assertEquals(await results.next(), { done: true, value: undefined });
  await until(() => pool.stats().pending === 0, "the end of all jobs");
});

test("Pool.stream throws what its input throws, behind all results before it", async () => {
  await using pool = new Pool({ workers: 2 });
  function* breaks() {
    for (let i = 0; i < 1000; i++) yield i;
    throw new RangeError("the input broke");
  }
  async function* breaksToo() {
    yield* breaks();
  }
  for (const isAsync of [false, true]) {
    let count = 0;
    await assertRejects(
      async () => {
        for await (const _ of pool.stream(echo, isAsync ? breaksToo() : breaks())) count++;
      },
      RangeError,
      "broke",
    );
    assertEquals(count, 1000);
  }
});

test("Pool.stream takes calls of next before the last has resolved", async () => {
  await using pool = new Pool({ workers: 2 });
  const results = pool.stream(increment, [1, 2, 3]);
  const five = await Promise.all(Array.from({ length: 5 }, () => results.next()));
  assertEquals(five.map(({ value }) => value), [2, 3, 4, undefined, undefined]);
  assertEquals(five.map(({ done }) => done), [false, false, false, true, true]);
});

test("Pool.stream throws the reason of an aborted signal, and stops", async () => {
  await using pool = new Pool({ workers: 2 });
  const reason = new Error("enough");
  const controller = new AbortController();
  const input = new Endless();
  const results = pool.stream(increment, input.sync(), { signal: controller.signal });
  assertEquals((await results.next()).value, 1);
  controller.abort(reason);
  assertEquals(await results.next().catch((error) => error), reason);
  assertEquals(await results.next(), { done: true, value: undefined });
  assertEquals(input.closed, 1);
  await until(() => pool.stats().pending === 0, "the end of all jobs");
  const waiting = new AbortController();
  const stuck = pool.stream(sleep, [10_000], { signal: waiting.signal });
  const next = stuck.next();
  setTimeout(() => waiting.abort(reason), 5);
  assertEquals(await soon(next.catch((error) => error), "the abort"), reason);
  const late = pool.stream(increment, input.sync(), { signal: AbortSignal.abort(reason) });
  const { pulled } = input;
  assertEquals(await late.next().catch((error) => error), reason);
  assertEquals(input.pulled, pulled);
});

test("Pool.stream of a fixed chunk calls the function for so many items in a row", async () => {
  await using pool = new Pool({ workers: 2 });
  const numbers = Array.from({ length: 103 }, (_, i) => i);
  // Items of one chunk are copied together: what they share, they still share.
  const shared = {};
  const together = closure((item: object, index: number) => {
    const books = globalThis as { last?: object };
    const isSame = books.last === item;
    books.last = item;
    return isSame ? -1 : index;
  });
  const inputs = () => [
    numbers.map(() => shared),
    numbers.map(() => shared).values(),
    (async function* () {
      for (const _ of numbers) yield shared;
    })(),
  ];
  for (const input of inputs()) {
    const firsts = (await all(pool.stream(together, input, { chunk: 10 }))).filter((i) => i >= 0);
    assertEquals(firsts, [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  }
});

test("Pool.stream refuses at once what makes no sense", async () => {
  await using pool = new Pool({ workers: 1 });
  // deno-lint-ignore no-explicit-any
  const any = (value: unknown): any => value;
  assertThrows(() => pool.stream((n: number) => n, [1]), UnregisteredFunctionError);
  assertThrows(() => pool.stream(increment, any(5)), TypeError, "from 5");
  const refused: [unknown, string][] = [
    [{ ordered: 1 }, "ordered 1"],
    [{ window: 0 }, "window 0"],
    [{ chunk: 10, window: 9 }, "window 9"],
    [{ chunk: -1 }, "chunk -1"],
    [{ signal: 1 }, "signal 1"],
    [{ order: true }, "option order of stream"],
  ];
  for (const [options, message] of refused) {
    const error = assertThrows(() => pool.stream(increment, [1], any(options)), Error);
    assert(error.message.includes(message), error.message);
  }
});

test("Pool.stream keeps memory flat on endless input", async () => {
  await using pool = new Pool({ workers: 2 });
  const input = new Endless();
  let read = 0;
  const bytes = closure((_: number) => new Uint8Array(10_000));
  let most = 0;
  for await (const _ of pool.stream(bytes, input.sync(), { window: 64 })) {
    most = Math.max(most, pool.stats().memory.used);
    if (++read === 20_000) break;
  }
  assertLess(most, 4 << 20);
});
