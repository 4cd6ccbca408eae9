import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import {
  closure,
  NotSerializableError,
  Pool,
  PoolClosedError,
  remote,
  UnregisteredFunctionError,
} from "../../mod.ts";
import * as chains from "../fixtures/chains.ts";
import { deepInTheWorker, leaveTrace } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon, until } from "../support/gate.ts";

const { double, isEven, add, upTo, endless } = chains;
const isPrime = closure((n: number) => {
  for (let i = 2; i * i <= n; i++) if (n % i === 0) return false;
  return n > 1;
});

test("ParallelIterator counts what passes, over a length", async () => {
  await using pool = new Pool({ workers: 2 });
  assertEquals(await pool.iter(200_000).filter(isPrime).count(), 17_984);
});

test("ParallelIterator gives all values in order", async () => {
  await using pool = new Pool({ workers: 2 });
  const expected = Array.from({ length: 50_000 }, (_, i) => 2 * i).filter((n) => n % 3 === 0);
  const byThree = closure((n: number) => n % 3 === 0);
  assertEquals(await pool.iter(50_000).map(double).filter(byThree).toArray(), expected);
});

test("ParallelIterator iterates over arrays, typed arrays and other iterables", async () => {
  await using pool = new Pool({ workers: 2 });
  const shared = new Int32Array(new SharedArrayBuffer(4000)).map((_, i) => i);
  const inputs: [Iterable<number>, number[]][] = [
    [[1, 2, 3], [2, 4, 6]],
    [new Uint8Array([1, 2, 3]).subarray(1), [4, 6]],
    [shared.subarray(990), [1980, 1982, 1984, 1986, 1988, 1990, 1992, 1994, 1996, 1998]],
    [new Set([3, 1]), [6, 2]],
    [[5, 6].values(), [10, 12]],
    [upTo(3), [0, 2, 4]],
    [[], []],
  ];
  for (const [input, expected] of inputs) {
    assertEquals(await pool.iter(input).map(double).toArray(), expected);
  }
  const strings = pool.iter(["a", "b"]).map(closure((text: string) => text + text));
  assertEquals(await strings.toArray(), ["aa", "bb"]);
  const big = pool.iter(new BigUint64Array([1n, 2n])).map(closure((n: bigint) => n + 1n));
  assertEquals(await big.toArray(), [2n, 3n]);
  const sparse = [1, , 3]; // deno-lint-ignore-line no-sparse-arrays
  assertEquals(await pool.iter(sparse).toArray(), [1, undefined, 3]);
});

test("ParallelIterator may be used many times, and runs anew each time", async () => {
  await using pool = new Pool({ workers: 2 });
  const items = [1, 2, 3];
  const doubled = pool.iter(items).map(double);
  assertEquals(await doubled.toArray(), [2, 4, 6]);
  items.push(4);
  assertEquals(await doubled.take(9).toArray(), [2, 4, 6, 8]);
  assertEquals(await Promise.all([doubled.count(), doubled.drop(3).count()]), [4, 1]);
});

test("ParallelIterator runs nothing before its result is asked for", async () => {
  await using pool = new Pool({ workers: 1, lazy: true });
  let begun = 0;
  const input = {
    *[Symbol.iterator]() {
      begun++;
      yield 1;
    },
  };
  const iterator = pool.iter(input).map(double).filter(isEven).take(1);
  await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals([begun, pool.stats().state], [0, "starting"]);
  assertEquals(await iterator.toArray(), [2]);
});

