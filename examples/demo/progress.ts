/**
 * A progress bar for terminals.
 *
 * @module
 */
import process from "node:process";

/** Least time between two drawings, in milliseconds. */
const PERIOD = 50;
const WIDTH = 30;

/** One bar, on the line that the cursor is on. Where the output is no terminal it shows nothing. */
export class ProgressBar {
  readonly #label: string;
  readonly #total: number;
  readonly #shown: boolean = process.stderr.isTTY === true;
  #done = 0;
  #drawn = -Infinity;

  /**
   * @param label What goes on.
   * @param total How much there is to do.
   */
  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
    this.advance(0);
  }

  /** So much more is done. */
  advance(amount: number): void {
    this.#done += amount;
    if (!this.#shown || performance.now() - this.#drawn < PERIOD) return;
    this.#drawn = performance.now();
    const share = this.#total > 0 ? Math.min(1, this.#done / this.#total) : 1;
    const full = Math.floor(share * WIDTH);
    const bar = "█".repeat(full) + "░".repeat(WIDTH - full);
    const percent = `${Math.floor(100 * share)} %`.padStart(5);
    process.stderr.write(`\r   ${this.#label.padEnd(10)} ${bar} ${percent}`);
  }

  /** Wipes the bar away. */
  end(): void {
    if (this.#shown) process.stderr.write("\r\x1b[K");
  }
}
