/**
 * What more workers gain, from one up to one for each processor: calls a second,
 * short jobs, long loops, nested work. Ratios to a loop on the host, and to bare
 * workers, in the same turns.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import { Pool } from "../mod.ts";
import { contender as postMessage } from "./contenders/post_message.ts";
import * as tasks from "./contenders/multicore_tasks.ts";
import { countBare, startCounters } from "./counters.ts";
import { PROCESSORS, RUNTIME, VERSION } from "./harness/platform.ts";
import { type Effort, type Entrant, measure } from "./harness/blocks.ts";
import { best, inTurns, type Times } from "./harness/turns.ts";
import { countPrimes, fibonacci, isPrime, nestedFibonacci } from "./item_tasks.ts";

const NUMBERS = 10_000_000;
const FIBONACCI = 38;

/** Numbers of workers: powers of two, and one for each processor, and one fewer. */
const SIZES = [...new Set([1, 2, 4, 8, 16, 32, 64, PROCESSORS - 1, PROCESSORS])]
  .filter((size) => size > 0 && size <= PROCESSORS)
  .sort((a, b) => a - b);

const EFFORT: Effort = { block: 60, blocks: 9, row: 4_000, warmUp: 150, leadIn: 30 };
/** Each of many workers compiles for itself what it has run often enough. */
const NESTED_EFFORT: Effort = { ...EFFORT, warmUp: 600 };

/** Shows a row of the table that has a column for each number of workers. */
function show(title: string, figures: readonly number[], digits: number): void {
  const cells = figures.map((figure) => figure.toFixed(digits).padStart(8));
  console.log(`${title.padEnd(46)}${cells.join("")}`);
}

/** What a row is measured with: pools of each size, then what they are compared with. */
async function measureAll(
  pools: readonly Entrant["run"][],
  others: readonly Entrant["run"][],
  effort = EFFORT,
): Promise<{ times: number[]; others: number[] }> {
  const entrants = [...pools, ...others].map((run, i) => ({ name: String(i), run }));
  const { times, failures } = await measure(entrants, effort, () => {});
  for (const [name, reason] of Object.entries(failures)) throw new Error(`${name}: ${reason}`);
  const medians = entrants.map(({ name }) => times[name]!.median);
  return { times: medians.slice(0, pools.length), others: medians.slice(pools.length) };
}

/** Calls with a number, a thousand at once: the host and the words that all share. */
async function calls(pools: readonly Pool[]): Promise<void> {
  const batch = Array.from({ length: 1000 }, (_, i) => i);
  const bare = await Promise.all(SIZES.map((size) => postMessage.start(size)));
  const sends = bare.map((running) => running.bind("same"));
  const { times, others } = await measureAll(
    pools.map((pool) => batches((n) => pool.run(tasks.same, n), batch)),
    sends.map((send) => batches(send, batch)),
  );
  for (const running of bare) await running.close();
  show("1,000 calls at once, µs each", times, 2);
  show("  by postMessage, times as long", others.map((time, i) => time / times[i]!), 1);
}

/** @returns What makes all calls of a batch at once, and waits for them. */
function batches<T>(call: (value: T) => Promise<unknown>, batch: readonly T[]): Entrant["run"] {
  return async (times) => {
    for (let i = 0; i < times; i++) await Promise.all(batch.map((value) => call(value)));
  };
}

/** Jobs that compute for some microseconds, all at once: speed-up over a loop on the host. */
async function shortJobs(pools: readonly Pool[]): Promise<void> {
  for (const microseconds of [1, 10, 100, 1000]) {
    const batch = Array.from({ length: 50_000 / (microseconds + 9) }, () => microseconds);
    const { times, others: [loop] } = await measureAll(
      pools.map((pool) => batches((n) => pool.run(tasks.work, n), batch)),
      [(times) => {
        for (let i = 0; i < times; i++) for (const each of batch) tasks.work(each);
      }],
    );
    const title = `${batch.length.toLocaleString("en")} jobs of ${microseconds} µs, speed-up`;
    show(title, times.map((time) => loop! / time), 2);
  }
}

/**
 * Jobs that begin jobs: speed-up for each worker over a function that calls itself; and that
 * function on all workers at once, each by itself: what the processors make of it.
 */
async function nested(pools: readonly Pool[]): Promise<void> {
  const { times, others } = await measureAll(
    pools.map((pool) => async (times) => {
      for (let i = 0; i < times; i++) await pool.run(nestedFibonacci, FIBONACCI);
    }),
    [
      ...pools.map((pool, i): Entrant["run"] => async (times) => {
        for (let n = 0; n < times; n++) {
          await Promise.all(
            Array.from(
              { length: SIZES[i]! },
              (_, worker) => pool.runWith({ worker }, fibonacci, FIBONACCI),
            ),
          );
        }
      }),
      (times) => {
        for (let i = 0; i < times; i++) equal(fibonacci(FIBONACCI), 39_088_169);
      },
    ],
    NESTED_EFFORT,
  );
  const plain = others.at(-1)!;
  show("nested tasks, speed-up a worker", times.map((time, i) => plain / time / SIZES[i]!), 3);
  show("  each worker the whole by itself", pools.map((_, i) => plain / others[i]!), 3);
}

/** A long loop as an iterator, and on bare workers: speed-up of the best for each worker. */
async function longLoop(pools: readonly Pool[]): Promise<void> {
  const counters = await Promise.all(SIZES.map(startCounters));
  let primes = 0;
  const [loop, ...times] = await inTurns(3, [
    () => {
      primes = countPrimes(0, NUMBERS);
    },
    ...pools.map((pool) => async () =>
      equal(await pool.iter(NUMBERS).filter(isPrime).count(), primes)
    ),
    ...counters.map((all) => async () => equal(await countBare(all, NUMBERS), primes)),
  ]) as [Times, ...Times[]];
  for (const counter of counters.flat()) counter.end();
  const each = times.map((all, i) => best(loop) / best(all) / SIZES[i % SIZES.length]!);
  show("iter().filter().count(), speed-up a worker", each.slice(0, SIZES.length), 3);
  show("  bare workers that loop over ranges", each.slice(SIZES.length), 3);
}

console.log(`${RUNTIME} ${VERSION}, ${PROCESSORS} processors`);
show("workers", SIZES, 0);
const pools = SIZES.map((workers) => new Pool({ workers }));
for (const pool of pools) await pool.ready;
await calls(pools);
await shortJobs(pools);
await nested(pools);
await longLoop(pools);
for (const pool of pools) await pool.close();
