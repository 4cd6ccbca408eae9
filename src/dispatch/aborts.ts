/**
 * Waiting for an abort signal, as tasks, flows of chunks and jobs that run where they were begun do.
 *
 * @module
 */
import { Signals } from "./signals.ts";

/** What is called with a signal's reason. */
type Callback = (reason: unknown) => void;

const signals = new Signals<Callback>((callbacks, reason) => {
  for (const callback of callbacks) {
    try {
      callback(reason);
    } catch (error) {
      // Reported as uncaught, as for a listener of its own: the others have to hear of the abort.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
});

/**
 * @param signal A signal that is not aborted.
 * @param callback Called with its reason once it is; for this call alone.
 * @returns A function that takes the callback back.
 */
export function whenAborted(signal: AbortSignal, callback: Callback): () => void {
  signals.watch(signal, callback);
  return () => signals.forget(signal, callback);
}
