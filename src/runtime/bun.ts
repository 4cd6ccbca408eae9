/**
 * Bun's own workers: Web Workers that tell of their end, and need not keep anything alive.
 * Bun makes its `node:worker_threads` of them, and takes four times as long with these until
 * a worker's first line runs.
 *
 * @module
 */
import type { MailLine, Tie, WorkerEvents, WorkerHandle } from "./adapter.ts";

/** What Bun's workers have beyond the standard. */
interface BunWorker {
  onmessage: ((event: MessageEvent) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  addEventListener(type: "close", listener: (event: { readonly code: number }) => void): void;
  postMessage(message: unknown, moved?: readonly object[]): void;
  terminate(): void;
  unref(): void;
}

/** And their ports. */
interface BunPort extends MessagePort {
  ref(): void;
  unref(): void;
}

/** And what they see of themselves. */
interface BunScope {
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  removeEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  postMessage(message: unknown): void;
}

/** The first message to a worker. */
interface First {
  readonly start: unknown;
  /** The worker's end of the line. */
  readonly line: BunPort;
  /** Brings all further messages. */
  readonly orders: BunPort;
}

/** Under which it is sent: a program's own workers may import the entry too. */
const FIRST = "multicore.first";

/** Taken at the start: packages for tests put others in their place. */
const { Worker, MessageChannel } = globalThis;

/**
 * Starts a worker. Its entry must import this library's before it awaits anything: what is
 * sent to a worker that does not listen once its entry first awaits is lost.
 *
 * @param lineOf Makes a line of one end of a channel.
 */
export function spawnBun(
  entry: URL,
  name: string,
  start: unknown,
  events: WorkerEvents,
  lineOf: (port: MessagePort) => MailLine,
): WorkerHandle {
  const worker = new Worker(entry, { type: "module", name }) as unknown as BunWorker;
  worker.unref();
  let reason: unknown;
  worker.onmessage = ({ data }) => events.message(data);
  worker.onerror = (event) => {
    event.preventDefault();
    // What Bun would print of it. The worker itself tells more, unless it could not load.
    reason = new Error(event.message);
  };
  worker.addEventListener("close", ({ code }) => {
    events.exit(reason ?? `it exited with code ${code}`);
  });
  const line = new MessageChannel();
  const orders = new MessageChannel();
  const first = { start, line: line.port2, orders: orders.port2 };
  worker.postMessage({ [FIRST]: first }, [first.line, first.orders]);
  return {
    post: (message) => orders.port1.postMessage(message),
    mail: lineOf(line.port1),
    terminate: () => worker.terminate(),
  };
}

/**
 * Worker: waits for the first message.
 *
 * @param lineOf Makes a line of one end of a channel.
 * @param tied Called back with what it brings.
 * @returns What ends the waiting, which keeps the thread alive.
 */
export function awaitFirst(
  lineOf: (port: MessagePort) => MailLine,
  tied: (tie: Tie) => void,
): () => void {
  const scope = globalThis as unknown as BunScope;
  const stop = () => scope.removeEventListener("message", hear);
  const hear = ({ data }: MessageEvent) => {
    const first: First | undefined = data?.[FIRST];
    if (first === undefined) return;
    stop();
    const { start, line, orders } = first;
    tied({
      start,
      mail: lineOf(line),
      onMessage(callback) {
        orders.onmessage = (event) => callback(event.data);
        orders.unref();
      },
      stay: () => orders.ref(),
      post: (message) => scope.postMessage(message),
    });
  };
  scope.addEventListener("message", hear);
  return stop;
}
