/**
 * Whether pools that have ended are freed, however their last job did. Prints how many
 * of them are not, for each way.
 *
 * @module
 */
import { Pool } from "../../mod.ts";
import { increment, never } from "../fixtures/tasks.ts";
import { collect } from "../support/footprint.ts";
import { crash } from "./tasks.ts";

const COUNT = 5;
/** Collections that are waited for. */
const MOST_COLLECTIONS = 40;
const PAUSE = 25;

/** How the last job of a pool may end. */
const WAYS: Record<string, (pool: Pool) => Promise<unknown>> = {
  done: (pool) => pool.run(increment, 1),
  "timed out": (pool) => pool.runWith({ timeout: 1 }, never),
  crashed: (pool) => pool.run(crash, 9),
  aborted: (pool) => pool.runWith({ signal: AbortSignal.timeout(5) }, never),
};

async function use(way: (pool: Pool) => Promise<unknown>): Promise<WeakRef<Pool>> {
  const pool = new Pool({ workers: 1 });
  await pool.ready;
  await way(pool).catch(() => {});
  await pool.close();
  return new WeakRef(pool);
}

const left: Record<string, number> = {};
for (const [name, way] of Object.entries(WAYS)) {
  const pools: WeakRef<Pool>[] = [];
  for (let i = 0; i < COUNT; i++) pools.push(await use(way));
  for (let i = 0; i < MOST_COLLECTIONS; i++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    collect();
    left[name] = pools.filter((pool) => pool.deref() !== undefined).length;
    if (left[name] === 0) break;
  }
}
console.log(JSON.stringify(left));
