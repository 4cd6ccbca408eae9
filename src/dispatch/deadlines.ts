/**
 * Things to be done at some time, with one timer for the earliest.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { DeadlineHeap, type Due } from "../base/deadline_heap.ts";
import type { Runtime } from "../runtime/adapter.ts";

/**
 * Most that are done in one turn of the host's event loop: what follows from each, the stacks of
 * two errors, say, takes up to 0.1 ms.
 */
export const HOST_AT_ONCE = 64;

/** Something to be done at some time. */
export interface Timed extends Due {
  /** Does it. */
  due(): void;
}

/** Does things when they are due, also while this thread blocks. */
export class Deadlines {
  readonly #heap = new DeadlineHeap<Timed>();
  readonly #runtime: Pick<Runtime, "later" | "turn">;
  readonly #atOnce: number;
  #cancel: (() => void) | undefined;
  #timerAt = Infinity;

  /**
   * @param runtime Has timers and turns.
   * @param atOnce Most that are done in one turn: on a thread that blocks between two, all.
   */
  constructor(runtime: Pick<Runtime, "later" | "turn">, atOnce: number) {
    this.#runtime = runtime;
    this.#atOnce = atOnce;
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

  /** Does all that is due, on a thread that blocks. */
  expire(): void {
    while (this.next <= now()) this.#doFirst();
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
    this.#cancel = this.#runtime.later(
      () => this.#expireInTurns(),
      Math.max(0, Math.ceil(next - now())),
    );
  }

  /** Does what is due, some of it now and the rest in the event loop's next turns. */
  #expireInTurns(): void {
    this.#timerAt = Infinity;
    this.#cancel = undefined;
    for (let i = 0; i < this.#atOnce && this.next <= now(); i++) this.#doFirst();
    if (this.next > now()) return this.#setTimer();
    this.stop();
    let isCancelled = false;
    this.#timerAt = -Infinity;
    this.#cancel = () => isCancelled = true;
    this.#runtime.turn(() => {
      if (!isCancelled) this.#expireInTurns();
    });
  }

  #doFirst(): void {
    const item = this.#heap.first!;
    this.#heap.remove(item);
    item.due();
  }
}
