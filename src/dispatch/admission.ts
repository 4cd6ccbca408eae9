/**
 * Who is let in: whether a pool takes jobs at all, and how many at a time.
 *
 * @module
 */
import { type MulticoreError, QueueFullError } from "../base/errors.ts";
import { Closing } from "./closing.ts";

/** How many jobs may be accepted and not settled, and what becomes of one more. */
export interface QueueLimit {
  readonly capacity: number;
  readonly whenFull: "wait" | "reject";
}

/** The door of a pool. Once closed it stays so. */
export class Admission {
  /** Whether there is a limit to the jobs that are in at a time; most pools have none. */
  readonly limited: boolean;
  readonly #capacity: number;
  #closedBy: MulticoreError | undefined;
  readonly #closing = new Closing();

  /** @param queue The pool's option; where it lets jobs wait, any number is let in. */
  constructor(queue: QueueLimit) {
    this.limited = queue.whenFull === "reject";
    this.#capacity = queue.capacity;
  }

  /** Whether it takes jobs. */
  get open(): boolean {
    return this.#closedBy === undefined;
  }

  /** Why it takes no more jobs, where it does not. */
  get closedBy(): MulticoreError | undefined {
    return this.#closedBy;
  }

  /** Takes no more jobs. @param error What they are refused with from now on. */
  close(error: MulticoreError): void {
    this.#closedBy = error;
    this.#closing.tell();
  }

  /** Calls back, later, once it takes no more jobs. @returns What cancels that. */
  whenClosed(callback: () => void): () => void {
    return this.#closing.whenOver(callback);
  }

  /** Throws where it takes no more jobs. */
  checkOpen(): void {
    if (this.#closedBy !== undefined) throw this.#closedBy;
  }

  /** Throws where no more may be in; for where this is limited. @param unsettled How many would be. */
  checkRoom(unsettled: number): void {
    if (unsettled > this.#capacity) throw queueFull(this.#capacity);
  }
}

function queueFull(capacity: number): QueueFullError {
  return new QueueFullError(
    `Cannot accept another job: ${capacity} are unsettled, the limit of the pool's option queue.capacity`,
  );
}
