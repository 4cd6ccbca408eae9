/**
 * Whom abort signals concern: one listener for each signal, however many it concerns,
 * since engines walk all listeners of a signal to add or to remove one.
 *
 * @module
 */

/** Those whom one signal concerns. */
interface Watched<T> {
  readonly concerned: Set<T>;
  readonly onAbort: () => void;
}

/**
 * Tells who is aborted.
 *
 * @typeParam T Whom signals concern, a job say.
 */
export class Signals<T> {
  readonly #watched = new WeakMap<AbortSignal, Watched<T>>();
  readonly #aborted: (concerned: T[], reason: unknown) => void;

  /** @param aborted Called with those whom a signal concerns, in the order of their coming. */
  constructor(aborted: (concerned: T[], reason: unknown) => void) {
    this.#aborted = aborted;
  }

  /** Begins to look at a signal for somebody; one that is aborted already tells nobody. */
  watch(signal: AbortSignal, one: T): void {
    let watched = this.#watched.get(signal);
    if (watched === undefined) {
      const concerned = new Set<T>();
      const onAbort = () => {
        this.#watched.delete(signal);
        this.#aborted([...concerned], signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#watched.set(signal, watched = { concerned, onAbort });
    }
    watched.concerned.add(one);
  }

  /** The signal does not concern somebody any more. */
  forget(signal: AbortSignal, one: T): void {
    const watched = this.#watched.get(signal);
    if (watched === undefined) return;
    watched.concerned.delete(one);
    if (watched.concerned.size > 0) return;
    signal.removeEventListener("abort", watched.onAbort);
    this.#watched.delete(signal);
  }
}
