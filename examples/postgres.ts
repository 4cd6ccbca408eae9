/**
 * One connection to PostgreSQL for each worker, opened by `setup` and kept for thousands
 * of jobs. It needs a server: `DATABASE_URL` says which; its table `multicore_account` is made anew.
 *
 * @module
 */
import { Pool } from "@multicore/multicore";
import { audit, connect, disconnect, prepare, transfer } from "./databases/postgres_tasks.ts";

const ACCOUNTS = 1000;
const TRANSFERS = 4000;

const pool = new Pool({ workers: 2, setup: connect, teardown: disconnect });
await pool.ready; // rejects with what the database said, where it cannot be reached

await pool.run(prepare, ACCOUNTS);

const task = pool.task<number>();
for (let i = 0; i < TRANSFERS; i++) {
  const from = 1 + i % (ACCOUNTS - 1);
  task.run(transfer, from, from + 1, 5);
}
const processes = new Set(await task.get());

const { cents, connections } = await pool.run(audit);
console.log(`${TRANSFERS} transfers over ${processes.size} connections of ${connections}`);
console.log(`${cents / 100} in ${ACCOUNTS} accounts`); // 100000 in 1000 accounts

await pool.close(); // ends the connections
