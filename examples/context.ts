/**
 * What workers are set up with, once, for all of their jobs; and what a job knows of the
 * request that it is part of.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { Pool } from "@multicore/multicore";
import { closeDictionary, openDictionary, translate } from "./tasks.ts";

const request = new AsyncLocalStorage<string>();

const pool = new Pool({
  workers: 2,
  setup: openDictionary, // what it returns, jobs get by context()
  teardown: closeDictionary,
  traceId: () => request.getStore(), // what it gives, jobs get by currentJob().traceId
});
await pool.ready; // rejects where a setup has failed, with its reason

async function handle(word: string): Promise<string> {
  const translated = await pool.run(translate, word);
  // The caller's own context is still there after the await.
  return `${translated}, for ${request.getStore()}`;
}

const answers = await Promise.all(
  ["tea", "cake", "coffee"].map((word, i) => request.run(`request ${i + 1}`, () => handle(word))),
);
// request 1: Tee, for request 1
// request 2: Kuchen, for request 2
// request 3: unknown, for request 3
console.log(answers.join("\n"));

await pool.close(); // rejects where a teardown has failed
