import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import {
  closure,
  NotSerializableError,
  Pool,
  PoolClosedError,
  type Progress,
  remote,
  UnregisteredFunctionError,
  WorkerCrashedError,
} from "../../mod.ts";
import {
  deepInTheWorker,
  echo,
  exitProcess,
  failLater,
  failRichly,
  failWithLimit,
  increment,
  leaveTrace,
  LimitError,
  sleep,
} from "../fixtures/tasks.ts";
import { Gate, until } from "../support/gate.ts";

const withIndex = closure((item: unknown, index: number) => [item, index]);

test("Pool.map gives the results of all items, in their order", async () => {
  await using pool = new Pool({ workers: 2 });
  const numbers = Array.from({ length: 100_000 }, (_, i) => i);
  assertEquals(await pool.map(increment, numbers), numbers.map((n) => n + 1));
});

test("Pool.map passes items and indices, from every kind of input", async () => {
  await using pool = new Pool({ workers: 2 });
  async function* later() {
    for (const letter of "xyz") {
      await new Promise((resolve) => setTimeout(resolve, 1));
      yield letter;
    }
  }
  const inputs: [Iterable<unknown> | AsyncIterable<unknown>, unknown[]][] = [
    [["a", "b"], ["a", "b"]],
    [new Set([3, 1, 2]), [3, 1, 2]],
    [new Map([["k", 1], ["l", 2]]), [["k", 1], ["l", 2]]],
    [new Map([["k", 1]]).keys(), ["k"]],
    ["häß𝄞", ["h", "ä", "ß", "𝄞"]],
    [new Uint8Array([7, 8, 9]).subarray(1), [8, 9]],
    [new BigInt64Array([-1n, 2n]), [-1n, 2n]],
    [new Float64Array(new SharedArrayBuffer(16)), [0, 0]],
    [
      (function* () {
        yield* [1, 2, 3];
      })(),
      [1, 2, 3],
    ],
    [later(), ["x", "y", "z"]],
    [[], []],
    [new Set(), []],
    [(async function* () {})(), []],
  ];
  for (const [input, items] of inputs) {
    assertEquals(await pool.map(withIndex, input), items.map((item, i) => [item, i]));
  }
});

test("Pool.map takes the holes of arrays for undefined, as iterating over them does", async () => {
  await using pool = new Pool({ workers: 2 });
  const sparse = [0, , 2, , ,]; // deno-lint-ignore-line no-sparse-arrays
  const results = await pool.map(echo, sparse);
  assertEquals(results, [0, undefined, 2, undefined, undefined]);
  assertEquals(Object.keys(results).length, 5);
});

test("Pool.map iterates over arrays that iterate over something else", async () => {
  await using pool = new Pool({ workers: 1 });
  class Backwards extends Array<number> {
    override *[Symbol.iterator](): ArrayIterator<number> {
      for (let i = this.length - 1; i >= 0; i--) yield this[i]!;
      return undefined;
    }
  }
  assertEquals(await pool.map(increment, Backwards.from([1, 2, 3])), [4, 3, 2]);
});

test("Pool.map runs remote functions, and closures with what they captured", async () => {
  await using pool = new Pool({ workers: 2 });
  const tasks = remote<typeof import("../fixtures/tasks.ts")>(
    new URL("../fixtures/tasks.ts", import.meta.url),
  );
  assertEquals(await pool.map(tasks.increment, [1, 2]), [2, 3]);
  const factor = 3;
  const offset = { by: 1 };
  const scale = closure((n: number) => n * factor + offset.by, { factor, offset });
  assertEquals(await pool.map(scale, [1, 2, 3]), [4, 7, 10]);
});

test("Pool.map awaits promises, those of a chunk together", async () => {
  await using pool = new Pool({ workers: 1 });
  const began = performance.now();
  const naps = closure(async (n: number) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return n;
  });
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  assertEquals(await pool.map(naps, numbers, { chunk: 100 }), numbers);
  assertLess(performance.now() - began, 100 * 50);
});

