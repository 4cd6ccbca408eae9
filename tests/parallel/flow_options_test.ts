import { test } from "node:test";
import { assertEquals } from "../../deps.ts";
import type { Engine } from "../../src/dispatch/engine.ts";
import { chunkTime, newFlow } from "../../src/parallel/flow_options.ts";

test("chunkTime leaves room in the pool's timeout for the chunks before one", () => {
  const timeOf = (timeout: number | undefined) =>
    chunkTime({ jobDefaults: { timeout } } as Engine, 128);
  assertEquals([undefined, Infinity, 10_000, 1024, 200].map(timeOf), [128, 128, 128, 128, 25]);
  assertEquals(chunkTime({} as Engine, 16), 16);
});

test("newFlow gives numbers that slots have room for, and never that of other jobs", () => {
  const numbers = new Set(Array.from({ length: 100 }, newFlow));
  assertEquals([...numbers].sort((a, b) => a - b), Array.from({ length: 31 }, (_, i) => i + 1));
});
