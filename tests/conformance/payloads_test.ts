import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import { closure, PayloadTooLargeError, Pool } from "../../mod.ts";
import {
  byteLength,
  checksum,
  checksumLater,
  copyOf,
  echo,
  increment,
  isShared,
  makeBytes,
} from "../fixtures/tasks.ts";
import { soon, until } from "../support/gate.ts";
import { Random, seed } from "../support/random.ts";

const MEBIBYTE = 2 ** 20;

/** Bytes that depend on their position. */
function pattern(length: number, random: Random): Uint8Array {
  const bytes = new Uint8Array(length);
  let value = random.below(256);
  for (let i = 0; i < length; i++) bytes[i] = value = (value * 5 + i) & 255;
  return bytes;
}

test("Pool.run carries arguments and results of any size", { timeout: 60_000 }, async () => {
  const random = new Random(seed("sizes"));
  await using pool = new Pool({ workers: 1 });
  const sizes = [0, 1, 2, 7, 8, 100, 199, 200, 208, 209, 216, 217, 255, 256, 257, 1000];
  for (let size = 1024; size <= 8 * MEBIBYTE; size *= 4) sizes.push(size - 1, size, size + 1);
  for (const size of sizes) {
    const bytes = pattern(size, random);
    assertEquals(await pool.run(checksum, bytes), checksum(bytes), `${size} bytes`);
    const back = await pool.run(echo<Uint8Array>, bytes);
    assertEquals(back.length, size);
    assertEquals(checksum(back), checksum(bytes), `${size} bytes back`);
    assert(!(back.buffer instanceof SharedArrayBuffer));
  }
});

test("Pool.run carries text of any size", async () => {
  await using pool = new Pool({ workers: 1 });
  for (const length of [0, 1, 50, 200, 300, 5000, 100_000, 3_000_000]) {
    for (const piece of ["a", "é", "→", "😀", "\ud800"]) {
      const text = piece.repeat(length / piece.length);
      assert(await pool.run(echo<string>, text) === text, `${length} of ${piece}`);
    }
  }
});

test("Pool.run carries hundreds of MiB both ways", { timeout: 60_000 }, async () => {
  await using pool = new Pool({ workers: 1 });
  const bytes = new Uint8Array(300 * MEBIBYTE);
  bytes.fill(7, bytes.length - 1000);
  assertEquals(await pool.run(byteLength, bytes), bytes.length);
  const result = await pool.run(makeBytes, 300 * MEBIBYTE, 9);
  assertEquals(result.length, 300 * MEBIBYTE);
  assertEquals([result[0], result.at(-1)], [9, 9]);
  assertEquals(pool.stats().memory.used, 0);
});

test("Pool.run carries many sizes at once, each to its own call", async () => {
  const random = new Random(seed("mixture"));
  await using pool = new Pool({ workers: 2 });
  const jobs = Array.from({ length: 400 }, () => {
    const size = Math.floor(2 ** (random.next() * 18));
    const bytes = pattern(size, random);
    const sum = checksum(bytes);
    return random.below(2)
      ? pool.run(checksum, bytes).then((result) => result === sum)
      : pool.run(echo<Uint8Array>, bytes).then((result) => checksum(result) === sum);
  });
  assert((await Promise.all(jobs)).every(Boolean));
});

test("PayloadTooLargeError names size, limit and option, for arguments", async () => {
  await using pool = new Pool({ workers: 1, memory: { max: 64 * 1024 } });
  await pool.ready;
  const task = pool.task();
  for (const size of [80_000, 5_000_000]) {
    const error = assertThrows(
      () => task.run(byteLength, new Uint8Array(size)),
      PayloadTooLargeError,
    );
    assert(error.size >= size && error.size < size + 1000, `${error.size}`);
    assertEquals(error.limit, 64 * 1024);
    for (const part of [`${error.size}`, "65536", "memory.max"]) {
      assertStringIncludes(error.message, part);
    }
  }
  await assertRejects(() => pool.run(echo, "x".repeat(100_000)), PayloadTooLargeError);
  assertEquals(task.size, 0);
  assertEquals(pool.stats().pending, 0);
  assertEquals(pool.stats().memory.used, 0);
  assertEquals(await pool.run(byteLength, new Uint8Array(60_000)), 60_000);
});

