/**
 * Deno, Bun and Node: workers by `node:worker_threads`, which all three have.
 * Deno's own Web Workers keep the process alive for ever and end without a word;
 * these do neither.
 *
 * @module
 */
import type {
  MailLine,
  Permissions,
  Runtime,
  Tie,
  WorkerEvents,
  WorkerHandle,
  WorkerRuntime,
} from "./adapter.ts";
import { builtin } from "./builtin.ts";
import { natives } from "./natives.ts";
import { EXIT, LONGEST_DELAY, onClose, spawnWeb, webWorkerRuntime } from "./web.ts";

const threads = builtin<typeof import("node:worker_threads")>("node:worker_threads");
const timers = builtin<typeof import("node:timers")>("node:timers");

/** Loaded where it is asked for only: workers need none of it. */
const os = () => builtin<typeof import("node:os")>("node:os");

/** Milliseconds that Deno has to tell of a worker that has told of its end itself, and why it ended. */
const MOMENT = 100;

/** What Node's `queueMicrotask` does for its hooks costs more than a promise: 180 ns against 70. */
const settled = Promise.resolve();

/** Where this thread keeps what its parent passed to it, when it is a worker of a pool. */
const START = "multicore.start";
/** And its end of the line to its parent. */
const LINE = "multicore.line";

/**
 * Measured: a move takes 0.3 to 0.5 ms longer than a copy of a few KiB, whatever the size, and
 * the copy catches up at 1 MiB in Deno and Bun, at 512 KiB in Node. Twice that, since a move waits
 * for the host's thread, which may be busy.
 */
const MOVES_FROM = { deno: 1 << 21, bun: 1 << 21, node: 1 << 20 };

/** The parent's side. */
export function threadsRuntime(name: "deno" | "bun" | "node"): Runtime {
  return {
    name,
    get parallelism() {
      return globalThis.navigator?.hardwareConcurrency ?? os().availableParallelism();
    },
    stopsBusyWorkers: name !== "deno",
    mayBlock: true,
    startsWhileBlocked: true,
    tracesPromises: name !== "bun",
    natives,
    movesFrom: MOVES_FROM[name],
    spawn,
    microtask: name === "node" ? (callback) => void settled.then(callback) : queueMicrotask,
    turn,
    later,
    keepAlive() {
      const timer = timers.setTimeout(() => {}, LONGEST_DELAY);
      return () => timers.clearTimeout(timer);
    },
    loadAverage: systemLoadAverage,
    processorTime() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  };
}

const turn = (callback: () => void): void => void timers.setImmediate(callback);

function later(callback: () => void, delay: number): () => void {
  const timer = timers.setTimeout(callback, Math.min(delay, LONGEST_DELAY)).unref();
  return () => timers.clearTimeout(timer);
}

function spawn(
  entry: URL,
  name: string,
  start: unknown,
  events: WorkerEvents,
  permissions?: Permissions,
): WorkerHandle {
  if (permissions !== undefined) {
    return spawnWeb(entry, name, start, events, { deno: { permissions } });
  }
  const { port1, port2 } = new threads.MessageChannel();
  const worker = new threads.Worker(threadEntry(entry), {
    name,
    workerData: { [START]: start, [LINE]: port2 },
    transferList: [port2],
  });
  let reason: unknown;
  let stopWaiting = () => {};
  worker.on("message", (message) => {
    if (message !== EXIT) return events.message(message);
    stopWaiting();
    // An event that waits already comes before the turn.
    stopWaiting = later(() => turn(events.out), MOMENT);
  });
  worker.on("error", (error) => void (reason = error));
  worker.on("exit", (code) => {
    stopWaiting();
    events.exit(reason ?? `it exited with code ${code}`);
  });
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    mail: lineOf(port1),
    terminate: () => void worker.terminate(),
  };
}

/** All three can take a message from a port without waiting for their event loop. */
function lineOf(port: import("node:worker_threads").MessagePort): MailLine {
  return {
    isPrompt: true,
    hasArrived: false,
    arrivals: 0,
    onArrival() {},
    post: (message, moved) => port.postMessage(message, moved as Movable[] | undefined),
    take: () => threads.receiveMessageOnPort(port)?.message,
    close: () => port.close(),
  };
}

type Movable = import("node:worker_threads").TransferListItem;

/** `node:worker_threads` refuses remote entries, but takes a module that imports one. */
function threadEntry(entry: URL): URL {
  if (entry.protocol === "file:" || entry.protocol === "data:") return entry;
  return new URL(`data:text/javascript,import ${encodeURIComponent(JSON.stringify(entry.href))}`);
}

/** Windows has no load average and reports zeros; Deno may not be permitted to read it. */
function systemLoadAverage(): number | undefined {
  if (process.platform === "win32" || !mayReadLoad()) return undefined;
  return os().loadavg()[0];
}

/** Asks Deno beforehand, since it would stop a program in a terminal with a question. */
function mayReadLoad(): boolean {
  const deno = (globalThis as { Deno?: DenoPermissions }).Deno;
  if (deno === undefined) return true;
  return deno.permissions.querySync({ name: "sys", kind: "loadavg" }).state === "granted";
}

/** What is used of Deno's permission API. */
interface DenoPermissions {
  readonly permissions: {
    querySync(descriptor: { name: "sys"; kind: "loadavg" }): { readonly state: string };
  };
}

/** The worker's side, or `undefined` where this thread is no worker of a pool. */
export function threadsWorkerRuntime(
  name: keyof typeof MOVES_FROM,
): WorkerRuntime | undefined {
  const tie = tieToParent();
  return tie && {
    natives,
    movesFrom: MOVES_FROM[name],
    mayBlock: true,
    onStart: (callback) => callback(tie),
    onFatal: name === "deno" ? onDenoFatal : undefined,
    onExit: name === "deno" ? tellOfDenoExit : (callback) => void process.on("exit", callback),
    turn,
    exit: () => process.exit(),
  };
}

function tieToParent(): Tie | undefined {
  const { parentPort: port, workerData } = threads;
  if (port === null || workerData?.[START] === undefined) return undefined;
  return {
    start: workerData[START],
    mail: lineOf(workerData[LINE]),
    onMessage(callback) {
      port.on("message", callback);
      port.unref();
    },
    stay: () => port.ref(),
    post: (message) => port.postMessage(message),
  };
}

/** Deno tells the parent no more of an error than its class and message. */
function onDenoFatal(callback: (error: unknown) => void): void {
  addEventListener("error", ({ error }) => callback(error));
  addEventListener("unhandledrejection", ({ reason }) => callback(reason));
}

/** `Deno.exit` tells of itself by an event, `self.close` not at all; the thread goes on for a moment after both. */
function onDenoExit(callback: (code?: number) => void): void {
  process.on("exit", callback);
  addEventListener("unload", () => callback());
  onClose(callback);
}

/** And Deno tells the parent nothing of a worker that exits anew while it exits. */
function tellOfDenoExit(callback: (code?: number) => void): void {
  onDenoExit((code) => {
    callback(code);
    threads.parentPort!.postMessage(EXIT);
  });
}

/**
 * The worker's side in Deno, where the worker has permissions of its own: only its Web
 * Workers can. `undefined` where this thread is none.
 */
export const restrictedWorkerRuntime = (): WorkerRuntime | undefined =>
  webWorkerRuntime(natives, onDenoExit);