test("ParallelIterator.take and find end endless iterators", async () => {
  await using pool = new BriefPool({ workers: 2 });
  assertEquals(await pool.iter(Infinity).filter(isPrime).take(5).toArray(), [2, 3, 5, 7, 11]);
  assertEquals(await pool.iter(Infinity).filter(isPrime).drop(5).take(2).toArray(), [13, 17]);
  assertEquals(await pool.iter(Infinity).find(closure((n: number) => n * n > 5000)), 71);
  assertEquals(await pool.iter(3).flatMap(endless).take(3).toArray(), [0, 1, 2]);
  assertEquals(await pool.iter(Infinity).some(isPrime), true);
  assertEquals(await pool.iter(Infinity).every(isPrime), false);
  let closed = 0;
  function* naturals() {
    try {
      for (let i = 0;; i++) yield i;
    } finally {
      closed++;
    }
  }
  assertEquals(await pool.iter(naturals()).map(double).take(3).toArray(), [0, 2, 4]);
  assertEquals(await pool.iter(naturals()).filter(isPrime).take(2).count(), 2);
  assertEquals(await pool.iter(naturals()).find(isPrime), 2);
  assertEquals(closed, 3);
  function* cannotClose() {
    try {
      for (let i = 0;; i++) yield i;
    } finally {
      // deno-lint-ignore no-unsafe-finally
      throw new RangeError("cannot close");
    }
  }
  await assertRejects(() => pool.iter(cannotClose()).take(3).toArray(), RangeError, "cannot close");
  await assertRejects(() => pool.iter(cannotClose()).filter(isPrime).find(isPrime), RangeError);
  await until(() => pool.stats().pending === 0, "the end of all jobs");
});

