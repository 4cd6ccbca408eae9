/**
 * One connection to SQLite for each worker, opened by `setup` and kept for thousands of jobs.
 *
 * @module
 */
import { Pool } from "@multicore/multicore";
import { connect, count, disconnect, fill, isThere, removeFile } from "./databases/sqlite_tasks.ts";

const WORDS = 1000;
const QUERIES = 3000;

const pool = new Pool({ workers: 2, setup: connect, teardown: disconnect });

if (await pool.run(isThere)) {
  await pool.run(fill, WORDS);

  const task = pool.task<{ words: number; opened: number }>();
  for (let i = 0; i < QUERIES; i++) task.run(count, `word ${i % WORDS}`);
  const counts = await task.get();

  const most = Math.max(...counts.map(({ opened }) => opened));
  console.log(`${QUERIES} queries, ${most} connection for each worker`);
  console.log(`${counts[5]!.words} words begin with "word 5"`); // 111 words begin with "word 5"
} else {
  console.log("This runtime has no SQLite of its own: Deno and Bun have, and Node from 22.5 on");
}

await pool.close(); // closes the connections
removeFile();
