/**
 * The host's books of one thing that every thread may have.
 *
 * @module
 */
import { originOf, type Shareable } from "../task/mail.ts";
import type { WorkerLine } from "./worker_line.ts";

/** How a worker holds it. */
interface Hold {
  /** The count of its announcements; 0 where the worker has announced it itself. */
  readonly epoch: number;
  /** Whether the worker was told to let go. */
  asked: boolean;
}

/**
 * One SharedArrayBuffer or package. The host keeps it for as long as any thread may
 * name it: its own program has it, an unsettled job names it, or a worker holds it.
 */
export class SharedEntry {
  readonly number: number;
  /** What is posted: never what the program has, so that it shows when that is let go. */
  readonly object: Shareable;
  /** What the program has: a buffer on the same memory, or what stands for the package. */
  seen: WeakRef<object> | undefined;
  /** How many unsettled jobs and unread results name it. */
  pins = 0;
  readonly #holds = new Map<number, Hold>();
  #epoch = 0;

  /**
   * @param number Its number.
   * @param object What is posted.
   */
  constructor(number: number, object: Shareable) {
    this.number = number;
    this.object = object;
  }

  /** Whether anybody here needs it, or the worker that it is from does. */
  get isNeeded(): boolean {
    return this.pins > 0 || this.#holds.get(originOf(this.number))?.epoch === 0 ||
      this.seen?.deref() !== undefined;
  }

  /** Whether workers hold it. */
  get isHeld(): boolean {
    return this.#holds.size > 0;
  }

  /** Notes that the worker at the end of a line has announced it. */
  announcedBy(line: WorkerLine): void {
    this.#holds.set(line.life, { epoch: 0, asked: false });
  }

  /** Sees to it that the worker at the end of a line holds it. */
  giveTo(line: WorkerLine): void {
    const hold = this.#holds.get(line.life);
    if (hold === undefined || hold.asked) this.sendTo(line);
  }

  /** Sends it to a worker that may have lost it. */
  sendTo(line: WorkerLine): void {
    const epoch = ++this.#epoch;
    this.#holds.set(line.life, { epoch, asked: false });
    line.post({ kind: "shared", holding: [this.number, epoch], object: this.object });
  }

  /** Asks those who hold it, and were not asked yet, to let go. */
  askToRelease(lines: ReadonlyMap<number, WorkerLine>): void {
    for (const [life, hold] of this.#holds) {
      if (hold.asked) continue;
      hold.asked = true;
      lines.get(life)?.release([this.number, hold.epoch]);
    }
  }

  /**
   * A worker has let go of it, or is gone.
   *
   * @param epoch What it has let go of; it may have been given the same thing again since.
   */
  releasedBy(life: number, epoch?: number): void {
    const hold = this.#holds.get(life);
    if (epoch === undefined || hold?.epoch === epoch) this.#holds.delete(life);
  }
}
