/**
 * Views over growable shared memory. They have explicit lengths, since engines
 * read length-tracking views many times more slowly, and so are made anew when
 * the memory has grown past them.
 *
 * @module
 */

import { MulticoreError } from "../base/errors.ts";

/** The views of one thread on one buffer. */
export class Views {
  readonly #buffer: SharedArrayBuffer;
  /** All of the buffer as bytes, as far as this thread has looked. */
  bytes!: Uint8Array;
  /** The same stretch for reading and writing numbers at any offset. */
  view!: DataView;
  /** The same stretch as 32-bit words, for `Atomics`. */
  words!: Int32Array;

  /** @param buffer Shared memory whose length is a multiple of 4 at all times. */
  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer;
    this.#renew();
  }

  /**
   * Makes sure that the views reach to an offset.
   *
   * @param end The offset in bytes.
   * @throws {MulticoreError} Where the memory itself ends before it.
   */
  cover(end: number): void {
    if (!this.reaches(end)) {
      throw new MulticoreError(
        `Cannot reach byte ${end} of a memory of ${this.bytes.length} bytes`,
      );
    }
  }

  /** Makes the views reach to an offset in bytes. @returns Whether the memory itself does. */
  reaches(end: number): boolean {
    if (end <= this.bytes.length) return true;
    this.#renew();
    return end <= this.bytes.length;
  }

  #renew(): void {
    const length = this.#buffer.byteLength;
    this.bytes = new Uint8Array(this.#buffer, 0, length);
    this.view = new DataView(this.#buffer, 0, length);
    this.words = new Int32Array(this.#buffer, 0, length >>> 2);
  }
}
