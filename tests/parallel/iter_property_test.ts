import { test } from "node:test";
import { assertEquals, fc } from "../../deps.ts";
import { type ParallelIterator, Pool } from "../../mod.ts";
import * as chains from "../fixtures/chains.ts";
import { seed } from "../support/random.ts";
import { Sequential } from "./sequential.ts";

type Fn = (...args: unknown[]) => unknown;
type Call = readonly [method: string, ...args: unknown[]];

const named = (...names: (keyof typeof chains)[]) => fc.constantFrom(...names);
const count = fc.oneof(fc.nat(12), fc.constantFrom(0, 1, 40, 1000));

const stage: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(
    fc.constant("map"),
    named(
      "double",
      "plusIndex",
      "later",
      "laterSometimes",
      "restIndex",
      "defaultIndex",
      "argumentsIndex",
      "throwsAt7",
      "throwsAtIndex9",
    ),
  ),
  fc.tuple(fc.constant("filter"), named("isEven", "isThird", "isLarge", "throwsAt7")),
  fc.tuple(fc.constant("flatMap"), named("twice", "upTo", "indexTwice", "none", "flattensBadly")),
  fc.tuple(fc.constant("take"), count),
  fc.tuple(fc.constant("drop"), count),
);

const ending: fc.Arbitrary<Call> = fc.oneof(
  fc.constantFrom<Call>(["toArray"], ["count"]),
  fc.tuple(
    fc.constantFrom("some", "every", "find"),
    named("isEven", "isThird", "isLarge", "throwsAtIndex9"),
  ),
  fc.tuple(fc.constant("forEach"), named("double", "throwsAt7", "throwsAtIndex9", "later")),
  fc.tuple(fc.constant("reduce"), named("add", "addLater")),
  fc.tuple(fc.constant("reduce"), named("add"), fc.integer()),
  fc.tuple(fc.constant("reduce"), named("append"), fc.constant([]), named("concat")),
  fc.tuple(fc.constant("reduce"), named("appendPlace"), fc.constant([]), named("concat")),
);

const input: fc.Arbitrary<() => number | Iterable<unknown>> = fc.oneof(
  fc.nat(100).map((n) => () => n),
  fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 60 }).map((a) => () => a),
  fc.uint8Array({ maxLength: 60 }).map((a) => () => a),
  fc.array(fc.nat(20)).map((a) => () => a.values()),
  fc.array(fc.nat(20)).map((a) => () => new Set(a)),
);

/** What comes of calls on an iterator, or the class of what it throws. */
async function outcome(start: object, calls: readonly Call[], combines: boolean): Promise<unknown> {
  // deno-lint-ignore no-explicit-any
  let iterator: any = start;
  for (const [method, ...args] of calls) {
    const given = args.map((arg) =>
      typeof arg === "string" ? chains[arg as keyof typeof chains] as Fn : structuredClone(arg)
    );
    iterator = iterator[method](...(combines ? given : given.slice(0, 2)));
  }
  try {
    return { value: await iterator };
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message: error instanceof TypeError ? "" : message };
  }
}

test(
  "ParallelIterator equals the sequential one, for any chain",
  { timeout: 300_000 },
  async () => {
    await using pool = new Pool({ workers: 2 });
    const property = fc.asyncProperty(
      input,
      fc.array(stage, { maxLength: 5 }),
      ending,
      async (makeInput, stages, last) => {
        const calls = [...stages, last];
        const parallel = pool.iter(makeInput() as Iterable<unknown>);
        assertEquals(
          await outcome(parallel satisfies ParallelIterator<unknown>, calls, true),
          await outcome(Sequential.from(makeInput()), calls, false),
        );
      },
    );
    await fc.assert(property, { numRuns: 1500, seed: seed("chains") });
  },
);
