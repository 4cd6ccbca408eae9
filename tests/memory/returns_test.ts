import { test } from "node:test";
import { Arena, arenaBuffer } from "../../src/memory/arena.ts";
import { SubmissionRing } from "../../src/transport/submission_ring.ts";
import { assert, assertEquals } from "../../deps.ts";
import { Random, seed } from "../support/random.ts";
import { thread, words } from "../sync/threads.ts";

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
  const wait = (what: string) => assert(performance.now() < late, what);
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
