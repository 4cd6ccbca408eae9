import { test } from "node:test";
import { assertEquals, assertLess, assertThrows } from "../../deps.ts";
import { type InnerJob, jobState } from "../../src/dispatch/current_job.ts";
import { FILTER } from "../../src/kernels/chain.ts";
import { Checkpoints } from "../../src/kernels/checkpoints.ts";
import { COUNT, iterChunk } from "../../src/kernels/mod.ts";
import type { ChunkReport } from "../../src/kernels/report.ts";

/**
 * Goes through a chunk of items that each take so many milliseconds on a clock that only they
 * move, as the loop of a chunk does.
 *
 * @returns How long it took, how many items were done, and where it ended early.
 */
function run(
  count: number,
  cost: (item: number) => number,
  job: Partial<InnerJob>,
): [ms: number, done: number, ended?: number] {
  let time = 1000;
  const state = jobState();
  state.frame = { job: { throwIfAborted: () => {}, ...job } as InnerJob };
  try {
    const checkpoints = new Checkpoints(count, true, () => time);
    for (let item = 0; item < count;) {
      const end = checkpoints.pass(item);
      if (end === item) return [time - 1000, item, item];
      for (; item < end; item++) time += cost(item);
    }
    return [time - 1000, count];
  } finally {
    state.frame = undefined;
  }
}

const COSTS = [0.0001, 0.005, 0.02, 0.06, 0.11, 0.13, 1, 5];

test("a chunk goes to its end where nobody waits", () => {
  for (const cost of COSTS) {
    const count = Math.floor(128 / cost);
    const [ms, done, ended] = run(count, () => cost, { othersWait: false });
    assertEquals([Math.round(ms), done, ended], [Math.round(count * cost), count, undefined]);
  }
});

test("a chunk makes way after 32 ms where others wait, whatever its items take", () => {
  for (const cost of COSTS) {
    const [ms, done, ended] = run(Math.floor(128 / cost), () => cost, { othersWait: true });
    assertEquals(done, ended);
    assertEquals(ms >= 32, true);
    assertLess(ms, 34 + cost, `${cost} ms each`);
  }
});

test("a chunk always does one item", () => {
  assertEquals(run(3, () => 1000, { othersWait: true }).slice(1), [1, 1]);
  assertEquals(run(1, () => 1000, { othersWait: true }).slice(1), [1]);
  assertEquals(run(1e6, () => 300, { othersWait: false }).slice(1), [1, 1]);
});

test("a chunk ends after 256 ms, or 256 items later where tiny ones became dear", () => {
  for (const [before, after] of [[0.02, 0.02], [0.02, 5], [0.0001, 5], [1, 40]] as const) {
    const cost = (n: number) => n < 1000 ? before : after;
    const [ms, done, ended] = run(1e7, cost, { othersWait: false });
    assertEquals(done, ended);
    assertLess(
      ms,
      257 + (before < 0.001 ? 256 : 16) * after,
      `${before} ms, then ${after} ms each`,
    );
  }
});

test("a chunk looks at least every 256 items whether it is wanted", () => {
  // Dearer ones end it before.
  for (const cost of COSTS.filter((cost) => 500 * cost < 256)) {
    let done = 0;
    const throwIfAborted = () => {
      if (done >= 500) throw new Error("given up");
    };
    assertThrows(() => run(1000, () => (done++, cost), { throwIfAborted }), Error, "given up");
    assertLess(done, 500 + 257);
  }
});

test("a chunk of numbers reports where it made way, or why it is not wanted any more", () => {
  const state = jobState();
  const report = (count: number, cost: number, job: Partial<InnerJob>): ChunkReport => {
    state.frame = { job: { throwIfAborted: () => {}, ...job } as InnerJob };
    const all = () => {
      const end = performance.now() + cost;
      while (performance.now() < end);
      return true;
    };
    try {
      return iterChunk([[[FILTER, all]], [COUNT, Infinity]], 0, 0, count) as ChunkReport;
    } finally {
      state.frame = undefined;
    }
  };
  const [ms, output, ended] = report(1000, 2, { othersWait: true });
  assertEquals(output, ended);
  assertEquals(ms >= 32, true);
  let looks = 0;
  const throwIfAborted = () => {
    if (++looks > 3) throw new Error("given up");
  };
  assertEquals(report(1000, 0, { throwIfAborted })[2] instanceof Uint8Array, true);
});
