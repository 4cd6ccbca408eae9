import { test } from "node:test";
import { assertEquals, fc } from "../../deps.ts";
import { QueueFullError } from "../../mod.ts";
import type { Engine, Settler } from "../../src/dispatch/engine.ts";
import type { ChunkReport } from "../../src/kernels/mod.ts";
import { encodeFailure } from "../../src/kernels/failures.ts";
import { ChunkFlow } from "../../src/parallel/chunk_flow.ts";
import { JobGroup } from "../../src/parallel/job_group.ts";
import { RangeSource } from "../../src/parallel/range_source.ts";
import type { Batch } from "../../src/parallel/source.ts";
import { Failure } from "../../src/parallel/trace.ts";
import { ChunkSizes } from "../../src/scheduling/chunk_sizes.ts";
import { Random, seed } from "../support/random.ts";

/** Runs chunks of a range in any order, and often makes way before one is done. */
class Workers {
  readonly size = 2;
  readonly open = true;
  readonly closedBy = undefined;
  readonly busy = 0;
  readonly traceId = undefined;
  readonly takesClosures = true;
  readonly jobDefaults = undefined;
  /** Numbers that were done, in the order in which that was. */
  readonly done: number[] = [];
  readonly #random: Random;
  readonly #failing: number;
  readonly #waiting: { readonly batch: Batch; readonly settler: Settler }[] = [];

  constructor(random: Random, failing: number) {
    this.#random = random;
    this.#failing = failing;
  }

  whenClosed(): () => void {
    return () => {};
  }

  submit(_fn: unknown, [batch]: readonly unknown[], settler: Settler): void {
    // Others' jobs may fill the pool's queue.
    if (this.#waiting.length > 0 && this.#random.below(4) === 0) throw new QueueFullError("full");
    this.#waiting.push({ batch: batch as Batch, settler });
    setTimeout(() => this.#runOne(), 0);
  }

  cancelAll(settler: Settler): void {
    const place = this.#waiting.findIndex((it) => it.settler === settler);
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  #runOne(): void {
    if (this.#waiting.length === 0) return;
    const [{ batch, settler }] = this.#waiting.splice(this.#random.below(this.#waiting.length), 1);
    settler.settle(0, false, this.#run(batch));
  }

  #run({ items, count }: Batch): ChunkReport {
    const first = items as number;
    const output: number[] = [];
    const ms = this.#random.below(100);
    const most = this.#random.below(3) === 0 ? count : 1 + this.#random.below(count);
    for (let i = 0; i < most; i++) {
      if (first + i === this.#failing) return [ms, output, encodeFailure(new Error("failed"))];
      output.push(first + i);
      this.done.push(first + i);
    }
    return most === count ? [ms, output] : [ms, output, most];
  }
}

function flowOver(engine: Workers, items: number, chunk: number | undefined): ChunkFlow {
  return new ChunkFlow({
    engine: engine as unknown as Engine,
    group: new JobGroup(),
    kernel: "any",
    name: "a test",
    isMap: false,
    args: (batch) => [batch],
    source: () => new RangeSource(0, items),
    sizes: new ChunkSizes(engine.size, 16, chunk),
    most: Infinity,
    ordered: true,
    window: Infinity,
    ahead: 64,
    signal: undefined,
  });
}

async function outputs(flow: ChunkFlow): Promise<{ values: number[]; error?: string }> {
  const values: number[] = [];
  for (;;) {
    const delivery = await flow.next();
    if (delivery === undefined) return { values };
    if (delivery instanceof Failure) return { values, error: (delivery.error as Error).message };
    values.push(...delivery.output as number[]);
  }
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test("ChunkFlow goes on in order with what workers have left of chunks", async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 300 }),
    fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    fc.integer(),
    async (items, chunk, start) => {
      const engine = new Workers(new Random(start), -1);
      assertEquals(await outputs(flowOver(engine, items, chunk)), { values: numbers(items) });
      // Each once, and none in vain.
      assertEquals(engine.done.toSorted((a, b) => a - b), numbers(items));
    },
  );
  await fc.assert(property, { numRuns: 60, seed: seed("chunk flow") });
});

test("ChunkFlow does all that is left before the first failure, and hands that out", async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 300 }),
    fc.nat(299),
    fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
    fc.integer(),
    async (items, failing, chunk, start) => {
      const engine = new Workers(new Random(start), failing);
      const expected = failing < items
        ? { values: numbers(failing), error: "failed" }
        : { values: numbers(items) };
      assertEquals(await outputs(flowOver(engine, items, chunk)), expected);
    },
  );
  await fc.assert(property, { numRuns: 60, seed: seed("chunk flow") });
});
