/**
 * Browsers, and whatever else has Web Workers and shared memory.
 *
 * @module
 */
import type { Runtime, TextReader, WorkerEvents, WorkerHandle, WorkerRuntime } from "./adapter.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Browsers refuse to decode shared memory: the bytes are copied first. */
const text: TextReader = {
  latin1(bytes, start, end) {
    let result = "";
    for (let i = start; i < end; i += 4096) {
      result += String.fromCharCode(...bytes.slice(i, Math.min(end, i + 4096)));
    }
    return result;
  },
  utf8: (bytes, start, end) => decoder.decode(bytes.slice(start, end)),
};

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

/** Only a worker's global scope has this function; a page has none. */
const inWorker = typeof (globalThis as { importScripts?: unknown }).importScripts === "function";

/** The parent's side. */
export function webRuntime(): Runtime {
  return {
    name: "browser",
    parallelism: navigator.hardwareConcurrency ?? 1,
    stopsBusyWorkers: true,
    mayBlock: inWorker,
    tracesPromises: true,
    text,
    spawn,
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

function spawn(entry: URL, name: string, start: unknown, events: WorkerEvents): WorkerHandle {
  const worker = new Worker(entry, { type: "module", name });
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
  worker.postMessage(start);
  return {
    post: (message) => worker.postMessage(message),
    terminate() {
      worker.terminate();
      // Nothing is told of a worker that was terminated; but not before the caller has gone on.
      queueMicrotask(() => exit("it was terminated"));
    },
  };
}

const EXIT = "multicore.exit";

/** The worker's side, or `undefined` where this thread is no Web Worker. */
export function webWorkerRuntime(): WorkerRuntime | undefined {
  if (!inWorker) return undefined;
  const scope = self as unknown as {
    name: string;
    onmessage: ((event: MessageEvent) => void) | null;
    postMessage(message: unknown): void;
    close(): void;
  };
  return {
    text,
    mayBlock: true,
    onStart(callback) {
      scope.onmessage = (event) => {
        scope.onmessage = null;
        callback(event.data);
      };
    },
    onMessage(callback) {
      scope.onmessage = (event) => callback(event.data);
    },
    stay() {},
    post: (message) => scope.postMessage(message),
    onExit() {},
    turn,
    exit() {
      scope.postMessage(EXIT);
      scope.close();
    },
  };
}