test("PayloadTooLargeError names size, limit and option, for results", async () => {
  await using pool = new Pool({ workers: 1, memory: { max: 64 * 1024 } });
  const error = await assertRejects(() => pool.run(makeBytes, 100_000, 1), PayloadTooLargeError);
  assert(error.size >= 100_000 && error.size < 101_000, `${error.size}`);
  assertEquals(error.limit, 64 * 1024);
  assertStringIncludes(error.message, "memory.max");
  assertEquals((await pool.run(makeBytes, 60_000, 1)).length, 60_000);
});

test("PoolOptions.memory.max is what the largest payload may have", async () => {
  const max = 128 * 1024;
  await using pool = new Pool({ workers: 1, memory: { max } });
  assertEquals(await pool.run(byteLength, new Uint8Array(max)), max);
  assertEquals((await pool.run(makeBytes, max, 1)).length, max);
});

test("Pool waits while there is no room for arguments, and loses none", async () => {
  const random = new Random(seed("pressure of arguments"));
  await using pool = new Pool({ workers: 2, memory: { max: 256 * 1024, initial: 0 } });
  const task = pool.task<number>();
  const sums: number[] = [];
  for (let i = 0; i < 400; i++) {
    const bytes = pattern(1 + random.below(200_000), random);
    sums.push(checksum(bytes));
    task.run(checksum, bytes);
  }
  assertEquals(await soon(task.get(), "400 jobs through 256 KiB"), sums);
  assertLessOrEqual(pool.stats().memory.size, 512 * 1024);
  assertEquals(pool.stats().memory.used, 0);
});

test("Pool waits while there is no room for results, and loses none", async () => {
  await using pool = new Pool({ workers: 2, memory: { max: 256 * 1024, initial: 0 } });
  const task = pool.task<Uint8Array>();
  const lengths = Array.from({ length: 400 }, (_, i) => 1 + (i * 7919) % 200_000);
  for (const [i, length] of lengths.entries()) task.run(makeBytes, length, i & 255);
  // Nothing is taken out meanwhile, so that results pile up in the workers.
  const end = performance.now() + 100;
  while (performance.now() < end);
  const results = await soon(task.get(), "400 results through 256 KiB");
  assertEquals(results.map((bytes) => bytes.length), lengths);
  assert(results.every((bytes, i) => bytes[0] === (i & 255) && bytes.at(-1) === (i & 255)));
});

test("Pool waits for room in both directions at once, also in getSync", async () => {
  await using pool = new Pool({ workers: 2, memory: { max: 128 * 1024, initial: 0 } });
  const task = pool.task<Uint8Array>();
  for (let i = 0; i < 200; i++) {
    task.run(echo<Uint8Array>, new Uint8Array(1 + (i * 613) % 100_000).fill(i));
  }
  const results = task.getSync({ timeout: 15_000 });
  assert(results.every((bytes, i) => bytes.length === 1 + (i * 613) % 100_000 && bytes[0] === i));
});

test("Pool takes small jobs while a large payload waits for room", async () => {
  await using pool = new Pool({ workers: 1, memory: { max: 64 * 1024, initial: 0 } });
  const large = Array.from({ length: 20 }, () => pool.run(byteLength, new Uint8Array(60_000)));
  const small = Array.from({ length: 100 }, (_, i) => pool.run(increment, i));
  assertEquals((await soon(Promise.all(small), "the small jobs")).length, 100);
  assertEquals((await soon(Promise.all(large), "the large jobs")).length, 20);
});

test("JobOptions.borrow gives binary arguments as views on shared memory", async () => {
  await using pool = new Pool({ workers: 1 });
  const bytes = pattern(100_000, new Random(1));
  assertEquals(await pool.run(isShared, bytes), false);
  assertEquals(await pool.runWith({ borrow: true }, isShared, bytes), true);
  assertEquals(await pool.runWith({ borrow: true }, checksum, bytes), checksum(bytes));
});

test("JobOptions.borrow keeps views valid until an async function settles", async () => {
  const random = new Random(seed("borrow"));
  await using pool = new Pool({ workers: 2 });
  const jobs = Array.from({ length: 200 }, async () => {
    const bytes = pattern(1 + random.below(20_000), random);
    return await pool.runWith({ borrow: true }, checksumLater, bytes) === checksum(bytes);
  });
  assert((await Promise.all(jobs)).every(Boolean));
});

