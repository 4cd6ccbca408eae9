/**
 * What nested jobs carry: large arguments and results, and memory that runs out.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals } from "../../deps.ts";
import { Pool } from "../../mod.ts";
import {
  type Call,
  carry,
  carrySync,
  gather,
  gatherSync,
  gatherTree,
  lazyArguments,
  lazyResult,
  nest,
  nestSettled,
  nestSync,
  nestWith,
  pingPong,
} from "../fixtures/nested_tasks.ts";
import { checksum, copyOf, echo, isShared, makeBytes } from "../fixtures/tasks.ts";
import { soon } from "../support/gate.ts";
import { Random, seed } from "../support/random.ts";

const timeout = 60_000;
type Later<T> = T | Promise<T>;
const NESTS: ((calls: readonly Call[]) => Later<unknown[]>)[] = [nest, nestSync];
const CARRIES: ((bytes: Uint8Array, depth: number) => Later<Uint8Array>)[] = [carry, carrySync];
const GATHERS: ((length: number, count: number) => Later<number>)[] = [gather, gatherSync];
const MIB = 2 ** 20;

function randomBytes(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = random.below(256);
  return bytes;
}

for (const workers of [1, 2]) {
  test(`Nested jobs carry 3 MiB down and up on ${workers} workers`, { timeout }, async () => {
    await using pool = new Pool({ workers });
    const bytes = new Uint8Array(3 * MIB + 5).map((_, i) => i);
    const expected = checksum(bytes.map((byte) => byte + 1));
    for (const fn of CARRIES) {
      assertEquals(checksum(await soon(pool.run(fn, bytes, 5), "the bytes")), expected);
    }
    assertEquals(pool.stats().memory.used, 0);
  });

  test(`Nested jobs go on where there is no room, on ${workers} workers`, { timeout }, async () => {
    await using pool = new Pool({ workers, memory: { initial: 4096, max: 2 ** 18 } });
    const bytes = new Uint8Array(100_000).map((_, i) => i);
    const expected = checksum(bytes.map((byte) => byte + 1));
    for (const fn of CARRIES) {
      const results = await soon(
        Promise.all(Array.from({ length: 3 }, () => pool.run(fn, bytes, 60))),
        "the bytes",
        40_000,
      );
      for (const result of results) assertEquals(checksum(result), expected);
    }
  });

  test(`Nested jobs' results wait for room, on ${workers} workers`, { timeout }, async () => {
    await using pool = new Pool({ workers, memory: { initial: 4096, max: 2 ** 18 } });
    for (const fn of GATHERS) {
      const jobs = Array.from({ length: 3 }, () => pool.run(fn, 60_000, 100));
      const lengths = await soon(Promise.all(jobs), "the results", 40_000);
      assertEquals(lengths, [6_000_000, 6_000_000, 6_000_000]);
    }
  });
}

test("Results go on for which their own worker has made room", { timeout }, async () => {
  // While it blocks it is that worker itself which reads most of the results that take up the room.
  await using pool = new Pool({ workers: 1, memory: { initial: 2 ** 15, max: 70_000 } });
  for (let round = 0; round < 10; round++) {
    const jobs = Array.from({ length: 20 }, (_, i) => [
      pool.run(gatherTree, 2, 12_000),
      pool.run(makeBytes, 30_000, i).then((bytes) => bytes.length),
    ]);
    const lengths = await soon(Promise.all(jobs.flat()), "the results", 20_000);
    assertEquals(lengths, jobs.flatMap(() => [16 * 12_000, 30_000]));
  }
});

test("Nested jobs need no room for arguments to bring home results", { timeout }, async () => {
  await using pool = new Pool({ workers: 2, memory: { max: MIB } });
  // Down there each worker's arguments fill the other's memory for arguments.
  const bytes = new Uint8Array(700_000).map((_, i) => i);
  const result = await soon(pool.runWith({ worker: 1 }, pingPong, bytes, 2), "the bytes");
  assertEquals(checksum(result), checksum(bytes));
});

test("Nested jobs of all sizes arrive whole", { timeout }, async () => {
  const random = new Random(seed("nested payloads"));
  await using pool = new Pool({ workers: 3, memory: { initial: 4096, max: 2 * MIB } });
  for (let round = 0; round < 10; round++) {
    const outers = Array.from({ length: 6 }, () => {
      const all = Array.from(
        { length: 12 },
        () =>
          randomBytes(random, random.below(3) === 0 ? random.below(200_000) : random.below(600)),
      );
      return { all, sync: random.below(2) === 0 };
    });
    await soon(
      Promise.all(outers.map(async ({ all, sync }) => {
        const calls = all.map((bytes, i) => [{}, i % 2 ? echo : checksum, bytes] as const);
        const results = await pool.run(NESTS[sync ? 1 : 0]!, calls);
        all.forEach((bytes, i) => assertEquals(results[i], i % 2 ? bytes : checksum(bytes)));
      })),
      "a round",
      20_000,
    );
  }
  assertEquals(pool.stats().memory.used, 0);
});

test("Nested jobs that are too large fail, and nothing else does", { timeout }, async () => {
  await using pool = new Pool({ workers: 2, memory: { max: MIB } });
  const [result, small] = await pool.run(nestSettled, [
    [{}, makeBytes, 3 * MIB, 1],
    [{}, makeBytes, 10, 1],
  ]) as string[];
  assert(result!.startsWith("PayloadTooLargeError"), result);
  assertEquals(small as unknown, makeBytes(10, 1));
});

for (const workers of [1, 2]) {
  test(
    `Nested jobs borrow, and may send on what they borrowed, ${workers}`,
    { timeout },
    async () => {
      await using pool = new Pool({ workers });
      const bytes = new Uint8Array(100_000).map((_, i) => i);
      for (const fn of NESTS) {
        const results = await soon(
          pool.run(fn, [
            [{ borrow: true }, isShared, bytes],
            [{ borrow: true }, checksum, bytes],
            [{ borrow: true }, echo<Uint8Array>, bytes],
            [{ borrow: true }, copyOf, bytes],
            [{}, isShared, bytes],
          ]),
          "what was borrowed",
        );
        assertEquals(results, [true, checksum(bytes), bytes, bytes, false]);
      }
      // Once more through a nested job: the outer one's borrowed view becomes an argument.
      const sent = pool.runWith({ borrow: true }, nestWith, bytes);
      assertEquals(await soon(sent, "the outer's"), [checksum(bytes), bytes.length]);
    },
  );
}

test("Nested jobs may be begun while a result or arguments are encoded", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  const whole = {
    before: "b".repeat(300),
    middle: [[1, 1], ["x".repeat(400), "x".repeat(400)]],
    after: "a".repeat(300),
  };
  for (let i = 0; i < 20; i++) {
    assertEquals(await soon(pool.run(lazyResult, 1), "the result"), whole);
    assertEquals(await soon(pool.run(lazyArguments, 1), "the arguments"), [[whole, whole]]);
  }
});
