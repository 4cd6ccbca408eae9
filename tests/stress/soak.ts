/**
 * Everything at once, at random: sizes, formats, crashes, aborts, timeouts, retries,
 * nested work, growth, closings. Each job must settle once, with its own result or with
 * an error that it may have; what must not happen ends the program with status 1.
 *
 *     soak.ts SECONDS [SEED]
 *
 * @module
 */
import process from "node:process";
import { Pool, PoolClosedError, TimeoutExceededError, WorkerCrashedError } from "../../mod.ts";
import { Random } from "../support/random.ts";
import * as tasks from "./tasks.ts";

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const random = new Random(seed);
/** A job that has not settled after so long was lost. */
const LOST = 60_000;

/** Outcomes by kind of job. */
const tally = new Map<string, Map<string, number>>();
let submitted = 0;
let settled = 0;
const pending = new Map<number, string>();

function count(kind: string, outcome: string): void {
  const outcomes = tally.get(kind) ?? new Map<string, number>();
  tally.set(kind, outcomes);
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

function give(message: string): never {
  console.error(`seed ${seed}: ${message}`);
  console.error(tally);
  process.exit(1);
}

/** What may become of a job. */
interface Expectation {
  readonly value?: (value: never) => string | undefined;
  readonly errors?: readonly (new (...args: never[]) => Error)[];
  /** Whether the reason of its signal is a right outcome. */
  readonly aborted?: boolean;
}

/** Watches one job: it settles once, as it may. */
function watch(kind: string, job: Promise<unknown>, expected: Expectation): Promise<void> {
  const number = submitted++;
  pending.set(number, kind);
  const end = (outcome: string) => {
    if (!pending.delete(number)) give(`a job of kind ${kind} has settled twice`);
    settled++;
    count(kind, outcome);
  };
  return job.then((value) => {
    end("value");
    const wrong = expected.value === undefined
      ? `it has the value ${String(value)}`
      : expected.value(value as never);
    if (wrong !== undefined) give(`a job of kind ${kind} is wrong: ${wrong}`);
  }, (error) => {
    end((error as Error).name);
    const isRight = error instanceof PoolClosedError ||
      expected.errors?.some((type) => error instanceof type) ||
      (expected.aborted && (error as Error).name === "AbortError");
    if (!isRight) {
      console.error(error);
      give(`a job of kind ${kind} has failed as it may not`);
    }
  });
}

/** Mostly small, sometimes large: inline room, small blocks, runs of pages, growth. */
function someLength(): number {
  const kind = random.below(100);
  if (kind < 40) return random.below(64);
  if (kind < 80) return random.below(5000);
  return kind < 99 ? random.below(200_000) : random.below(3_000_000);
}

const right = (name: number, length: number) => (value: tasks.Canary) =>
  tasks.fault(value, name, length);

/** Kinds of jobs; each submits one and watches it. */
const KINDS: Record<string, (pool: Pool, name: number) => Promise<void>> = {
  relay(pool, name) {
    const [length, next] = [someLength(), someLength()];
    const job = pool.run(tasks.relay, tasks.canary(name, length), name, length, next);
    // Synchronous and harmless: no crash of another job may touch it.
    return watch("relay", job, { value: right(name + 1, next) });
  },
  priority(pool, name) {
    const priority = (["low", "normal", "high"] as const)[random.below(3)]!;
    const length = someLength();
    const given = tasks.canary(name, length);
    const job = pool.runWith({ priority, borrow: true }, tasks.relay, given, name, length, 10);
    return watch("priority", job, { value: right(name + 1, 10) });
  },
  pinned(pool, name) {
    const worker = random.below(pool.size);
    const job = pool.runWith({ worker }, tasks.relay, tasks.canary(name, 3), name, 3, 5);
    return watch("pinned", job, { value: right(name + 1, 5) });
  },
  later(pool, name) {
    const length = someLength();
    const given = tasks.canary(name, length);
    const job = pool.run(tasks.relayLater, given, name, length, 100, random.below(5));
    return watch("later", job, { value: right(name + 1, 100), errors: [WorkerCrashedError] });
  },
  async task(pool) {
    const task = pool.task<number>();
    const numbers = Array.from({ length: random.below(200) }, (_, i) => i);
    for (const n of numbers) task.run(tasks.treeSync, 0, n);
    await watch("task", task.get(), {
      value: (got: number[]) =>
        got.every((n, i) => n === i) && got.length === numbers.length
          ? undefined
          : "the order is wrong",
    });
  },
  nested(pool, name) {
    const depth = random.below(6);
    const job = random.below(2) === 0
      ? pool.run(tasks.tree, depth, name)
      : pool.run(tasks.treeSync, depth, name);
    return watch("nested", job, {
      value: (sum: number) => sum === tasks.treeSum(depth, name) ? undefined : `it is ${sum}`,
      // Others' crashes may take an awaiting parent, or a nested job, with them.
      errors: [WorkerCrashedError],
    });
  },
  timedOut(pool) {
    const fn = random.below(2) === 0 ? tasks.runUntilAborted : tasks.waitUntilAborted;
    const job = pool.runWith({ timeout: 1 + random.below(10) }, fn as () => unknown);
    return watch("timedOut", job, { errors: [TimeoutExceededError, WorkerCrashedError] });
  },
  aborted(pool, name) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), random.below(10));
    const length = someLength();
    const options = { signal: controller.signal, retry: random.below(2) };
    const given = tasks.canary(name, length);
    const job = pool.runWith(options, tasks.relayLater, given, name, length, 9, random.below(10));
    return watch("aborted", job, {
      value: right(name + 1, 9),
      aborted: true,
      errors: [WorkerCrashedError],
    });
  },
  crash(pool) {
    return watch("crash", pool.run(tasks.crash, 5), { errors: [WorkerCrashedError] });
  },
  retried(pool) {
    const job = pool.runWith({ retry: 3 }, tasks.crashBefore, 2);
    return watch("retried", job, {
      value: (attempt: number) => attempt >= 2 ? undefined : `attempt ${attempt}`,
      errors: [WorkerCrashedError],
    });
  },
};

