import { test } from "node:test";
import { Backlog } from "../../src/dispatch/backlog.ts";
import type { Settler } from "../../src/dispatch/engine.ts";
import { assert, assertEquals, fc } from "../../deps.ts";
import { seed } from "../support/random.ts";

const settler: Settler = { settle: () => {} };

/** A payload of some length that tells whose it is. */
function payload(name: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(name & 255);
  if (length >= 4) new DataView(bytes.buffer).setUint32(0, name);
  return bytes;
}

interface Waiting {
  readonly name: number;
  readonly length: number;
}

/** Takes the oldest job out and checks that it is the one that is expected. */
function takeOldest(backlog: Backlog, expected: Waiting): void {
  const segment = backlog.oldest!;
  const place = segment.first;
  assertEquals(segment.functions[place], expected.name);
  assertEquals(segment.kinds[place], expected.name % 7);
  assertEquals(segment.indexes[place], 2 ** 40 + expected.name);
  assert(segment.settlers[place] === settler);
  const length = segment.lengthAt(place);
  assertEquals(length, expected.length);
  const target = new Uint8Array(length + 6).fill(0xee);
  segment.copyTo(place, target, 3);
  assertEquals(target.subarray(3, 3 + length), payload(expected.name, length));
  assertEquals([target[2], target[3 + length]], [0xee, 0xee]);
  backlog.drop(segment, place);
}

/** The same with the newest, which comes with bytes of its own. */
function takeNewest(backlog: Backlog, expected: Waiting): void {
  const job = backlog.takeNewest()!;
  assertEquals([job.fn, job.kind, job.index], [
    expected.name,
    expected.name % 7,
    2 ** 40 + expected.name,
  ]);
  assert(job.settler === settler);
  assertEquals(job.bytes, payload(expected.name, expected.length));
}

const step = fc.oneof(
  fc.record({
    push: fc.integer({ min: 1, max: 1500 }),
    // Bare numbers, what goes into slots, blocks, and what is kept by itself.
    length: fc.constantFrom(0, 8, 64, 65, 300),
  }),
  fc.record({ take: fc.integer({ min: 1, max: 1500 }) }),
  fc.record({ takeNewest: fc.integer({ min: 1, max: 1500 }) }),
  fc.record({ drop: fc.integer({ min: 1, max: 5 }) }),
  fc.constant({ large: 65536 }),
);

test("Backlog gives the oldest and the newest, around jobs that are dropped", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const backlog = new Backlog();
      let model: Waiting[] = [];
      let name = 0;
      const push = (length: number) => {
        backlog.push(name, name % 7, payload(name, length), settler, 2 ** 40 + name, undefined);
        model.push({ name: name++, length });
      };
      for (const step of steps) {
        if ("push" in step) {
          for (let i = 0; i < step.push; i++) push(step.length);
        } else if ("large" in step) {
          push(step.large);
        } else if ("take" in step) {
          for (let i = 0; i < step.take && model.length > 0; i++) {
            takeOldest(backlog, model.shift()!);
          }
        } else if ("takeNewest" in step) {
          for (let i = 0; i < step.takeNewest && model.length > 0; i++) {
            takeNewest(backlog, model.pop()!);
          }
          if (model.length === 0) assertEquals(backlog.takeNewest(), undefined);
        } else {
          backlog.forEach((segment, place) => {
            if (segment.functions[place]! % step.drop === 0) backlog.drop(segment, place);
          });
          model = model.filter(({ name }) => name % step.drop !== 0);
        }
        assertEquals(backlog.length, model.length);
      }
      const names: number[] = [];
      backlog.forEach((segment, place) => names.push(segment.functions[place]!));
      assertEquals(names, model.map(({ name }) => name));
      for (const job of model) takeOldest(backlog, job);
      assertEquals(backlog.length, 0);
    }),
    { seed: seed("Backlog"), numRuns: 300 },
  );
});

test("Backlog goes on over many segments while it is being read", () => {
  const backlog = new Backlog();
  let pushed = 0;
  let taken = 0;
  for (let round = 0; round < 300; round++) {
    for (let i = 0; i < 1200; i++) {
      backlog.push(pushed, pushed % 7, payload(pushed, 8), settler, 2 ** 40 + pushed, undefined);
      pushed++;
    }
    const most = round % 3 === 0 ? 100 : 1700;
    for (let i = 0; i < most && taken < pushed; i++) {
      const segment = backlog.oldest!;
      assert(segment.functions[segment.first] === taken++);
      backlog.drop(segment, segment.first);
    }
  }
  assertEquals(backlog.length, pushed - taken);
});
