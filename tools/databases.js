/**
 * Runs the examples with databases on every runtime: SQLite, and PostgreSQL with a
 * server of its own, whose books tell whether each worker kept its one connection.
 *
 * `node tools/databases.js [--runtime=deno]` does this alone.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { buildNode, NODE_BUILD } from "./build.js";
import { inWords, outcome, sum } from "./count.js";
import { withPostgres } from "./postgres.js";
import { ROOT, run } from "./process.js";
import { chosenRuntimes, RUNTIMES } from "./runtimes.js";
import { setup } from "./setup.js";

/** @typedef {import("./count.js").Count} Count */

const TIMEOUT = 60_000;
/** What Deno has to be allowed besides. */
const PERMISSIONS = ["--allow-env", "--allow-net=127.0.0.1", "--allow-write"];
/** How often the server's books are read, in milliseconds. */
const INTERVAL = 5;

/** Examples that need more than the others, and are run here. */
export const DATABASE_EXAMPLES = ["examples/postgres.ts", "examples/sqlite.ts"];

/**
 * @param {string[]} runtimes
 * @returns {Promise<Record<string, Count>>} By what ran them.
 */
export async function runDatabases(runtimes) {
  if (runtimes.includes("node")) await buildNode();
  return await withPostgres(async (url) => {
    /** @type {Record<string, Count>} */
    const counts = {};
    for (const runtime of runtimes) {
      counts[`databases, ${runtime}`] = sum([
        await check(`SQLite (${runtime})`, () => runExample(runtime, "examples/sqlite")),
        await check(`PostgreSQL (${runtime})`, () => runPostgres(runtime, url)),
      ]);
    }
    return counts;
  });
}

/** @param {string} name @param {() => Promise<unknown>} part @returns {Promise<Count>} */
async function check(name, part) {
  try {
    await part();
    console.log(`ok ${name}`);
    return outcome(true);
  } catch (error) {
    console.log(`FAILED ${name}`);
    console.log(error);
    return outcome(false);
  }
}

/**
 * @param {string} runtime @param {string} path Without its end.
 * @param {Record<string, string>} [env]
 * @returns {Promise<string>} What it printed.
 */
async function runExample(runtime, path, env) {
  const [program, ...args] = RUNTIMES[runtime];
  const file = runtime === "node" ? join(NODE_BUILD, `${path}.js`) : join(ROOT, `${path}.ts`);
  const permissions = runtime === "deno" ? PERMISSIONS : [];
  const { code, output, timedOut } = await run(program, [...args, ...permissions, file], {
    quiet: true,
    timeout: TIMEOUT,
    env,
  });
  if (timedOut) throw new Error(`It did not end within ${TIMEOUT / 1000} s: ${output}`);
  if (code !== 0) throw new Error(`It ended with status ${code}: ${output}`);
  return output;
}

/**
 * The example in a database of its own, and beside it what the server says: who is
 * connected, looked up all the time, and how many there have been in the end.
 *
 * @param {string} runtime @param {string} url
 */
async function runPostgres(runtime, url) {
  const { default: postgres } = await import("postgres"); // needs setup
  const sql = postgres(url, { max: 1 });
  try {
    const database = `example_${runtime}`;
    await sql`CREATE DATABASE ${sql(database)}`;
    /** @type {Map<string, number>} Each connection that was seen, and how often. */
    const seen = new Map();
    let over = false;
    const look = async () => {
      while (!over) {
        const rows = await sql`
          SELECT application_name AS name, pid, backend_start::text AS start
          FROM pg_stat_activity WHERE datname = ${database} ORDER BY application_name`;
        for (const { name, pid, start } of rows) {
          const connection = `${name}, process ${pid} since ${start}`;
          seen.set(connection, (seen.get(connection) ?? 0) + 1);
        }
        await new Promise((resolve) => setTimeout(resolve, INTERVAL));
      }
    };
    const looking = look();
    const output = await runExample(runtime, "examples/postgres", {
      DATABASE_URL: url.replace(/[^/]*$/, database),
    }).finally(() => (over = true));
    await looking;
    expect(output.includes("4000 transfers over 2 connections of 2\n"), output);
    expect(output.includes("100000 in 1000 accounts\n"), output);
    const list = [...seen].map(([connection, times]) => `${connection}: seen ${times} times`);
    console.log(list.join("\n"));
    const names = [...seen.keys()].map((connection) => connection.split(",")[0]).sort();
    expect(names.join() === "worker 0,worker 1", `There were other connections: ${names.join()}`);
    expect(Math.min(...seen.values()) > 10, "They were hardly there");
    await expectSessions(sql, database, 2);
  } finally {
    await sql.end();
  }
}

/**
 * The server counts a session when it ends. So there was none between two looks.
 *
 * @param {import("postgres").Sql} sql @param {string} database @param {number} expected
 */
async function expectSessions(sql, database, expected) {
  const end = performance.now() + 10_000;
  for (;;) {
    const [{ sessions, open }] = await sql`
      SELECT sessions::integer, numbackends::integer AS open
      FROM pg_stat_database WHERE datname = ${database}`;
    if (sessions === expected && open === 0) return;
    const late = performance.now() > end;
    expect(!late && sessions <= expected, `${sessions} sessions in all, ${open} still open`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** @param {boolean} holds @param {string} message */
function expect(holds, message) {
  if (!holds) throw new Error(message);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({ options: { runtime: { type: "string" } } });
  await setup();
  const total = sum(Object.values(await runDatabases(chosenRuntimes(values.runtime))));
  console.log(`\n${inWords(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}