test("Pool.map rejects with the failure of the first item that fails, as a loop does", async () => {
  await using pool = new Pool({ workers: 2 });
  const numbers = Array.from({ length: 5000 }, (_, i) => i);
  const picky = closure((n: number) => {
    if (n % 1000 === 999) throw new RangeError(`not ${n}`);
    return n;
  });
  for (let i = 0; i < 5; i++) {
    await assertRejects(() => pool.map(picky, numbers), RangeError, "not 999");
  }
  const later = closure(async (n: number) => {
    await new Promise((resolve) => setTimeout(resolve, 40 - 2 * (n % 20)));
    throw new Error(`not ${n}`);
  });
  await assertRejects(() => pool.map(later, numbers, { chunk: 20 }), Error, "not 0");
});

test("Pool.map rejects with the item's own error", async () => {
  await using pool = new Pool({ workers: 2 });
  const rich = await assertRejects(() => pool.map(failRichly, [1, 2]), RangeError, "too rich");
  assertEquals((rich as unknown as { code: string }).code, "E_RICH");
  assert(rich.cause instanceof TypeError);
  const limit = await assertRejects(() => pool.map(failWithLimit, [5]), LimitError);
  assertEquals(limit.limit, 5);
  const odd = closure(() => {
    throw Object.assign(new Error("odd"), { socket: () => {} });
  });
  await assertRejects(() => pool.map(odd, [1]), Error, "odd");
  const nothing = closure(() => {
    // deno-lint-ignore no-throw-literal
    throw undefined;
  });
  assertEquals(await pool.map(nothing, [1]).catch((error) => ({ error })), { error: undefined });
});

test("Pool.map's errors have the stack of both sides", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.map(increment, [1]);
  async function whoMaps(): Promise<void> {
    await pool.map(deepInTheWorker, [1]);
  }
  const { stack = "" } = await assertRejects(() => whoMaps(), Error, "from below");
  assertStringIncludes(stack, "deepInTheWorker");
  assertStringIncludes(stack, "whoMaps");
  assert(stack.indexOf("deepInTheWorker") < stack.indexOf("whoMaps"), stack);
});

test("Pool.map begins nothing more after a failure", async () => {
  using gate = new Gate();
  await using pool = new Pool({ workers: 2 });
  const file = gate.file("began");
  const items = Array.from({ length: 1000 }, (_, i) => i);
  const fails = closure(async (i: number) => {
    const { appendFileSync } = await import("node:fs");
    appendFileSync(file, `${i}\n`);
    if (i === 3) throw new Error("enough");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }, { file });
  await assertRejects(() => pool.map(fails, items, { chunk: 1 }), Error, "enough");
  // Those that were under way then may still come to their first line.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const began = gate.lines("began").length;
  assertLess(began, 40);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(gate.lines("began").length, began);
  await until(() => pool.stats().pending === 0, "the end of all jobs");
});

test("Pool.map closes its input when it fails", async () => {
  await using pool = new Pool({ workers: 1 });
  let closed = 0;
  function* endless() {
    try {
      for (let i = 0;; i++) yield i;
    } finally {
      closed++;
    }
  }
  const picky = closure((n: number) => {
    if (n === 100) throw new Error("not 100");
  });
  await assertRejects(() => pool.map(picky, endless()), Error, "not 100");
  assertEquals(closed, 1);
});

test("Pool.map rejects with what its input throws, once what came before is done", async () => {
  await using pool = new Pool({ workers: 2 });
  const seen: Progress[] = [];
  function* breaks() {
    yield* [1, 2, 3];
    throw new RangeError("the input broke");
  }
  const onProgress = (progress: Progress) => seen.push(progress);
  await assertRejects(() => pool.map(echo, breaks(), { onProgress }), RangeError, "broke");
  assertEquals(seen.at(-1)?.done, 3);
  async function* breaksLater() {
    yield 1;
    await new Promise((resolve) => setTimeout(resolve, 1));
    throw new RangeError("it broke later");
  }
  await assertRejects(() => pool.map(echo, breaksLater()), RangeError, "later");
});

test("Pool.map names the item that cannot be sent, and the result", async () => {
  await using pool = new Pool({ workers: 2 });
  const items = Array.from({ length: 50 }, (_, i) => ({ i, on: i === 33 ? () => {} : null }));
  const error = await assertRejects(
    () => pool.map(echo, items, { chunk: 20 }),
    NotSerializableError,
  );
  assertEquals(error.path, "items[33].on");
  const unsendable = closure((n: number) => n === 4 ? { n: () => n } : n);
  const refused = await assertRejects(
    () => pool.map(unsendable, [1, 2, 3, 4]),
    NotSerializableError,
  );
  assertEquals(refused.path, "results[3].n");
  const capturing = closure((n: number) => n, { limits: { most: () => 5 } });
  const captured = await assertRejects(() => pool.map(capturing, [1]), NotSerializableError);
  assertEquals(captured.path, "captured.most");
});