test("ParallelIterator that stops early gives up what is queued", async () => {
  using gate = new Gate();
  await using pool = new Pool({ workers: 2 });
  const file = gate.file("began");
  const slow = closure(async (n: number) => {
    const { appendFileSync } = await import("node:fs");
    appendFileSync(file, `${n}\n`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    return n === 1;
  }, { file });
  assertEquals(await pool.iter(10_000).find(slow), 1);
  const began = gate.lines("began").length;
  await new Promise((resolve) => setTimeout(resolve, 60));
  assertLess(began, 50);
  assertLess(gate.lines("began").length, began + 10);
});

test("ParallelIterator.reduce folds ranges in order, and those in order again", async () => {
  await using pool = new Pool({ workers: 2 });
  const texts = pool.iter(3000).map(chains.text);
  const expected = Array.from({ length: 3000 }, (_, i) => String(i));
  assertEquals(await texts.reduce(chains.join), expected.join(","));
  assertEquals(await texts.reduce(chains.join, "first"), ["first", ...expected].join(","));
  assertEquals(await pool.iter(1000).reduce(add), 499_500);
  assertEquals(await pool.iter(1000).reduce(chains.addLater, 1), 499_501);
  const numbers = expected.map(Number);
  assertEquals(await pool.iter(3000).reduce(chains.append, [], chains.concat<number>), numbers);
});

test("ParallelIterator.reduce of nothing is the initial value, or an error", async () => {
  await using pool = new Pool({ workers: 1 });
  await assertRejects(() => pool.iter(0).reduce(add), TypeError, "no values");
  await assertRejects(() => pool.iter(5).filter(closure(() => false)).reduce(add), TypeError);
  assertEquals(await pool.iter(0).reduce(add, 7), 7);
  assertEquals(
    await pool.iter([] as (number | undefined)[]).reduce(add as never, undefined),
    undefined,
  );
  assertEquals(await pool.iter(5).filter(closure(() => false)).reduce(add, 7), 7);
  const list: number[] = [];
  assertEquals(await pool.iter(0).reduce(chains.append, list, chains.concat<number>), list);
});

test("ParallelIterator runs remote functions", async () => {
  await using pool = new Pool({ workers: 2 });
  const tasks = remote<typeof chains>(new URL("../fixtures/chains.ts", import.meta.url));
  const squares = pool.iter(10).filter(tasks.isEven).map(tasks.plusIndex);
  assertEquals(await squares.toArray(), [0, 3, 6, 9, 12]);
  assertEquals(await pool.iter(10).reduce(tasks.add), 45);
});

test("ParallelIterator rejects with what the first value in order throws that fails", async () => {
  await using pool = new Pool({ workers: 2 });
  const picky = closure((n: number) => {
    if (n >= 500) throw new RangeError(`not ${n}`);
    return n;
  });
  for (let i = 0; i < 5; i++) {
    await assertRejects(() => pool.iter(5000).map(picky).toArray(), RangeError, "not 500");
  }
  // What is behind the place where it stops is of no interest, though it may have run.
  assertEquals(await pool.iter(5000).map(picky).take(500).count(), 500);
  assertEquals(await pool.iter(5000).filter(picky).take(499).count(), 499);
  assertEquals(await pool.iter(5000).map(picky).find(closure((n: number) => n === 499)), 499);
  await assertRejects(() => pool.iter(5000).filter(picky).take(500).count(), RangeError);
});

test("ParallelIterator's errors have the stack of both sides", async () => {
  await using pool = new Pool({ workers: 1 });
  async function whoCounts(): Promise<void> {
    await pool.iter(5).map(deepInTheWorker).count();
  }
  const { stack = "" } = await assertRejects(() => whoCounts(), Error, "from below");
  assertStringIncludes(stack, "deepInTheWorker");
  assertStringIncludes(stack, "whoCounts");
});

test("ParallelIterator names what cannot be sent", async () => {
  await using pool = new Pool({ workers: 1 });
  const any = closure((value: unknown) => value);
  const items = [1, { on: () => {} }];
  const item = await assertRejects(() => pool.iter(items).map(any).count(), NotSerializableError);
  assertEquals(item.path, "items[1].on");
  const unsendable = closure((n: number) => ({ n: () => n }));
  const value = await assertRejects(
    () => pool.iter(3).map(unsendable).toArray(),
    NotSerializableError,
  );
  assertEquals(value.path, "value.n");
  assertEquals(await pool.iter(3).map(unsendable).count(), 3);
  const capturing = closure((n: number) => n, { limit: { most: () => 5 } });
  const captured = await assertRejects(
    () => pool.iter(3).map(capturing).count(),
    NotSerializableError,
  );
  assertEquals(captured.path, "captured.most");
});

test("ParallelIterator.flatMap refuses what cannot be iterated over, strings too", async () => {
  await using pool = new Pool({ workers: 1 });
  const text = closure(() => "text");
  await assertRejects(() => pool.iter(1).flatMap(text).toArray(), TypeError, '"text"');
  const number = closure(() => 5) as unknown as () => number[];
  await assertRejects(() => pool.iter(1).flatMap(number).toArray(), TypeError, "Cannot flatten 5");
});

test("ParallelIterator closes the iterators of flatMap that it does not run to the end", async () => {
  await using pool = new Pool({ workers: 1 });
  const books = closure((): { ends: number } => {
    const kept = globalThis as { chainTest?: { ends: number } };
    return (kept.chainTest ??= { ends: 0 });
  });
  const naturals = closure(function* (): Generator<number> {
    const kept = globalThis as { chainTest?: { ends: number } };
    try {
      for (let i = 0;; i++) yield i;
    } finally {
      (kept.chainTest ??= { ends: 0 }).ends++;
    }
  });
  assertEquals(await pool.iter(1).flatMap(naturals).take(3).toArray(), [0, 1, 2]);
  const fails = closure((n: number) => {
    if (n === 2) throw new Error("no 2");
    return n;
  });
  await assertRejects(() => pool.iter(1).flatMap(naturals).map(fails).count(), Error, "no 2");
  const failsLater = closure((n: number) => n < 2 ? n : Promise.reject(new Error("no 2 later")));
  await assertRejects(() => pool.iter(1).flatMap(naturals).map(failsLater).count(), Error, "later");
  assertEquals((await pool.run(books)).ends, 3);
});

test("ParallelIterator refuses at once what makes no sense", async () => {
  await using pool = new Pool({ workers: 1 });
  // deno-lint-ignore no-explicit-any
  const any = (value: unknown): any => value;
  const iterator = pool.iter(5);
  const unknown = (n: number) => n;
  assertThrows(() => iterator.map(unknown), UnregisteredFunctionError, "unknown");
  assertThrows(() => iterator.filter(unknown), UnregisteredFunctionError);
  assertThrows(() => iterator.flatMap(any(unknown)), UnregisteredFunctionError);
  assertThrows(() => iterator.map(any(5)), TypeError, "Cannot run 5");
  for (const count of [-1, 1.5, NaN, any("2"), any(undefined)]) {
    assertThrows(
      () => iterator.take(count),
      RangeError,
      `take ${JSON.stringify(count)?.replace("null", "NaN")}`,
    );
    assertThrows(() => iterator.drop(count), RangeError, "whole number");
    if (typeof count === "number") assertThrows(() => pool.iter(count), RangeError, "a length of");
  }
  assertThrows(() => pool.iter(any({})), TypeError, "iterable");
  assertThrows(() => pool.iter(any(null)), TypeError, "null");
  for (const method of ["forEach", "some", "every", "find", "reduce"] as const) {
    await assertRejects(() => any(iterator)[method](unknown), UnregisteredFunctionError);
    await assertRejects(() => any(iterator)[method](), TypeError, "undefined");
  }
  await assertRejects(() => iterator.reduce(add, 0, unknown), UnregisteredFunctionError);
});

test("ParallelIterator of a closed pool rejects with PoolClosedError", async () => {
  const pool = new Pool({ workers: 1 });
  await pool.close();
  const iterator = pool.iter(5).map(double);
  await assertRejects(() => iterator.toArray(), PoolClosedError);
  await assertRejects(() => iterator.reduce(add), PoolClosedError);
  await assertRejects(() => pool.broadcast(double, 5), PoolClosedError);
});

test("ParallelIterator.forEach calls its function for every value", async () => {
  using gate = new Gate();
  await using pool = new Pool({ workers: 2 });
  const files = Array.from({ length: 50 }, () => gate.file("seen"));
  const seen = leaveTrace as unknown as (file: string, index: number) => void;
  assertEquals(await pool.iter(files).forEach(seen), undefined);
  const lines = gate.lines("seen").map(Number).sort((a, b) => a - b);
  assertEquals(lines, [...files.keys()]);
});

test("ParallelIterator.drop over a generator leaves out what takes long, too", async () => {
  await using pool = new Pool({ workers: 1 });
  function* slow() {
    for (let i = 0; i < 5; i++) {
      const end = performance.now() + 3;
      while (performance.now() < end);
      yield i;
    }
  }
  assertEquals(await soon(pool.iter(slow()).drop(3).toArray(), "the rest"), [3, 4]);
});

test("ParallelIterator.drop over a generator leaves timers their turn", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  // Ends once timers have had their turn while items are left out.
  function* untilTurns() {
    for (let i = 0; turns < 5 && i < 1_000_000_000; i++) yield i;
  }
  const none = pool.iter(untilTurns()).drop(1_000_000_000);
  assertEquals(await soon(none.count(), "the end"), 0);
  clearInterval(timer);
});

