/**
 * What a mapped item costs beside its function, and how much sooner a parallel
 * iterator is done than a loop: ratios within one run, of the best of some rounds,
 * since noise only ever adds time.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import { Pool } from "../mod.ts";
import { countPrimes, isPrime, tiny } from "./item_tasks.ts";
import { countBare, startCounters } from "./counters.ts";
import { PROCESSORS, RUNTIME, VERSION } from "./harness/platform.ts";
import { best, inTurns, median, type Times } from "./harness/turns.ts";

const ITEMS = 1_000_000;
const NUMBERS = 10_000_000;
const ms = (time: number): string => `${time.toFixed(1)} ms`;

/** How a loop makes its results: it appends them, or writes them to an array of their number. */
type Style = "appending" | "writing";

function loop(items: readonly number[], style: Style): number[] {
  const results = style === "writing" ? new Array<number>(items.length) : [];
  if (style === "writing") {
    for (let i = 0; i < items.length; i++) {
      results[i] = tiny(items[i]!, i);
    }
  } else for (let i = 0; i < items.length; i++) results.push(tiny(items[i]!, i));
  return results;
}

/** What it takes to bring numbers to another thread: into shared memory, and out of it. */
function copy(items: readonly number[], memory: Float64Array, style: Style): number[] {
  for (let i = 0; i < items.length; i++) memory[i] = items[i]!;
  const copied = style === "writing" ? new Array<number>(items.length) : [];
  if (style === "writing") { for (let i = 0; i < items.length; i++) copied[i] = memory[i]!; }
  else for (let i = 0; i < items.length; i++) copied.push(memory[i]!);
  return copied;
}

async function mapped(pool: Pool): Promise<void> {
  const items = Array.from({ length: ITEMS }, (_, i) => i);
  const memory = new Float64Array(new SharedArrayBuffer(8 * ITEMS));
  const styles: Style[] = ["appending", "writing"];
  const [map, ...others] = await inTurns(40, [
    async () => equal((await pool.map(tiny, items)).length, ITEMS),
    ...styles.flatMap((style) => [
      () => equal(loop(items, style).length, ITEMS),
      // There, and the results back.
      () => equal(copy(copy(items, memory, style), memory, style).length, ITEMS),
    ]),
  ]) as [Times, ...Times[]];
  console.log(`map of ${ITEMS.toLocaleString("en")} tiny items: ${ms(best(map))}`);
  for (const [i, style] of styles.entries()) {
    const [looped, copied] = others.slice(2 * i) as [Times, Times];
    const ratio = (of: (times: Times) => number) => of(map) / (of(looped) + of(copied));
    console.log(
      `  loop, ${style}, ${ms(best(looped))} + copies ${ms(best(copied))}: ratio ${
        ratio(best).toFixed(2)
      } (aim: at most 2), of medians ${ratio(median).toFixed(2)}`,
    );
  }
}

async function counted(pool: Pool): Promise<void> {
  const counters = await startCounters(pool.size);
  let primes = 0;
  const [sequential, parallel, bare] = await inTurns(12, [
    () => {
      primes = countPrimes(0, NUMBERS);
    },
    async () => equal(await pool.iter(NUMBERS).filter(isPrime).count(), primes),
    async () => equal(await countBare(counters, NUMBERS), primes),
  ]) as [Times, Times, Times];
  for (const counter of counters) counter.end();
  const speedUp = (loop: number, time: number) => loop / time / pool.size;
  const perWorker = (times: Times): string => {
    const ratios = times.map((time, i) => speedUp(sequential[i]!, time));
    return `${speedUp(best(sequential), best(times)).toFixed(3)} of the best, ${
      speedUp(median(sequential), median(times)).toFixed(3)
    } of medians, ${median(ratios).toFixed(3)} the median of turns`;
  };
  console.log(
    `iter(${NUMBERS.toLocaleString("en")}).filter(isPrime).count() on ${pool.size} workers: ${
      ms(best(parallel))
    }; loop ${ms(best(sequential))}; loops of ranges on as many bare workers ${ms(best(bare))}`,
  );
  console.log(`  speed-up for each worker (aim: 0.95): ${perWorker(parallel)}`);
  console.log(`  of bare workers: ${perWorker(bare)}`);
  const against = bare.map((time, i) => time / parallel[i]!);
  console.log(`  as fast as they: ${median(against).toFixed(3)} times, the median of turns`);
}

console.log(`${RUNTIME} ${VERSION}, ${PROCESSORS} processors`);
await using pool = new Pool({ workers: PROCESSORS });
await pool.ready;
await mapped(pool);
await counted(pool);
