/**
 * A PostgreSQL server of one's own: a new cluster in a temporary folder, on a free
 * port of the loopback interface, for as long as a function runs.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { accessSync, chownSync, constants, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { endWithThis, run } from "./process.js";

/** Where Debian and Ubuntu keep the server's programs, in a folder for each version. */
const DEBIAN = "/usr/lib/postgresql";
/** How long in milliseconds the server may take to start, and to stop. */
const PATIENCE = 30_000;
/** What nobody needs of data that is thrown away: it starts in half the time. */
const HASTY = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off"];

/** @typedef {{ uid: number, gid: number } | undefined} Owner */

/**
 * Runs a function while a server runs, and stops that whatever happens.
 *
 * @template T
 * @param {(url: string) => Promise<T>} use Gets the URL of an empty database.
 * @returns {Promise<T>}
 * @throws {Error} Where PostgreSQL is not installed, or does not start.
 */
export async function withPostgres(use) {
  const programs = findPrograms();
  const owner = await findOwner();
  const folder = mkdtempSync(join(tmpdir(), "multicore-postgres-"));
  try {
    if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
    await makeCluster(join(programs, "initdb"), folder, owner);
    const port = await freePort();
    const server = await start(join(programs, "postgres"), folder, port, owner);
    try {
      return await use(`postgres://multicore@127.0.0.1:${port}/postgres`);
    } finally {
      await server.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {string} The folder of the newest server's programs. */
function findPrograms() {
  const debian = listFolders(DEBIAN).sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN, version, "bin"));
  const path = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  for (const folder of [...debian, ...path]) {
    if (isProgram(join(folder, "initdb")) && isProgram(join(folder, "postgres"))) return folder;
  }
  throw new Error(
    "Cannot find PostgreSQL: the example that uses it was not checked. Install the server, on Debian " +
      "by: sudo apt-get install postgresql (.ci/run does that), or have initdb and postgres on the PATH",
  );
}

/** @param {string} folder */
function listFolders(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not Debian
  }
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The server refuses to run as root, and runs as the user that its package made.
 *
 * @returns {Promise<Owner>} `undefined` for whoever runs this.
 */
async function findOwner() {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(["-u", "-g"].map(async (option) => {
    const { code, output } = await run("id", [option, "postgres"], { quiet: true });
    if (code !== 0) {
      throw new Error("Cannot run PostgreSQL: it refuses root, and there is no user postgres");
    }
    return Number(output);
  }));
  return { uid, gid };
}

/** @param {string} initdb @param {string} folder @param {Owner} owner */
async function makeCluster(initdb, folder, owner) {
  const options = ["--auth=trust", "--username=multicore", "--encoding=UTF8", "--locale=C"];
  const { code, output } = await run(initdb, [`--pgdata=${folder}`, "--no-sync", ...options], {
    cwd: folder,
    quiet: true,
    timeout: PATIENCE,
    owner,
  });
  if (code !== 0) throw new Error(`Cannot make a cluster of PostgreSQL: ${output}`);
}

/** @returns {Promise<number>} A port that nobody listens on. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(address.port));
    });
  });
}

/**
 * @param {string} program @param {string} folder @param {number} port @param {Owner} owner
 * @returns {Promise<{ stop(): Promise<void> }>} The server, once it takes connections.
 */
async function start(program, folder, port, owner) {
  const where = ["-D", folder, "-k", folder, "-h", "127.0.0.1", "-p", String(port)];
  const server = spawn(program, [...where, ...HASTY], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    detached: true, // a group of its own, to end whole
    ...owner,
  });
  endWithThis(server);
  let log = "";
  /** @type {Promise<never>} */
  const ended = new Promise((_, reject) => {
    server.once("error", reject);
    server.once("exit", () => reject(new Error(`PostgreSQL has ended: ${log}`)));
  });
  ended.catch(() => {});
  /** @type {Promise<void>} */
  const ready = new Promise((resolve) => {
    server.stderr.setEncoding("utf8").on("data", (text) => {
      log += text;
      if (log.includes("ready to accept connections")) resolve();
    });
  });
  const stop = async () => {
    const gone = ended.catch(() => {});
    server.kill("SIGINT"); // ends at once, in order
    await orLate(gone, () => server.kill("SIGKILL"));
    await gone;
  };
  try {
    await orLate(Promise.race([ready, ended]), () => {
      throw new Error(`PostgreSQL has not started within ${PATIENCE / 1000} s: ${log}`);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

/**
 * @param {Promise<void>} promise @param {() => void} late What to do where it takes too long.
 */
async function orLate(promise, late) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const over = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE, "late")));
  const first = await Promise.race([promise, over]);
  clearTimeout(timer);
  if (first === "late") late();
}
