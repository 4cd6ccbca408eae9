/**
 * Browsers, and whatever else has Web Workers and shared memory.
 *
 * @module
 */
import { Queue } from "../base/queue.ts";
import { type Natives, portableNatives } from "../base/natives.ts";
import type { MailLine, Runtime, WorkerEvents, WorkerHandle, WorkerRuntime } from "./adapter.ts";

/** Bytes; as in most runtimes of which it was measured. */
const MOVES_FROM = 1 << 21;

/** A message to oneself comes after the events that wait already, with no smallest delay. */
const turns: (() => void)[] = [];
let channel: MessageChannel | undefined;

function turn(callback: () => void): void {
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => turns.shift()?.();
  }
  turns.push(callback);
  channel.port2.postMessage(undefined);
}

/** `setTimeout`'s longest delay, in milliseconds; one that is longer is taken for none at all. */
export const LONGEST_DELAY = 2 ** 31 - 1;

/** Only a worker's global scope is of this class; a page's is not. */
const inWorker = (() => {
  const { DedicatedWorkerGlobalScope: scope } = globalThis as {
    DedicatedWorkerGlobalScope?: unknown;
  };
  return typeof scope === "function" && globalThis instanceof scope;
})();

/** The parent's side. */
export function webRuntime(): Runtime {
  return {
    name: "browser",
    parallelism: navigator.hardwareConcurrency ?? 1,
    stopsBusyWorkers: true,
    mayBlock: inWorker,
    startsWhileBlocked: false,
    tracesPromises: true,
    natives: portableNatives,
    movesFrom: MOVES_FROM,
    spawn,
    microtask: queueMicrotask.bind(globalThis),
    turn,
    later(callback, delay) {
      const timer = setTimeout(callback, Math.min(delay, LONGEST_DELAY));
      return () => clearTimeout(timer);
    },
    keepAlive: () => () => {},
    loadAverage: () => undefined,
    processorTime: () => undefined,
  };
}

/** By this part of its URL an entry knows that a pool has started it, and waits for its word. */
const FOR_A_POOL = "#multicore";
/** That word: a browser drops messages to a worker that does not listen yet. */
const LISTENS = "multicore.listens";

function spawn(entry: URL, name: string, start: unknown, events: WorkerEvents): WorkerHandle {
  const url = new URL(entry);
  url.hash = FOR_A_POOL;
  return spawnWeb(url, name, start, events);
}

/**
 * Starts a Web Worker. One whose entry is not marked by `FOR_A_POOL` is to listen at once.
 *
 * @param extras Options that only this runtime has.
 */
export function spawnWeb(
  entry: URL,
  name: string,
  start: unknown,
  events: WorkerEvents,
  extras?: object,
): WorkerHandle {
  const worker = new Worker(entry, { type: "module", name, ...extras });
  const { port1, port2 } = new MessageChannel();
  const sendStart = () => worker.postMessage({ start, line: port2 }, [port2]);
  let ended = false;
  const exit = (reason: unknown) => {
    if (!ended) events.exit(reason);
    ended = true;
  };
  worker.onmessage = ({ data }) => {
    if (data === EXIT) {
      exit("it closed itself");
      // Else it would go on to the end of what it runs. Deno must not: it could not end any more.
      if (extras === undefined) worker.terminate();
    } else if (data === LISTENS) sendStart();
    else events.message(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    worker.terminate();
    // What it has said of the error itself comes before that.
    setTimeout(exit, 0, event.error ?? new Error(event.message ?? "its script cannot be loaded"));
  };
  if (entry.hash !== FOR_A_POOL) sendStart();
  return {
    post: (message) => worker.postMessage(message),
    mail: lineOf(port1),
    terminate() {
      worker.terminate();
      // Nothing is told of a worker that was terminated; but not before the caller has gone on.
      queueMicrotask(() => exit("it was terminated"));
    },
  };
}

/** A browser hands messages out by its event loop alone: they wait here until they are taken. */
function lineOf(port: MessagePort): MailLine {
  const arrived = new Queue<unknown>();
  let arrivals = 0;
  let call = () => {};
  port.onmessage = ({ data }) => {
    arrivals++;
    arrived.push(data);
    call();
  };
  port.onmessageerror = () => void arrivals++;
  return {
    isPrompt: false,
    get hasArrived() {
      return arrived.length > 0;
    },
    get arrivals() {
      return arrivals;
    },
    onArrival(callback) {
      call = callback;
    },
    post: (message, moved) => port.postMessage(message, moved as Transferable[] ?? []),
    take: () => arrived.shift(),
    close: () => port.close(),
  };
}

/** A worker's last message. */
export const EXIT = "multicore.exit";

/** Nobody is told of a worker that closes itself; it goes on to the end of what it runs just then. */
export function onClose(callback: () => void): void {
  const scope = globalThis as { close?: () => void };
  const { close } = scope;
  scope.close = () => {
    callback();
    close?.call(scope);
  };
}

/** The parent gets no more of an error than its text, and nothing of a rejection, which this makes one. */
function onFatal(callback: (error: unknown) => void): void {
  addEventListener("error", ({ error }) => callback(error));
  addEventListener("unhandledrejection", (event) => {
    setTimeout(() => {
      if (!event.defaultPrevented) reportError(event.reason);
    });
  });
}

/**
 * The worker's side, or `undefined` where this thread is no Web Worker.
 *
 * @param natives Faster ways, where the runtime has some.
 * @param tellOfExit Calls back as the last thing before the thread ends.
 */
export function webWorkerRuntime(
  natives: Natives = portableNatives,
  tellOfExit: WorkerRuntime["onExit"] = onClose,
): WorkerRuntime | undefined {
  if (!inWorker) return undefined;
  const scope = self as unknown as {
    name: string;
    onmessage: ((event: MessageEvent) => void) | null;
    postMessage(message: unknown): void;
    close(): void;
  };
  const exit = () => {
    scope.postMessage(EXIT);
    scope.close();
  };
  return {
    natives,
    movesFrom: MOVES_FROM,
    mayBlock: true,
    onStart(callback) {
      const isPools = globalThis.location?.hash === FOR_A_POOL;
      scope.onmessage = ({ data }) => {
        const { start, line } = data ?? {};
        if (!(line instanceof MessagePort)) {
          // Before its start a pool's worker hears only that it is not wanted any more.
          if (isPools) exit();
          return;
        }
        scope.onmessage = null;
        callback({
          start,
          mail: lineOf(line),
          onMessage(hear) {
            scope.onmessage = (event) => hear(event.data);
          },
          stay() {},
          post: (message) => scope.postMessage(message),
        });
      };
      if (isPools) scope.postMessage(LISTENS);
    },
    onFatal,
    onExit(callback) {
      tellOfExit((code) => {
        callback(code);
        scope.postMessage(EXIT);
      });
    },
    turn,
    exit,
  };
}
