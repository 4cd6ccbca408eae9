/**
 * What workers do with SQLite, by the module that their runtime comes with.
 *
 * @module
 */
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { context, register } from "@multicore/multicore";

/** As far as `node:sqlite` and `bun:sqlite` are alike. */
export interface Connection {
  exec(sql: string): unknown;
  prepare(sql: string): {
    get(...values: (number | string)[]): unknown;
    run(...values: (number | string)[]): unknown;
  };
  close(): void;
}

/** The file of this run. Workers are threads of one process, so that it has one name in all of them. */
const FILE = join(tmpdir(), `multicore-example-${process.pid}.sqlite`);

/** How many connections this thread has opened. */
let opened = 0;

/** @returns A new connection; `undefined` where the runtime has no SQLite. */
export async function connect(): Promise<Connection | undefined> {
  const connection = "Bun" in globalThis
    ? new (await load("bun:sqlite")).Database(FILE)
    : await openInNode();
  connection?.exec("PRAGMA busy_timeout = 10000"); // milliseconds to wait for others' locks
  opened++;
  return connection;
}

/** Deno and Node; the latter from version 22.5 on. */
async function openInNode(): Promise<Connection | undefined> {
  try {
    return new (await load("node:sqlite")).DatabaseSync(FILE);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_UNKNOWN_BUILTIN_MODULE") throw error;
    return undefined;
  }
}

/** By a name that is no literal: not all runtimes have types for each. */
// deno-lint-ignore no-explicit-any
const load = (module: string): Promise<any> => import(module);

/** Runs once in each worker, after its last job. */
export const disconnect = (connection: Connection | undefined): void => connection?.close();

/** @returns Whether this worker has a database. */
export const isThere = (): boolean => context<Connection | undefined>() !== undefined;

/** Makes the table that the others read. */
export function fill(words: number): void {
  const connection = context<Connection>();
  connection.exec("PRAGMA journal_mode = WAL"); // readers and a writer do not wait for each other
  connection.exec("CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL)");
  const insert = connection.prepare("INSERT INTO word VALUES (?, ?)");
  connection.exec("BEGIN");
  for (let id = 0; id < words; id++) insert.run(id, `word ${(id * 7919) % words}`);
  connection.exec("COMMIT");
}

/** @returns How many words there are that begin so, and how many connections this worker has opened. */
export function count(prefix: string): { words: number; opened: number } {
  const query = context<Connection>().prepare(
    "SELECT count(*) AS words FROM word WHERE text LIKE ? || '%'",
  );
  const { words } = query.get(prefix) as { words: number };
  return { words, opened };
}

/** Deletes the file; for when all connections are closed. */
export function removeFile(): void {
  for (const end of ["", "-wal", "-shm"]) rmSync(FILE + end, { force: true });
}

register(import.meta.url, { connect, count, disconnect, fill, isThere });
