/**
 * The host's end of its line to one worker.
 *
 * @module
 */
import { MAIL } from "../memory/layout.ts";
import type { MailLine } from "../runtime/adapter.ts";
import type { Holding, ToHost, ToWorker } from "../task/mail.ts";

/** What a line is made of. */
export interface WorkerLineParts {
  /** Which life of a worker it leads to. */
  readonly life: number;
  readonly mail: MailLine;
  /** The runner's counters. */
  readonly counters: Int32Array;
  /** Wakes the worker, if it sleeps. */
  readonly wake: () => void;
}

/** One worker's line. */
export class WorkerLine {
  readonly #parts: WorkerLineParts;
  /** Handles that the worker is to be told to let go of. */
  #releases: Holding[] = [];

  /** @param parts What it is made of. */
  constructor(parts: WorkerLineParts) {
    this.#parts = parts;
  }

  /** Which life of a worker it leads to. */
  get life(): number {
    return this.#parts.life;
  }

  /** Whether mail is there as soon as it was posted. */
  get isPrompt(): boolean {
    return this.#parts.mail.isPrompt;
  }

  /** Whether something has arrived, where mail has to. */
  get hasArrived(): boolean {
    return this.#parts.mail.hasArrived;
  }

  /** Calls back whenever something has arrived, where mail has to. */
  onArrival(callback: () => void): void {
    this.#parts.mail.onArrival(callback);
  }

  /**
   * Posts, counts, in this order; a worker that sees the count finds the message.
   *
   * @param message The message.
   * @param moved What in it is moved.
   */
  post(message: ToWorker, moved?: readonly object[]): void {
    const { mail, counters } = this.#parts;
    mail.post(message, moved);
    Atomics.add(counters, MAIL, 1);
  }

  /** The same, and wakes the worker: it waits for this, or has to do something about it. */
  postAndWake(message: ToWorker, moved?: readonly object[]): void {
    this.post(message, moved);
    this.wake();
  }

  /** Wakes the worker, if it sleeps: it has mail. */
  wake(): void {
    this.#parts.wake();
  }

  /** Tells the worker, soon, to let go of what it holds. */
  release(holding: Holding): void {
    if (this.#releases.push(holding) > 1) return;
    queueMicrotask(() => {
      const holdings = this.#releases;
      this.#releases = [];
      this.postAndWake({ kind: "release", holdings });
    });
  }

  /** @returns The worker's next message, `undefined` where there is none. */
  take(): ToHost | undefined {
    return this.#parts.mail.take() as ToHost | undefined;
  }

  /** Closes it: the worker is gone. */
  close(): void {
    this.#parts.mail.close();
  }
}
