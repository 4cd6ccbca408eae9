/**
 * Whether anything is left behind: opens and closes pools, makes calls, lets workers
 * crash, so many of each, and compares what the process holds at the end of each with what
 * it held in the middle: until then engines and allocators find their size. What has grown
 * ends the program with status 1.
 *
 *     leaks.ts POOLS CALLS CRASHES
 *
 * @module
 */
import process from "node:process";
import { Pool, WorkerCrashedError } from "../../mod.ts";
import { echo, increment } from "../fixtures/tasks.ts";
import { type Footprint, footprint } from "../support/footprint.ts";
import { collectHere, crash } from "./tasks.ts";

const [pools, calls, crashes] = [2, 3, 4].map((at) => Number(process.argv[at])) as [
  number,
  number,
  number,
];

/** What may be more at the end than in the middle: engines have threads and heaps of their own. */
const LIMITS: Readonly<Record<keyof Footprint, number>> = {
  memory: 18, // MiB, in four tenths of a run
  threads: 2,
  files: 2,
  handles: 0,
};
const TENTHS = 10;
/** Readings in the middle, and at the end, that are compared: the least of each. */
const FEW = 3;
/** Calls made at once. */
const BATCH = 1000;
/** Pools open at once. */
const AT_ONCE = 10;
const grown: string[] = [];

/** Does something `count` times, and looks ten times what that leaves behind. */
async function watch(
  name: string,
  count: number,
  step: (count: number) => Promise<void>,
): Promise<void> {
  const seen: Footprint[] = [];
  for (let tenth = 0; tenth < TENTHS; tenth++) {
    await step(Math.ceil(count / TENTHS));
    seen.push(await footprint());
  }
  for (const what of Object.keys(LIMITS) as (keyof Footprint)[]) {
    const readings = seen.map((one) => one[what]).filter((reading) => reading !== undefined);
    if (readings.length < TENTHS) continue;
    console.log(`${name}: ${what} ${readings.map(Math.round).join(" ")}`);
    // Single readings are now and then too high.
    const more = Math.min(...readings.slice(-FEW)) - Math.min(...readings.slice(FEW, 2 * FEW));
    if (more > LIMITS[what]) grown.push(`${name}: ${what} has grown by ${Math.round(more)}`);
  }
}

async function openAndClose(count: number): Promise<void> {
  const one = async (i: number) => {
    const pool = new Pool({ workers: 1 });
    if (i % 4 !== 0 && await pool.run(increment, i) !== i + 1) throw new Error("A wrong result");
    await (i % 3 === 0 ? pool.terminate() : pool.close());
    if (pool.stats().state !== "closed") throw new Error("A pool has closed and is not closed");
  };
  for (let i = 0; i < count; i += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, k) => one(i + k)));
  }
}

const bytes = new Uint8Array(300);

async function call(pool: Pool, count: number): Promise<void> {
  for (let i = 0; i < count; i += BATCH) {
    const results = await Promise.all(
      Array.from(
        { length: BATCH },
        (_, k) => k % 50 === 0 ? pool.run(echo, bytes) : pool.run(increment, k),
      ),
    );
    if (results[1] !== 2) throw new Error("A wrong result");
  }
  await pool.broadcast(collectHere);
}

async function letCrash(pool: Pool, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const [end, other] = await Promise.allSettled([pool.run(crash, 3), pool.run(increment, i)]);
    if (!(end.status === "rejected" && end.reason instanceof WorkerCrashedError)) {
      throw new Error("A crash was not told");
    }
    if (other.status === "rejected" || other.value !== i + 1) {
      throw new Error("A crash has touched another job");
    }
  }
  // The last one to die has to be replaced, too, before anything can be compared.
  await pool.broadcast(collectHere);
}

if (pools > 0) await watch(`${pools} pools`, pools, openAndClose);
if (calls > 0) {
  await using pool = new Pool({ workers: 2 });
  await watch(`${calls} calls`, calls, (count) => call(pool, count));
}
if (crashes > 0) {
  await using pool = new Pool({ workers: 2 });
  await pool.ready;
  await watch(`${crashes} crashes`, crashes, (count) => letCrash(pool, count));
}
for (const what of grown) console.error(what);
process.exitCode = grown.length > 0 ? 1 : 0;
