import { test } from "node:test";
import { Backlog } from "../../src/dispatch/backlog.ts";
import type { Settler } from "../../src/dispatch/engine.ts";
import { Span } from "../../src/dispatch/span.ts";
import { SpecialJob } from "../../src/dispatch/special_job.ts";
import { assert, assertEquals, fc } from "../../deps.ts";
import { seed } from "../support/random.ts";

const settlers: Settler[] = [];
/**
 * Jobs wait for one of these by their names, so that some can be withdrawn: some
 * for one that has jobs everywhere, others for one that has a thousand in a row.
 */
function settlerOf(name: number): Settler {
  const number = name % 3 === 0 ? name % 5 : 5 + Math.floor(name / 1000);
  // Not all know where their jobs are.
  while (settlers.length <= number) {
    settlers.push({ settle: () => {}, ...(settlers.length % 4 > 0 && { span: new Span() }) });
  }
  return settlers[number]!;
}
const watch = { timeOut: () => {}, forget: () => {} };

/** A payload of some length that tells whose it is. */
function payload(name: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(name & 255);
  if (length >= 4) new DataView(bytes.buffer).setUint32(0, name);
  return bytes;
}

interface Waiting {
  readonly name: number;
  readonly length: number;
  readonly special: SpecialJob | undefined;
}

/** Adds a job, which can be given up by itself where it is special. */
function push(backlog: Backlog, name: number, length: number, isSpecial = false): Waiting {
  const settler = settlerOf(name);
  const index = 2 ** 40 + name;
  const special = isSpecial ? new SpecialJob(settler, index, {}, name, watch) : undefined;
  backlog.push(name, name % 7, payload(name, length), settler, index, special);
  return { name, length, special };
}

/** Gives one job up, as a deadline or a signal does. */
function giveUp({ special }: Waiting): void {
  special!.dropFromBacklog!();
  special!.dropFromBacklog = undefined;
}

/** Checks that what is kept is bounded by what waits, as the module promises. */
function checkSize(backlog: Backlog, waiting: readonly Waiting[]): void {
  const segment = 262144 + 1024 * 24;
  const bytes = waiting.reduce((sum, { length }) => sum + length, 0);
  // Two segments for each half of one that is in use, and those at the ends.
  const most = 2 * segment * (waiting.length / 512 + bytes / 131072) + 3 * segment;
  assert(backlog.size <= most, `${backlog.size} > ${most} for ${waiting.length} jobs`);
}

/** Takes the oldest job out and checks that it is the one that is expected. */
function takeOldest(backlog: Backlog, expected: Waiting): void {
  const segment = backlog.oldest!;
  const place = segment.first;
  assertEquals(segment.functions[place], expected.name);
  assertEquals(segment.kinds[place], expected.name % 7);
  assertEquals(segment.indexes[place], 2 ** 40 + expected.name);
  assert(segment.settlers[place] === settlerOf(expected.name));
  assert(segment.specials[place] === expected.special);
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
  assert(job.settler === settlerOf(expected.name));
  assert(job.special === expected.special);
  assertEquals(job.bytes, payload(expected.name, expected.length));
}

const step = fc.oneof(
  fc.record({
    push: fc.integer({ min: 1, max: 1500 }),
    // Bare numbers, what goes into slots, blocks, and what is kept by itself.
    length: fc.constantFrom(0, 8, 64, 65, 300, 3000),
    special: fc.boolean(),
  }),
  fc.record({ take: fc.integer({ min: 1, max: 1500 }) }),
  fc.record({ takeNewest: fc.integer({ min: 1, max: 1500 }) }),
  // Those of who waits for the job so far behind, or of all.
  fc.record({ withdraw: fc.option(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })) }),
  // Which of the special ones go, from how far, and in which order.
  fc.record({
    giveUp: fc.integer({ min: 1, max: 3000 }),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    keepEvery: fc.constantFrom(2, 7, 1000),
    backwards: fc.boolean(),
  }),
  fc.constant({ large: 65536 }),
);