test("JobOptions.borrow shares large binary arguments alone, whatever the format", async () => {
  await using pool = new Pool({ workers: 1 });
  // What is as small as a result is copied, since the result takes its place.
  for (const [length, shared] of [[3, false], [100_000, true]] as const) {
    const bytes = new Uint8Array(length).fill(7);
    assertEquals(await pool.runWith({ borrow: true }, isShared, bytes), shared);
    assertEquals(await pool.runWith({ borrow: true }, checksum, bytes), checksum(bytes));
    for (const format of ["structured", "bytes"] as const) {
      const copy = await pool.runWith({ format, borrow: true }, copyOf, bytes);
      assertEquals([copy, isShared(copy)], [bytes, false]);
    }
  }
  for (const format of ["structured", "json", "string"] as const) {
    const text = "grüße".repeat(100);
    assertEquals(await pool.runWith({ format, borrow: true }, echo<string>, text), text);
  }
  assertEquals(pool.stats().memory.used, 0);
});

test("JobOptions.borrow goes with timeouts, attempts, priorities and pinned jobs", async () => {
  await using pool = new Pool({ workers: 2 });
  const random = new Random(seed("borrow with"));
  const jobs = Array.from({ length: 100 }, async (_, i) => {
    const bytes = pattern(1 + random.below(2000), random);
    const priority = (["low", "normal", "high"] as const)[i % 3]!;
    const more = i % 2 ? { worker: random.below(2) } : { priority };
    const options = { borrow: true, timeout: 30_000, retry: 2, ...more };
    return await pool.runWith(options, checksumLater, bytes) === checksum(bytes);
  });
  assert((await Promise.all(jobs)).every(Boolean));
});

test("JobOptions.format carries json, text and bytes", async () => {
  await using pool = new Pool({ workers: 1 });
  const value = { id: 1, when: new Date(0), gone: undefined };
  assertEquals<unknown>(await pool.runWith({ format: "json" }, echo<unknown>, value), {
    id: 1,
    when: "1970-01-01T00:00:00.000Z",
  });
  assertEquals(
    await pool.runWith({ format: "string" }, echo<string>, "grüße\ud800"),
    "grüße\ud800",
  );
  const bytes = new Uint8Array([1, 2, 3]);
  assertEquals(await pool.runWith({ format: "bytes" }, echo<Uint8Array>, bytes), bytes);
  assertEquals(await pool.runWith({ format: "structured" }, echo<unknown>, value), value);
});

test("Pool.run carries everything that structured clone takes", async () => {
  await using pool = new Pool({ workers: 1 });
  const shared = { x: 1 };
  const value: Record<string, unknown> = {
    list: [undefined, , -0, NaN, 1n, "\ud800"],
    map: new Map<unknown, unknown>([[shared, new Set([shared])]]),
    when: new Date(0),
    expression: /a+/giu,
    boxed: Object(1n),
    view: new DataView(new ArrayBuffer(4), 1, 2),
    shared,
    ["__proto__" + ""]: 1,
  };
  value["itself"] = value;
  const back = await pool.run(echo<Record<string, unknown>>, value);
  assertEquals(back, structuredClone(value));
  assert(back["itself"] === back);
  // Apart, since Node 20's deep equality takes no invalid date for another.
  assert(Number.isNaN((await pool.run(echo<Date>, new Date(NaN))).getTime()));
  assert(!(1 in (back["list"] as unknown[])));
  assert([...(back["map"] as Map<unknown, unknown>).keys()][0] === back["shared"]);
});

test("Pool.stats tells memory in use while arguments wait, and none after", async () => {
  await using pool = new Pool({ workers: 1 });
  await pool.ready;
  const job = pool.run(byteLength, new Uint8Array(5 * MEBIBYTE));
  assert(pool.stats().memory.used >= 5 * MEBIBYTE);
  await job;
  await until(() => pool.stats().memory.used === 0, "the block to come back", 1000);
});

const gather = closure((...all: number[]) => all);

test("Pool carries bare numbers exactly, whole ones and -0 among them", async () => {
  await using pool = new Pool({ workers: 1 });
  const numbers = [0, -0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 53, 0.5];
  numbers.push(NaN, Infinity, -Infinity, Number.MIN_VALUE);
  for (const number of numbers) {
    assert(Object.is(await pool.run(echo<number>, number), number), String(number));
    for (const count of [1, 2, 3]) {
      const given = Array<number>(count).fill(number);
      const seen = await pool.run(gather, ...given);
      assert(seen.every((it) => Object.is(it, number)), `${count} times ${number}`);
    }
  }
});