test("ParallelIterator gives its segments' work to the end of what was asked", async () => {
  await using pool = new Pool({ workers: 2 });
  // Each stage that looks at its index behind a filter has its items from the host.
  const values = await soon(
    pool.iter(20_000).filter(isEven).map(chains.plusIndex).filter(chains.isThird)
      .map(chains.plusIndex).drop(10).take(1000).map(chains.plusIndex).toArray(),
    "all segments",
  );
  const expected = Array.from({ length: 20_000 }, (_, i) => i).filter(isEven)
    .map(chains.plusIndex).filter(chains.isThird).map(chains.plusIndex).slice(10, 1010)
    .map(chains.plusIndex);
  assert(values.length === 1000);
  assertEquals(values, expected);
});

test("ParallelIterator.drop of everything leaves nothing, of any input", async () => {
  await using pool = new Pool({ workers: 1 });
  const inputs = [[1, 2], new Set([1, 2]), new Float32Array(2), [1, 2].values()];
  for (const input of inputs) {
    const none = pool.iter(input).drop(Infinity);
    assertEquals(await soon(none.toArray(), "nothing"), []);
  }
  assertEquals(await soon(pool.iter(5).drop(2).drop(Infinity).take(1).count(), "nothing"), 0);
  assertEquals(await soon(pool.iter(5).map(double).drop(Infinity).count(), "nothing"), 0);
});

test("ParallelIterator leaves out the first items of async iterables, too", async () => {
  await using pool = new Pool({ workers: 2 });
  async function* numbers() {
    for (let n = 0; n < 10; n++) yield await Promise.resolve(n);
  }
  const iterator = pool.iter(numbers() as unknown as Iterable<number>);
  assertEquals(await iterator.drop(7).map(double).toArray(), [14, 16, 18]);
});

test("ParallelIterator waits for room where the pool refuses what is too much", async () => {
  for (const capacity of [1, 2]) {
    await using pool = new Pool({ workers: 2, queue: { capacity, whenFull: "reject" } });
    const asleep = closure((n: number) => new Promise<number>((done) => setTimeout(done, 5, n)));
    assertEquals(await pool.iter(150).map(asleep).reduce(add), 11_175);
    const twoRounds = pool.iter(10_000).filter(isEven).map(chains.plusIndex);
    assertEquals(await twoRounds.reduce(add, 0), 37_492_500);
  }
});

