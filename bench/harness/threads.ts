/**
 * A bare worker, by whatever the runtime has: Web Workers in Deno and Bun, which
 * are its own there, and worker threads in Node.
 *
 * @module
 */

/** The host's side of a bare worker. */
export interface Thread {
  send(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  terminate(): void;
}

/** Starts a worker. */
export async function startThread(
  url: URL,
  receive: (message: unknown) => void,
): Promise<Thread> {
  if (typeof Worker === "function") return startWebWorker(url, receive);
  return startWorkerThread(await import("node:worker_threads"), url, receive);
}

/** Starts a worker thread, which multicore's workers are in all three runtimes. */
export function startWorkerThread(
  threads: typeof import("node:worker_threads"),
  url: URL,
  receive: (message: unknown) => void,
): Thread {
  const worker = new threads.Worker(url);
  worker.on("message", receive);
  return {
    send: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
  };
}

function startWebWorker(url: URL, receive: (message: unknown) => void): Thread {
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = (event) => receive(event.data);
  return {
    send: (message, transfer) =>
      transfer === undefined
        ? worker.postMessage(message)
        : worker.postMessage(message, [...transfer]),
    terminate: () => worker.terminate(),
  };
}
