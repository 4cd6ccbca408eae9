import { test } from "node:test";
import { Arena, arenaBuffer } from "../../src/memory/arena.ts";
import { UNIT } from "../../src/memory/returns.ts";
import { SubmissionRing } from "../../src/transport/submission_ring.ts";
import { assert, assertEquals } from "../../deps.ts";
import { Patience } from "../support/patience.ts";
import { Random, seed } from "../support/random.ts";
import { thread, words } from "../sync/threads.ts";

test("Returns takeAll ends at a word that names no block, and in a circle", () => {
  const arena = new Arena(arenaBuffer(1 << 16, 1 << 16), 1 << 16);
  const { views: { words }, returns } = arena;
  const taken = (): number[] => {
    const blocks: number[] = [];
    returns.takeAll((block) => void blocks.push(block));
    return blocks;
  };
  for (const word of [words.length / 64, 0x7fffffff, -1, -0x80000000]) {
    words[0] = word;
    assertEquals(taken(), []);
    for (const block of [4096, 8192]) returns.push(block);
    words[4096 / 4] = word;
    assertEquals(taken(), [8192, 4096]);
    for (const block of [4096, 8192]) returns.push(block);
    words[4096 / 4] = 8192 / UNIT;
    assertEquals(taken().length, words.length / 64);
  }
});

test("Arena.give takes each block back once, and nothing that was never taken", () => {
  const arena = new Arena(arenaBuffer(1 << 20, 1 << 20), 1 << 20);
  const [small, large] = [arena.take(300), arena.take(100_000)];
  for (const block of [small, small, large, large, 0.5, NaN, -4096, 2 ** 40]) arena.give(block);
  assertEquals(arena.used, 0);
  assertEquals(arena.take(arena.largest) >= 0, true);
});

test("Returns brings all blocks back while memory grows and is used anew", {
  timeout: 60_000,
}, async () => {
  const random = new Random(seed("Returns, threads"));
  const max = 1 << 21;
  const capacity = 128;
  const buffer = arenaBuffer(0, max);
  const arena = new Arena(buffer, max);
  const entries = words(SubmissionRing.words(capacity));
  const faults = [1, 2].map(() => words(32));
  const stop = 0x7fffffff;
  const threads = await Promise.all(faults.map((fault) =>
    thread({
      part: "return",
      ring: entries.buffer,
      capacity,
      arena: buffer,
      stop,
      faults: fault.buffer,
    })
  ));
  const ring = new SubmissionRing(entries, capacity);
  const late = performance.now() + 30_000;
  const patience = new Patience();
  const wait = (what: string) => {
    assert(performance.now() < late, what);
    patience.lost();
  };
  let refusals = 0;
  for (let i = 0; i < 20_000; i++) {
    const size = 8 + random.below(random.below(20) === 0 ? max / 2 : 2000);
    let block = arena.take(size);
    while (block < 0) {
      refusals++;
      wait(`${size} bytes find no room though all blocks come back`);
      block = arena.take(size);
    }
    const mark = random.below(256);
    arena.views.view.setInt32(block, size, true);
    arena.views.bytes.fill(mark, block + 4, block + size);
    while (!ring.hasRoom) wait("the ring stays full");
    ring.push(block / 256);
  }
  for (const _ of threads) {
    while (!ring.hasRoom) wait("the ring stays full");
    ring.push(stop);
  }
  await Promise.all(threads.map(({ over }) => over));
  assertEquals(faults.map((fault) => fault[0]), [0, 0]);
  assert(arena.take(arena.largest) >= 0, "all of the memory is free again");
  assert(refusals >= 0);
});
