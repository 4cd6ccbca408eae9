/**
 * The worker's side of a bare worker.
 *
 * @module
 */

/** What a worker talks through. */
export interface Host {
  send(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  receive(handler: (message: unknown) => void): void;
}

/** The thread that started this worker. */
export const host: Host = typeof postMessage === "function" ? webHost() : await threadHost();

function webHost(): Host {
  const scope = globalThis as unknown as {
    postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
    onmessage: (event: MessageEvent) => void;
  };
  return {
    send: (message, transfer) =>
      transfer === undefined
        ? scope.postMessage(message)
        : scope.postMessage(message, [...transfer]),
    receive: (handler) => {
      scope.onmessage = (event) => handler(event.data);
    },
  };
}

async function threadHost(): Promise<Host> {
  const { parentPort } = await import("node:worker_threads");
  return {
    send: (message, transfer) => parentPort!.postMessage(message, transfer),
    receive: (handler) => parentPort!.on("message", handler),
  };
}