test("ParallelIterator.reduce combines what is too large to be sent together", async () => {
  await using pool = new Pool({ workers: 2, memory: { max: 65_536 } });
  const pad = closure((n: number) =>
    new Promise<string>((done) => setTimeout(done, 5, String(n).padStart(8000)))
  );
  const larger = closure((a: string, b: string) => a > b ? a : b);
  assertEquals(Number(await pool.iter(150).map(pad).reduce(larger)), 149);
});

test("ParallelIterator makes no more values for a second round than that takes", async () => {
  await using pool = new Pool({ workers: 2 });
  const values = pool.iter(3).flatMap(endless).map(chains.plusIndex).take(3);
  assertEquals(await soon(values.toArray(), "a second round"), [0, 2, 4]);
  assertEquals(await soon(values.take(0).count(), "no round"), 0);
});

test("ParallelIterator.flatMap refuses async iterables, and iterators that give no objects", async () => {
  await using pool = new Pool({ workers: 1 });
  const later = closure(async function* (n: number) {
    yield await Promise.resolve(n);
  }) as unknown as (n: number) => number[];
  const odd = closure((n: number) => ({ next: () => n })) as unknown as (n: number) => number[];
  await assertRejects(() => pool.iter(9).flatMap(later).count(), TypeError, "async iterable");
  await assertRejects(() => pool.iter(9).flatMap(odd).count(), TypeError, "next() gives 0");
});

test("ParallelIterator.flatMap refuses objects that give no iterators, in words", async () => {
  await using pool = new Pool({ workers: 1 });
  const results: [fn: (n: number) => unknown, message: string][] = [
    [closure(() => ({})), "an object that is neither iterable nor an iterator"],
    [closure(() => ({ next: 5 })), "an object that is neither iterable nor an iterator"],
    [closure(() => ({ [Symbol.iterator]: () => null })), "[Symbol.iterator]() gives null"],
    [
      closure(() => Promise.resolve({ [Symbol.iterator]: () => ({}) })),
      "[Symbol.iterator]() gives an object without a method next",
    ],
  ];
  for (const [fn, message] of results) {
    const flat = pool.iter(9).flatMap(fn as (n: number) => number[]);
    await assertRejects(() => flat.count(), TypeError, message);
  }
});

/** Lets each number pass after a millisecond, and counts them where others see it. */
const slowly = (done: Int32Array) =>
  closure(function counting(_n: number): boolean {
    for (const began = performance.now(); performance.now() - began < 1;);
    Atomics.add(done, 0, 1);
    return true;
  }, { done });

test("ParallelIterator makes way for other jobs within two short chunks", async () => {
  await using pool = new Pool({ workers: 1 });
  const done = new Int32Array(new SharedArrayBuffer(4));
  const look = closure(() => Atomics.load(done, 0), { done });
  const counting = pool.iter(1000).filter(slowly(done)).count();
  for (let times = 1; times <= 3; times++) {
    await until(() => Atomics.load(done, 0) >= 250 * times, "numbers are counted");
    const before = Atomics.load(done, 0);
    const seen = await pool.run(look);
    // A chunk takes 128 ms where nobody waits; one runs, and one is before the job: 32 ms each.
    assertLess(seen - before, 80);
  }
  assertEquals(await counting, 1000);
});

test("ParallelIterator makes way for another one", async () => {
  await using pool = new Pool({ workers: 1 });
  const [first, second] = [1, 2].map(() => new Int32Array(new SharedArrayBuffer(4)));
  const counting = pool.iter(1000).filter(slowly(first!)).count();
  await until(() => Atomics.load(first!, 0) >= 300, "the first counts");
  const before = Atomics.load(first!, 0);
  const other = pool.iter(200).filter(slowly(second!)).count();
  await until(() => Atomics.load(second!, 0) > 0, "the second counts");
  assertLess(Atomics.load(first!, 0) - before, 100);
  assertEquals([await other, await counting], [200, 1000]);
});
