/**
 * How far a run is: a bar on a terminal, nothing elsewhere.
 *
 * @module
 */
// @ts-types="npm:@types/cli-progress@3.11.6"
import { SingleBar } from "cli-progress";
import { clearLine, cursorTo } from "node:readline";

const WITH_TOTAL = "{bar} {percentage}% | {lines} lines | {rate} lines/s | {left} left";
const WITHOUT = "{lines} lines | {rate} lines/s | {spent}";
/** Columns of the bar, and of the text beside it. */
const BAR = 24;
const TEXT = 56;
const SAVE_CURSOR = "\x1b7";
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** A line on the terminal that tells how far a run is. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #bar: SingleBar;
  readonly #total: number | undefined;
  readonly #began = performance.now();
  #lines = 0;
  #bytes = 0;

  /**
   * @param stream A terminal.
   * @param total Bytes of the input, where it is known.
   */
  constructor(stream: NodeJS.WriteStream, total: number | undefined) {
    this.#stream = stream;
    this.#total = total;
    this.#bar = new SingleBar({
      stream,
      format: total === undefined ? WITHOUT : WITH_TOTAL,
      barsize: Math.max(0, Math.min(BAR, (stream.columns || 80) - TEXT)),
      // Switched off, it would stay so where the program is ended by force.
      linewrap: true,
      barCompleteChar: "█",
      barIncompleteChar: "░",
    });
    this.#bar.start(total ?? 0, 0, this.#figures());
  }

  /** Counts what was done. */
  advance(lines: number, bytes: number): void {
    this.#lines += lines;
    this.#bytes += bytes;
    this.#bar.update(this.#bytes, this.#figures());
  }

  /** Makes room for a message, above what is shown next. */
  clear(): void {
    cursorTo(this.#stream, 0);
    clearLine(this.#stream, 0);
  }

  /** Shows the last state, and no more. */
  stop(): void {
    // The bar goes back to where it began, which messages may have moved.
    this.#stream.write(SAVE_CURSOR);
    this.#bar.stop();
  }

  #figures(): Record<string, string> {
    const spent = (performance.now() - this.#began) / 1000;
    const rate = this.#lines / Math.max(spent, 1e-3);
    const left = spent * ((this.#total ?? 0) / this.#bytes - 1);
    return {
      lines: NUMBER.format(this.#lines),
      rate: NUMBER.format(rate < 10 ? rate : Math.round(rate)),
      left: Number.isFinite(left) ? duration(Math.max(0, left)) : "?",
      spent: duration(spent),
    };
  }
}

/** @param seconds How long. @returns The same for people, such as `2m 05s`. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  if (whole < 60) return `${whole}s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}m ${two(whole % 60)}s`;
  return `${Math.floor(whole / 3600)}h ${two(Math.floor(whole / 60) % 60)}m`;
}
