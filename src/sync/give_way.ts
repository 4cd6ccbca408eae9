/**
 * The shortest sleep that there is, for the sake of another thread.
 *
 * @module
 */

/** A word that nobody changes. */
const word = new Int32Array(new SharedArrayBuffer(4));
/** In milliseconds. Linux makes some 0.06 more of it; of less than a microsecond engines make nothing. */
const MOMENT = 0.05;

/** Lets whatever else wants this thread's processor have it. Not on a page's thread, which must not block. */
export function giveWay(): void {
  Atomics.wait(word, 0, 0, MOMENT);
}
