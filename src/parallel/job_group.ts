/**
 * Jobs that belong to one call of the user's.
 *
 * @module
 */

/**
 * The jobs that a call has under way. Where the pool's queue is full of them and refuses
 * one more, that is no failure: it waits until one of them has ended.
 */
export class JobGroup {
  #jobs = 0;
  #waiting = new Set<() => void>();

  /** Whether any is under way. */
  get isBusy(): boolean {
    return this.#jobs > 0;
  }

  /** One is submitted. */
  begin(): void {
    this.#jobs++;
  }

  /** It was not accepted. */
  takeBack(): void {
    this.#jobs--;
  }

  /** One has settled, or was given up. */
  end(): void {
    this.#jobs--;
    const waiting = this.#waiting;
    if (waiting.size === 0) return;
    this.#waiting = new Set();
    for (const callback of waiting) callback();
  }

  /** Calls back when the next one ends. */
  whenOneEnds(callback: () => void): void {
    this.#waiting.add(callback);
  }
}