/** How likely each kind is. */
const WEIGHTS: Record<string, number> = {
  relay: 400,
  priority: 100,
  pinned: 60,
  later: 100,
  task: 20,
  nested: 20,
  timedOut: 10,
  aborted: 40,
  crash: 2,
  retried: 2,
};
const all = Object.entries(WEIGHTS).flatMap(([kind, weight]) => Array(weight).fill(kind));

/** One life of a pool. */
async function life(until: number): Promise<void> {
  const pool = new Pool({
    workers: 1 + random.below(3),
    memory: { initial: 2 ** 16, max: 2 ** (22 + random.below(4)) },
    queue: { capacity: random.below(2) === 0 ? Infinity : 50 },
  });
  const end = Math.min(until, performance.now() + 1000 + random.below(4000));
  const under: Promise<void>[] = [];
  while (performance.now() < end) {
    for (let i = random.below(300); i > 0; i--) {
      const kind = all[random.below(all.length)] as string;
      under.push(KINDS[kind]!(pool, random.below(2 ** 30)));
    }
    if (random.below(3) > 0) await Promise.race([...under.slice(-20), pause(20)]);
    else await Promise.all(under.splice(0));
  }
  if (random.below(3) === 0) await pool.terminate();
  else await pool.close();
  await Promise.all(under);
  const { pending } = pool.stats();
  if (pending !== 0) give(`${pending} jobs are pending in a pool that has ended`);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

let last = { settled: -1, at: performance.now() };
const watchdog = setInterval(() => {
  if (settled !== last.settled) last = { settled, at: performance.now() };
  else if (performance.now() - last.at > LOST) {
    give(`nothing settles any more; pending: ${[...new Set(pending.values())].join(", ")}`);
  }
}, 1000);

console.log(`soak: seed ${seed}, ${seconds} s`);
const until = performance.now() + seconds * 1000;
let lives = 0;
while (performance.now() < until) {
  await life(until);
  lives++;
}
clearInterval(watchdog);
if (settled !== submitted) give(`${submitted} jobs were submitted, ${settled} have settled`);
for (const [kind, outcomes] of tally) {
  console.log(`${kind}: ${[...outcomes].map(([name, n]) => `${n} ${name}`).join(", ")}`);
}
console.log(`${settled} jobs in ${lives} pools, each settled once`);