test("Backlog gives the oldest and the newest, around jobs that are dropped", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      settlers.length = 0;
      const backlog = new Backlog();
      let model: Waiting[] = [];
      let name = 0;
      for (const step of steps) {
        if ("push" in step) {
          for (let i = 0; i < step.push; i++) {
            model.push(push(backlog, name++, step.length, step.special));
          }
        } else if ("large" in step) {
          model.push(push(backlog, name++, step.large, true));
        } else if ("take" in step) {
          for (let i = 0; i < step.take && model.length > 0; i++) {
            takeOldest(backlog, model.shift()!);
          }
        } else if ("takeNewest" in step) {
          for (let i = 0; i < step.takeNewest && model.length > 0; i++) {
            takeNewest(backlog, model.pop()!);
          }
          if (model.length === 0) assertEquals(backlog.takeNewest(), undefined);
        } else if ("giveUp" in step) {
          const start = Math.floor(step.from * model.length);
          const gone = model.slice(start, start + step.giveUp)
            .filter(({ name, special }) => special !== undefined && name % step.keepEvery !== 0);
          if (step.backwards) gone.reverse();
          gone.forEach(giveUp);
          const names = new Set(gone.map(({ name }) => name));
          model = model.filter(({ name }) => !names.has(name));
        } else {
          const at = step.withdraw === null ? -1 : Math.floor(step.withdraw * model.length);
          const whose = at < 0 || model.length === 0 ? undefined : settlerOf(model[at]!.name);
          const isGone = ({ name }: Waiting) => whose === undefined || settlerOf(name) === whose;
          const told = backlog.withdraw(whose);
          const gone = model.filter(isGone);
          model = model.filter((job) => !isGone(job));
          assertEquals(told.map(({ index }) => index), gone.map(({ name }) => 2 ** 40 + name));
          assert(told.every(({ special }, i) => special === gone[i]!.special));
          assert(told.every(({ special }) => special?.dropFromBacklog === undefined));
        }
        assertEquals(backlog.length, model.length);
        checkSize(backlog, model);
      }
      for (const job of model) takeOldest(backlog, job);
      assertEquals(backlog.length, 0);
      assertEquals(backlog.oldest, undefined);
    }),
    { seed: seed("Backlog"), numRuns: 300 },
  );
});

test("Backlog keeps nothing of jobs that were all given up", () => {
  for (const order of ["forwards", "backwards", "together"] as const) {
    const backlog = new Backlog();
    push(backlog, 0, 900);
    takeNewest(backlog, { name: 0, length: 900, special: undefined });
    const { size } = backlog;
    const jobs = Array.from({ length: 20_000 }, (_, name) => push(backlog, name, 900, true));
    jobs.push(push(backlog, 20_000, 100_000, true));
    assert(backlog.size > 18_000_000);
    if (order === "together") assertEquals(backlog.withdraw(undefined).length, jobs.length);
    else for (const job of order === "forwards" ? jobs : jobs.reverse()) giveUp(job);
    assertEquals(backlog.size, size, order);
  }
});

test("Backlog keeps little for a few jobs among many that were given up", () => {
  const backlog = new Backlog();
  let waiting: Waiting[] = [];
  let name = 0;
  for (let round = 0; round < 40; round++) {
    const jobs = Array.from({ length: 1500 }, () => push(backlog, name++, 900, true));
    waiting = [...waiting, jobs[700]!];
    // Those of every other round go backwards.
    for (const job of round % 2 === 0 ? jobs : jobs.toReversed()) {
      if (job !== jobs[700]) giveUp(job);
    }
    assertEquals(backlog.length, waiting.length);
    assert(backlog.size < 1_000_000, `${backlog.size}`);
  }
  for (const job of waiting.toReversed().splice(0, 10)) giveUp(job);
  for (const job of waiting.slice(0, 30)) takeOldest(backlog, job);
  assertEquals(backlog.length, 0);
});

test("Backlog copies no job that leaves in its turn", () => {
  const backlog = new Backlog();
  const jobs = Array.from({ length: 5000 }, (_, name) => push(backlog, name, 100, true));
  const drops = jobs.map(({ special }) => special!.dropFromBacklog);
  jobs.forEach((job, i) => {
    assert(job.special!.dropFromBacklog === drops[i]);
    takeOldest(backlog, job);
  });
});

test("Backlog goes on over many segments while it is being read", () => {
  const backlog = new Backlog();
  let pushed = 0;
  let taken = 0;
  for (let round = 0; round < 300; round++) {
    for (let i = 0; i < 1200; i++) {
      push(backlog, pushed++, 8);
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

test("Backlog looks for a settler's jobs only where they are", () => {
  const backlog = new Backlog();
  let looks = 0;
  const tasks = Array.from({ length: 50_000 }, () => ({ settle: () => {}, span: new Span() }));
  tasks.forEach((task, i) => backlog.push(i, 0, payload(i, 8), task, i, undefined));
  // What is looked at of a segment that jobs are withdrawn from.
  for (let segment = backlog.oldest; segment !== undefined; segment = segment.next) {
    const { settlers } = segment;
    Object.defineProperty(segment, "settlers", {
      get: () => {
        looks++;
        return settlers;
      },
    });
  }
  for (const i of [0, 1, 700, 25_000, 25_001, 49_999]) {
    assertEquals(backlog.withdraw(tasks[i]!).map(({ index }) => index), [i]);
  }
  const none = { settle: () => {}, span: new Span() };
  assertEquals(backlog.withdraw(none), []);
  // One with jobs at both ends of the queue.
  tasks[2]!.span.include(49_000);
  assertEquals(backlog.withdraw(tasks[2]!).map(({ index }) => index), [2]);
  assert(looks <= 9 * 2 * 1024, `${looks} looks`);
});
