/**
 * Keeps the bytes that are under way within bounds, however long the lines are.
 *
 * @module
 */

const MOST = 2 ** 26;

/** Counts bytes in and out, and lets more in only where there is room. */
export class Flow {
  #bytes = 0;
  #wake: (() => void) | undefined;

  /** Waits until there is room for so many bytes; for any number where nothing is under way. */
  async enter(bytes: number): Promise<void> {
    while (this.#bytes > 0 && this.#bytes + bytes > MOST) {
      await new Promise<void>((resolve) => void (this.#wake = resolve));
    }
    this.#bytes += bytes;
  }

  /** Notes that so many bytes have been dealt with. */
  leave(bytes: number): void {
    this.#bytes -= bytes;
    this.#wake?.();
    this.#wake = undefined;
  }
}
