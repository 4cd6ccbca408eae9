/**
 * Waiting by looks that give way now and then: threads that only look, more of them
 * than there are processors, would else wait for each other a slice of time at a time.
 *
 * @module
 */

const LOOKS = 1000;
const place = new Int32Array(new SharedArrayBuffer(4));

/** Counts looks in vain. */
export class Patience {
  #looks = 0;

  /** After a look in vain: lets others run now and then. */
  lost(): void {
    if (++this.#looks % LOOKS === 0) Atomics.wait(place, 0, 0, 0.02);
  }
}