test("Pool.map sends in parts what is too large to be sent at once", async () => {
  await using pool = new Pool({ workers: 1, memory: { max: 1 << 20 } });
  const items = Array.from({ length: 8 }, (_, i) => new Uint8Array(300_000).fill(i));
  const first = closure((bytes: Uint8Array) => bytes[0]);
  assertEquals(await pool.map(first, items, { chunk: 8 }), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test("Pool.map waits for room where the pool refuses what is too much", async () => {
  await using pool = new Pool({ workers: 2, queue: { capacity: 1, whenFull: "reject" } });
  const numbers = Array.from({ length: 1000 }, (_, i) => i);
  assertEquals(await pool.map(increment, numbers), numbers.map((n) => n + 1));
});

test("Pool.map tells how far it has come", async () => {
  await using pool = new Pool({ workers: 2 });
  const items = Array.from({ length: 3000 }, (_, i) => i);
  const inputs: [Iterable<number> | AsyncIterable<number>, number, boolean][] = [
    [items, 3000, true],
    [new Set(items), 3000, true],
    [new Float32Array(7), 7, true],
    [items.values(), 3000, false],
    [
      (async function* () {
        yield* [1, 2, 3];
      })(),
      3,
      false,
    ],
    [[], 0, true],
    [[].values(), 0, false],
  ];
  for (const [input, total, known] of inputs) {
    const seen: Progress[] = [];
    await pool.map(increment, input, { onProgress: (progress) => seen.push(progress) });
    assertEquals(seen.at(-1), { done: total, total });
    for (const [i, { done, total: told }] of seen.entries()) {
      assert(i === 0 || done >= seen[i - 1]!.done, "it went back");
      if (known) assertEquals(told, total);
      else assert(told === undefined || (told === total && done === total));
    }
    assertEquals(seen.filter(({ done, total }) => done === total).length, 1);
  }
});

test("Pool.map rejects with what onProgress throws, and stops", async () => {
  using gate = new Gate();
  await using pool = new Pool({ workers: 1 });
  const items = Array.from({ length: 200 }, () => gate.file("began"));
  const onProgress = () => {
    throw new RangeError("the bar is too short");
  };
  const leave = leaveTrace as (file: string, index: number) => number;
  await assertRejects(
    () => pool.map(leave, items, { onProgress, chunk: 1 }),
    RangeError,
    "too short",
  );
  await pool.close();
  assertLess(gate.lines("began").length, 20);
});

test("Pool.map rejects with the reason of an aborted signal, and stops", async () => {
  await using pool = new Pool({ workers: 2 });
  const controller = new AbortController();
  const reason = new Error("enough of it");
  const map = pool.map(sleep, Array.from({ length: 100 }, () => 10_000), {
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(reason), 20);
  assertEquals(await map.catch((error) => error), reason);
  await until(() => pool.stats().pending === 0, "the end of all jobs");
  let pulled = 0;
  const input = {
    *[Symbol.iterator]() {
      pulled++;
      yield 1;
    },
  };
  const signal = AbortSignal.abort(reason);
  assertEquals(await pool.map(increment, input, { signal }).catch((error) => error), reason);
  assertEquals(pulled, 0);
  await assertRejects(
    () => pool.map(increment, [1], { signal: AbortSignal.abort() }),
    DOMException,
  );
});

test("Pool.map refuses functions that workers do not know, and what is no input", async () => {
  await using pool = new Pool({ workers: 1 });
  const unknown = (n: number) => n;
  await assertRejects(
    () => pool.map(unknown, [1]),
    UnregisteredFunctionError,
    "register(import.meta.url, { unknown })",
  );
  await assertRejects(() => pool.map(unknown, []), UnregisteredFunctionError);
  // deno-lint-ignore no-explicit-any
  const any = (value: unknown): any => value;
  await assertRejects(() => pool.map(any("increment"), [1]), TypeError, '"increment"');
  await assertRejects(() => pool.map(increment, any(5)), TypeError, "from 5");
  await assertRejects(() => pool.map(increment, any(null)), TypeError, "from null");
  await assertRejects(() => pool.map(increment, any({})), TypeError, "iterable");
});

test("Pool.map refuses options that make no sense", async () => {
  await using pool = new Pool({ workers: 1 });
  const refused: [unknown, string][] = [
    [{ chunk: 0 }, "chunk 0"],
    [{ chunk: 1.5 }, "chunk 1.5"],
    [{ chunk: "big" }, 'chunk "big"'],
    [{ signal: {} }, "signal"],
    [{ onProgress: 5 }, "onProgress 5"],
    [{ chunks: 5 }, "option chunks of map"],
    [null, "null"],
  ];
  for (const [options, message] of refused) {
    // deno-lint-ignore no-explicit-any
    const error = await assertRejects(() => pool.map(increment, [1], options as any), Error);
    assert(error.message.startsWith("Cannot use ") && error.message.includes(message), `${error}`);
  }
});

test("Pool.map of a closed pool rejects with PoolClosedError", async () => {
  const pool = new Pool({ workers: 1 });
  await pool.close();
  await assertRejects(() => pool.map(increment, [1]), PoolClosedError);
  assertThrows(() => pool.stream(increment, [1]), PoolClosedError);
  const ended = new Pool({ workers: 1 });
  const map = ended.map(sleep, [10_000, 10_000, 10_000]);
  void ended.terminate();
  await assertRejects(() => map, PoolClosedError);
});

test("Pool.map starts a lazy pool", async () => {
  await using pool = new Pool({ workers: 2, lazy: true });
  assertEquals(await pool.map(increment, [1, 2, 3]), [2, 3, 4]);
});

test("Pool.map rejects with an error that names its function where a worker dies", async () => {
  await using pool = new Pool({ workers: 1 });
  const error = await assertRejects(() => pool.map(exitProcess, [3]), WorkerCrashedError);
  assertMatch(error.message, /exitProcess of (file|http):/);
  assert(!`${error.message} ${error.stack}`.includes("multicore:"), error.stack);
  assertEquals(await pool.map(increment, [3]), [4]);
});

test("Pool.map leaves other jobs alone when it fails", async () => {
  await using pool = new Pool({ workers: 2 });
  const other = pool.run(sleep<string>, 100, "unharmed");
  await assertRejects(() => pool.map(failLater as (n: number) => unknown, [1, 2, 3, 4]), Error);
  assertEquals(await other, "unharmed");
});

test("Pool.map rejects inputs whose next() gives no object, as a loop does", async () => {
  await using pool = new Pool({ workers: 1 });
  for (const kind of [Symbol.iterator, Symbol.asyncIterator]) {
    const input = { [kind]: () => ({ next: () => 5 }) } as unknown as Iterable<number>;
    await assertRejects(() => pool.map(increment, input), TypeError, "next() gives 5");
  }
});

test("Inputs whose methods give no iterators are refused in words", async () => {
  await using pool = new Pool({ workers: 1 });
  const given: [iterator: unknown, shown: string][] = [
    [null, "null"],
    [undefined, "undefined"],
    [5, "5"],
    ["ab", '"ab"'],
    [{}, "an object without a method next"],
    [{ next: 5 }, "an object without a method next"],
    [() => 1, "an object without a method next"],
  ];
  for (const kind of [Symbol.iterator, Symbol.asyncIterator]) {
    for (const [iterator, shown] of given) {
      const input = { [kind]: () => iterator } as unknown as Iterable<number>;
      const message = `Cannot take items from an input whose [${kind.description}]() gives ` +
        `${shown}: it must give an iterator`;
      const calls = [
        () => pool.map(increment, input),
        () => pool.map(increment, input, { chunk: 2 }),
        () => pool.stream(increment, input).next(),
        () => pool.iter(input).map(increment).toArray(),
        () => pool.iter(input).drop(1).count(),
      ];
      for (const call of calls) await assertRejects(call, TypeError, message);
    }
  }
  assertEquals(await pool.map(increment, [1]), [2]);
  const callable = Object.assign(() => {}, { next: () => ({ done: true }) });
  const input = { [Symbol.iterator]: () => callable } as unknown as Iterable<number>;
  assertEquals(await pool.map(increment, input), []);
});
