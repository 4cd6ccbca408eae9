/**
 * Bun's own workers: Web Workers that tell of their end, and need not keep anything alive.
 * Bun makes its `node:worker_threads` of them, and takes four times as long with these until
 * a worker's first line runs.
 *
 * @module
 */
import type { MailLine, WorkerEvents, WorkerHandle, WorkerRuntime } from "./adapter.ts";

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
  readonly Bun: { readonly isMainThread: boolean };
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

/** What the first message stands under: a program's own workers may import the entry too. */
const FIRST = "multicore.first";

/** Starts a worker. @param lineOf Makes a line of one end of a channel. */
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
    reason = event.error ?? new Error(event.message);
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
 * The worker's side, or `undefined` where this thread is the main one.
 *
 * @param lineOf Makes a line of one end of a channel.
 * @param rest What is no different from other workers.
 */
export function bunWorkerRuntime(
  lineOf: (port: MessagePort) => MailLine,
  rest: Omit<WorkerRuntime, "mail" | "onStart" | "onMessage" | "stay" | "post">,
): WorkerRuntime | undefined {
  const scope = globalThis as unknown as BunScope;
  if (scope.Bun.isMainThread) return undefined;
  let mail: MailLine | undefined;
  let orders: BunPort | undefined;
  return {
    ...rest,
    get mail() {
      return mail!;
    },
    onStart(callback) {
      const hear = ({ data }: MessageEvent) => {
        const first: First | undefined = data?.[FIRST];
        if (first === undefined) return;
        // A listener keeps the thread alive.
        scope.removeEventListener("message", hear);
        mail = lineOf(first.line);
        orders = first.orders;
        callback(first.start);
      };
      scope.addEventListener("message", hear);
    },
    onMessage(callback) {
      orders!.onmessage = ({ data }) => callback(data);
      // A module that never finishes loading must be able to end the thread.
      orders!.unref();
    },
    // A pending `waitAsync` is not enough to keep the thread alive.
    stay: () => orders!.ref(),
    post: (message) => scope.postMessage(message),
  };
}
