/**
 * What workers do with PostgreSQL: each has one connection, for as long as it lives.
 *
 * @module
 */
import process from "node:process";
import { context, register } from "@multicore/multicore";
import postgres from "postgres";

type Connection = postgres.Sql;

/** Runs once in each worker, before its first job; what it returns is the worker's context. */
export async function connect(worker: number): Promise<Connection> {
  const url = process.env["DATABASE_URL"];
  if (url === undefined) throw new Error("Set DATABASE_URL, such as postgres://localhost/test");
  const connection = postgres(url, {
    max: 1, // the worker's own
    idle_timeout: 0, // for good
    connection: { application_name: `worker ${worker}` },
    onnotice: () => {},
  });
  await connection`SELECT 1`; // so that the pool does not start without its database
  return connection;
}

/** Runs once in each worker, after its last job. */
export const disconnect = (connection: Connection): Promise<void> => connection.end({ timeout: 5 });

/** Makes the table that the others work on. */
export async function prepare(accounts: number): Promise<void> {
  const sql = context<Connection>();
  await sql`DROP TABLE IF EXISTS multicore_account`;
  await sql`CREATE TABLE multicore_account (id integer PRIMARY KEY, cents bigint NOT NULL)`;
  await sql`INSERT INTO multicore_account SELECT id, 10000 FROM generate_series(1, ${accounts}) AS id`;
}

/** Moves money, and tells which of the server's processes did it: there is one for each connection. */
export async function transfer(from: number, to: number, cents: number): Promise<number> {
  const [row] = await context<Connection>()<[{ pid: number }]>`
    UPDATE multicore_account SET cents = cents + CASE id WHEN ${from} THEN ${-cents}::bigint ELSE ${cents} END
    WHERE id IN (${from}, ${to})
    RETURNING pg_backend_pid() AS pid`;
  return row.pid;
}

/** @returns What all accounts hold, and how many connections there are to this database. */
export async function audit(): Promise<{ cents: number; connections: number }> {
  const [row] = await context<Connection>()<[{ cents: number; connections: number }]>`
    SELECT sum(cents)::float8 AS cents, (
      SELECT count(*)::integer FROM pg_stat_activity WHERE datname = current_database()
    ) AS connections
    FROM multicore_account`;
  return row;
}

register(import.meta.url, { audit, connect, disconnect, prepare, transfer });
