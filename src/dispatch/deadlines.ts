/**
 * Things to be done at some time, with one timer for the earliest.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { DeadlineHeap, type Due } from "../base/deadline_heap.ts";

/** Something to be done at some time. */
export interface Timed extends Due {
  /** Does it. */
  due(): void;
}

/** Does things when they are due, also while this thread blocks. */
export class Deadlines {
  readonly #heap = new DeadlineHeap<Timed>();
  readonly #later: (callback: () => void, delay: number) => () => void;
  #cancel: (() => void) | undefined;
  #timerAt = Infinity;

  /**
   * @param later Runs a function later, and returns what cancels that.
   */
  constructor(later: (callback: () => void, delay: number) => () => void) {
    this.#later = later;
  }

  /** The earliest deadline, on the clock of `base/clock.ts`. */
  get next(): number {
    return this.#heap.first?.deadline ?? Infinity;
  }

  /** Makes something due so many milliseconds from now. */
  set(item: Timed, delay: number): void {
    this.#heap.remove(item);
    item.deadline = now() + delay;
    this.#heap.add(item);
    this.#setTimer();
  }

  /** Calls a function so many milliseconds from now. */
  doLater(due: () => void, delay: number): void {
    this.set({ deadline: 0, place: -1, due }, delay);
  }

  /** Forgets something. */
  remove(item: Timed): void {
    this.#heap.remove(item);
  }

  /** Does all that is due. */
  expire(): void {
    while (this.next <= now()) {
      const item = this.#heap.first!;
      this.#heap.remove(item);
      item.due();
    }
    this.#setTimer();
  }

  /** Ends the timer. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#timerAt = Infinity;
  }

  /** A timer that is set for earlier than need be stays, and finds nothing due. */
  #setTimer(): void {
    const next = this.next;
    if (next >= this.#timerAt) return;
    this.stop();
    this.#timerAt = next;
    this.#cancel = this.#later(() => {
      this.#timerAt = Infinity;
      this.#cancel = undefined;
      this.expire();
    }, Math.max(0, Math.ceil(next - now())));
  }
}
