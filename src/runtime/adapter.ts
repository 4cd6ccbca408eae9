/**
 * What the library needs of a JavaScript runtime. One file beside this one for
 * each kind of runtime; nothing outside this folder names a runtime's globals.
 *
 * @module
 */
import type { Natives } from "../base/natives.ts";

/**
 * One end of a line between a worker and its parent. Its messages are taken, not heard:
 * nobody listens, so that it keeps no thread alive, and a thread that blocks gets them
 * as well.
 */
export interface MailLine {
  /** Whether what was posted can be taken at once; otherwise only once it has arrived. */
  readonly isPrompt: boolean;
  /** Whether something has arrived that can be taken; only where the line is not prompt. */
  readonly hasArrived: boolean;
  /** How many messages have arrived, readable or not; only where the line is not prompt. */
  readonly arrivals: number;
  /** Calls back whenever something arrives; only where the line is not prompt. */
  onArrival(callback: () => void): void;
  /**
   * Sends a message to the other end.
   *
   * @param message What structured clone takes.
   * @param moved Buffers and ports in it that are moved.
   * @throws {DOMException} Where it cannot be sent.
   */
  post(message: unknown, moved?: readonly object[]): void;
  /** @returns The next message, `undefined` where there is none. */
  take(): unknown;
  /** Closes both ends. */
  close(): void;
}

/** A worker as its parent sees it. */
export interface WorkerHandle {
  /** Sends it a message. */
  post(message: unknown): void;
  /** What cannot be written into shared memory goes by this. */
  readonly mail: MailLine;
  /** Asks the runtime to stop the worker now, whatever it does. Silent where it cannot. */
  terminate(): void;
}

/** What a worker may do, in Deno's words; elsewhere there is no such thing. */
export type Permissions = "inherit" | "none" | Readonly<Record<string, unknown>>;

/** What a worker tells its parent by itself. */
export interface WorkerEvents {
  /** It sent a message. */
  message(message: unknown): void;
  /** It has ended, with the error that ended it where there was one. Once. */
  exit(reason: unknown): void;
  /** It has told of its end itself, and the runtime has not since; where it may never do so. */
  out(): void;
}

/** The parent's side of a runtime. */
export interface Runtime {
  /** Which runtime this is. */
  readonly name: "deno" | "bun" | "node" | "browser";
  /** Number of processors that this process may use. */
  readonly parallelism: number;
  /** Whether `terminate` stops a worker that is in synchronous code. */
  readonly stopsBusyWorkers: boolean;
  /** Whether this thread may block in `Atomics.wait`. */
  readonly mayBlock: boolean;
  /** Whether workers start while the thread that has spawned them blocks. */
  readonly startsWhileBlocked: boolean;
  /**
   * Whether errors made in a promise's reaction show, through the promises that
   * wait for it, where their caller awaits.
   */
  readonly tracesPromises: boolean;
  /** Its fastest ways. */
  readonly natives: Natives;
  /** Bytes from which on an ArrayBuffer is moved to another thread faster than copied. */
  readonly movesFrom: number;
  /**
   * Starts a worker that does not keep the process alive, unless it has permissions of its
   * own; `start` reaches its entry.
   */
  spawn(
    entry: URL,
    name: string,
    start: unknown,
    events: WorkerEvents,
    permissions?: Permissions,
  ): WorkerHandle;
  /** Runs a function once timers and I/O have had their turn. */
  turn(callback: () => void): void;
  /** Runs a function as a microtask, in the way that costs the runtime least. */
  microtask(callback: () => void): void;
  /** Runs a function later; does not keep the process alive. @returns What cancels it. */
  later(callback: () => void, delay: number): () => void;
  /** Keeps the process alive. @returns What ends that. */
  keepAlive(): () => void;
  /** The system's one-minute load average, or `undefined` where there is none to be had. */
  loadAverage(): number | undefined;
  /** Processor time that this process has used, in seconds, where it can be known. */
  processorTime(): number | undefined;
}

/** What ties a worker to its parent. */
export interface Tie {
  /** What the parent passed as `start`. */
  readonly start: unknown;
  /** What cannot be written into shared memory goes by this. */
  readonly mail: MailLine;
  /**
   * Calls back for every message of the parent's from now on. Does not keep this thread alive:
   * a module that never finishes loading must be able to end it.
   */
  onMessage(callback: (message: unknown) => void): void;
  /** Keeps this thread alive from now on, until it exits: a pending `waitAsync` is not enough. */
  stay(): void;
  /** Sends a message to the parent. */
  post(message: unknown): void;
}

/** A worker's own side of a runtime. */
export interface WorkerRuntime {
  /** Its fastest ways. */
  readonly natives: Natives;
  /** Bytes from which on an ArrayBuffer is moved to another thread faster than copied. */
  readonly movesFrom: number;
  /** Whether this thread may block in `Atomics.wait`. */
  readonly mayBlock: boolean;
  /** Gets what ties it to its parent. May call back at once. */
  onStart(callback: (tie: Tie) => void): void;
  /**
   * Calls back with an error that nothing seems to catch, before it ends the thread; only where
   * the parent is not told of it as it is.
   */
  readonly onFatal?: ((callback: (error: unknown) => void) => void) | undefined;
  /**
   * Calls back as the last thing before the thread ends, where the runtime tells; maybe twice.
   * With the exit code where it has one.
   */
  onExit(callback: (code?: number) => void): void;
  /** Runs a function once timers and I/O have had their turn. */
  turn(callback: () => void): void;
  /** Ends this worker. */
  exit(): void;
}
