/**
 * Who wants to hear when an engine takes no more jobs.
 *
 * @module
 */

/** Callbacks for the moment when an engine takes no more jobs. */
export class Closing {
  readonly #callbacks = new Set<() => void>();
  #isOver = false;

  /** Calls back, later, once that has come. @returns What cancels that. */
  whenOver(callback: () => void): () => void {
    if (this.#isOver) queueMicrotask(callback);
    else this.#callbacks.add(callback);
    return () => void this.#callbacks.delete(callback);
  }

  /** It has come. Callbacks may run the user's code, which is not for the caller to wait for. */
  tell(): void {
    this.#isOver = true;
    for (const callback of this.#callbacks) queueMicrotask(callback);
    this.#callbacks.clear();
  }
}
