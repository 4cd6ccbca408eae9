/**
 * A worker's end of its line to the host.
 *
 * @module
 */
import { HOST_MAIL, MAIL } from "../memory/layout.ts";
import type { MailLine } from "../runtime/adapter.ts";
import type { ToHost, ToWorker } from "../task/mail.ts";

/** What the line is made of. */
export interface HostLineParts {
  readonly mail: MailLine;
  /** Control memory. */
  readonly control: Int32Array;
  /** This runner's counters. */
  readonly counters: Int32Array;
  /** Wakes the host, if it sleeps. */
  readonly wake: () => void;
  /** Has the host look at its mail though it waits for nothing. */
  readonly ring: () => void;
  /** Wakes this worker: something has arrived. */
  readonly wakeSelf: () => void;
}

/** The line to the host. */
export class HostLine {
  readonly #parts: HostLineParts;
  #taken = 0;

  /** @param parts What it is made of. */
  constructor(parts: HostLineParts) {
    this.#parts = parts;
    if (!parts.mail.isPrompt) parts.mail.onArrival(parts.wakeSelf);
  }

  /** Whether mail comes also while this thread blocks. */
  get isPrompt(): boolean {
    return this.#parts.mail.isPrompt;
  }

  /** Whether there is mail to take. */
  get anyMail(): boolean {
    const { mail, counters } = this.#parts;
    return mail.isPrompt ? Atomics.load(counters, MAIL) !== this.#taken : mail.hasArrived;
  }

  /** Whether mail was posted that only a turn of the event loop brings. */
  get isOnItsWay(): boolean {
    const { mail, counters } = this.#parts;
    return !mail.isPrompt && Atomics.load(counters, MAIL) !== (mail.arrivals | 0);
  }

  /** @returns All messages that are there. */
  takeAll(): ToWorker[] {
    const { mail, counters } = this.#parts;
    // Read before: what is counted after this may be overlooked now, and shows then.
    this.#taken = Atomics.load(counters, MAIL);
    const messages: ToWorker[] = [];
    for (;;) {
      const message = mail.take() as ToWorker | undefined;
      if (message === undefined) return messages;
      messages.push(message);
    }
  }

  /**
   * Posts, counts, in this order. The completion that follows, or another message, is
   * what wakes the host.
   *
   * @param message The message.
   * @param moved What in it is moved.
   */
  post(message: ToHost, moved?: readonly object[]): void {
    const { mail, control } = this.#parts;
    mail.post(message, moved);
    Atomics.add(control, HOST_MAIL, 1);
  }

  /** The same, and has the host look, whatever it does. */
  postAndRing(message: ToHost): void {
    this.post(message);
    this.#parts.wake();
    this.#parts.ring();
  }
}
