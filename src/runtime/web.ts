/**
 * Browsers, and whatever else has Web Workers and shared memory.
 *
 * @module
 */
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
    tracesPromises: true,
    natives: portableNatives,
    movesFrom: MOVES_FROM,
    spawn: (entry, name, start, events) => spawnWeb(entry, name, start, events),
    microtask: queueMicrotask.bind(globalThis),
    turn,
    later(callback, delay) {
      const timer = setTimeout(callback, delay);
      return () => clearTimeout(timer);
    },
    keepAlive: () => () => {},
    loadAverage: () => undefined,
    processorTime: () => undefined,
  };
}

/** Starts a Web Worker. @param extras Options that only this runtime has. */
export function spawnWeb(
  entry: URL,
  name: string,
  start: unknown,
  events: WorkerEvents,
  extras?: object,
): WorkerHandle {
  const worker = new Worker(entry, { type: "module", name, ...extras });
  let ended = false;
  const exit = (reason: unknown) => {
    if (!ended) events.exit(reason);
    ended = true;
  };
  worker.onmessage = ({ data }) => {
    if (data === EXIT) exit("it closed itself");
    else events.message(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    worker.terminate();
    exit(event.error ?? event.message ?? "its script cannot be loaded");
  };
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ start, line: port2 }, [port2]);
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
  const arrived: unknown[] = [];
  let call = () => {};
  port.onmessage = ({ data }) => {
    arrived.push(data);
    call();
  };
  return {
    isPrompt: false,
    get hasArrived() {
      return arrived.length > 0;
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

/**
 * The worker's side, or `undefined` where this thread is no Web Worker.
 *
 * @param natives Faster ways, where the runtime has some.
 * @param tellOfExit Calls back as the last thing before the thread ends, where the runtime tells.
 */
export function webWorkerRuntime(
  natives: Natives = portableNatives,
  tellOfExit: WorkerRuntime["onExit"] = () => {},
): WorkerRuntime | undefined {
  if (!inWorker) return undefined;
  const scope = self as unknown as {
    name: string;
    onmessage: ((event: MessageEvent) => void) | null;
    postMessage(message: unknown): void;
    close(): void;
  };
  return {
    natives,
    movesFrom: MOVES_FROM,
    mayBlock: true,
    onStart(callback) {
      scope.onmessage = ({ data: { start, line } }) => {
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
    },
    onExit(callback) {
      tellOfExit((code) => {
        callback(code);
        scope.postMessage(EXIT);
      });
    },
    turn,
    exit() {
      scope.postMessage(EXIT);
      scope.close();
    },
  };
}
