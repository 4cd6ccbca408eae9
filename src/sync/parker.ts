/**
 * One thread's parking place: a word in shared memory that says what the thread
 * is doing, that it sleeps on, and that any other thread may wake it by. The
 * states and the proof that no wake-up is lost are in this folder's README.
 *
 * The idea is that of the parkers of crossbeam and rayon.
 *
 * @module
 */

/** Taken at the start: packages exist that put slower ones in its place. */
const waitAsync = Atomics.waitAsync;

/** Awake, or about to be; nothing more is known. What a fresh word holds. */
export const AWAKE = 0;
/** Has announced that it will sleep, or sleeps. */
export const PARKED = 1;
/** Awake and looking for work. A thread that is woken from PARKED is in this state before it runs again. */
export const SEARCHING = 2;
/** Awake and in the middle of a job, or else unable to take one. */
export const BUSY = 3;
/** As PARKED, of a thread that cannot take jobs now: it waits for something else. */
export const RESTING = 4;
/** As PARKED, of a thread whose event loop has jobs under way: it may be in the middle of one. */
export const LISTENING = 5;

/**
 * A parking place on one word. Its owner calls `announce`, then looks once more
 * for work, then sleeps or goes on; every other thread calls only `unpark`, and
 * always after it has published the work.
 */
export class Parker {
  #words: Int32Array;
  #index: number;
  /** A sleep that an earlier announcement led to and that nobody has ended. */
  #sleeping: Promise<unknown> | undefined;
  #announced = PARKED;

  /**
   * @param words Shared words.
   * @param index Which of them is the parking place.
   */
  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /** What the owner does, as one of this module's states. May be out of date at once. */
  get state(): number {
    return Atomics.load(this.#words, this.#index);
  }

  /** Owner: says that it is awake, and what it does. */
  set state(state: number) {
    Atomics.store(this.#words, this.#index, state);
  }

  /**
   * Owner: says that it is about to sleep. It must look once more, after this, for
   * what it would wait for.
   *
   * @param state PARKED, RESTING or LISTENING.
   */
  announce(state: number = PARKED): void {
    this.#announced = state;
    Atomics.store(this.#words, this.#index, state);
  }

  /**
   * Owner, after `announce`: sleeps until woken, blocking the thread.
   *
   * @param timeout Longest sleep in milliseconds.
   * @returns Whether somebody woke it, or had done so before it slept.
   */
  block(timeout: number): boolean {
    return Atomics.wait(this.#words, this.#index, this.#announced, timeout) !== "timed-out";
  }

  /**
   * Owner, after `announce`: sleeps until woken while its event loop goes on. An
   * owner that stopped waiting for the promise and announces itself anew gets the
   * same one again: it still stands in the list of those whom `unpark` wakes.
   *
   * @returns A promise of the waking, or `undefined` where it has come already.
   */
  sleep(): Promise<unknown> | undefined {
    if (this.#sleeping !== undefined) {
      return this.state === this.#announced ? this.#sleeping : undefined;
    }
    const waiting = waitAsync(this.#words, this.#index, this.#announced);
    if (!waiting.async) return undefined;
    const over = () => void (this.#sleeping = undefined);
    return (this.#sleeping = waiting.value.then(over, over));
  }

  /**
   * Owner, awake: ends a sleep from which nobody will wake it any more. An engine keeps a
   * promise that waits, and all that hangs on it, for as long as nobody rings.
   */
  endSleep(): void {
    if (this.#sleeping !== undefined) Atomics.notify(this.#words, this.#index);
  }

  /** Owner: parks from now on where nobody looks. The place may be another's soon. */
  leave(): void {
    this.#words = new Int32Array(new SharedArrayBuffer(4));
    this.#index = 0;
  }

  /**
   * Any other thread, after it has published what the owner waits for: wakes it if
   * it has announced its sleep; costs one shared load where it has not.
   *
   * @param state The sleep to wake it from: PARKED, RESTING or LISTENING.
   * @returns Whether this call woke it.
   */
  unpark(state: number = PARKED): boolean {
    const words = this.#words;
    const index = this.#index;
    if (Atomics.load(words, index) !== state) return false;
    const awake = state === PARKED ? SEARCHING : AWAKE;
    if (Atomics.compareExchange(words, index, state, awake) !== state) return false;
    // All of them: a sleeper of an earlier announcement may stand before the one that blocks.
    Atomics.notify(words, index);
    return true;
  }
}
