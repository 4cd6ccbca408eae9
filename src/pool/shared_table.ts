/**
 * The host's books of what every thread may have: which number it has, who needs it,
 * and when it is let go.
 *
 * @module
 */
import { type Handed, handingOf, type Package } from "../task/handed.ts";
import type { Holding, Numbering, Shareable } from "../task/mail.ts";
import type { Numbered } from "../task/moves.ts";
import type { PayloadContext } from "../task/outbox.ts";
import { Packages } from "../task/packages.ts";
import { SharedEntry } from "./shared_entry.ts";
import type { WorkerLine } from "./worker_line.ts";

/** SharedArrayBuffers and packages, by number. */
export class SharedTable {
  readonly #packages: Packages;
  readonly #numbering: Numbering;
  readonly #lines: ReadonlyMap<number, WorkerLine>;
  readonly #entries = new Map<number, SharedEntry>();
  /** Of what the program has. */
  readonly #numbers = new WeakMap<object, number>();
  readonly #gone = new FinalizationRegistry<SharedEntry>((entry) => this.#settle(entry));

  /**
   * @param numbering Gives the host's numbers.
   * @param lines The lines to the workers, by life.
   * @param context What both ends of payloads know.
   */
  constructor(
    numbering: Numbering,
    lines: ReadonlyMap<number, WorkerLine>,
    context: PayloadContext,
  ) {
    this.#numbering = numbering;
    this.#lines = lines;
    this.#packages = new Packages(context);
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** @returns The number of a buffer that the program has. */
  numberOf(buffer: SharedArrayBuffer): number {
    return this.#known(buffer) ?? this.#add(buffer, structuredClone(buffer));
  }

  /** @returns The number of what stands for a package. */
  numberOfPackage(shared: Handed): number {
    const handing = handingOf(shared) as { package: Package };
    return this.#known(shared) ?? this.#add(shared, handing.package);
  }

  /** @returns What has a number, for the program: the same object for as long as that has it. */
  find(number: number): unknown {
    const entry = this.#entries.get(number);
    if (entry === undefined) return undefined;
    if (!(entry.object instanceof SharedArrayBuffer)) return this.#packages.open(entry.object);
    const seen = entry.seen?.deref();
    if (seen !== undefined) return seen;
    const buffer = structuredClone(entry.object);
    this.#see(entry, buffer);
    return buffer;
  }

  /** A worker has announced some. */
  add(line: WorkerLine, objects: readonly Numbered<Shareable>[]): void {
    for (const [number, object] of objects) {
      let entry = this.#entries.get(number);
      if (entry === undefined) {
        this.#entries.set(number, entry = new SharedEntry(number, object));
      }
      entry.announcedBy(line);
    }
  }

  /** Something is needed until `unpin`; all workers are given it. */
  pin(number: number): void {
    const entry = this.#entries.get(number)!;
    entry.pins++;
    for (const line of this.#lines.values()) entry.giveTo(line);
  }

  /** Some are needed here until `unpin`. @returns Those that are there. */
  keep(numbers: readonly number[]): number[] {
    const kept = numbers.filter((number) => this.#entries.has(number));
    for (const number of kept) this.#entries.get(number)!.pins++;
    return kept;
  }

  /** One of those who needed them does not any more. */
  unpin(numbers: Iterable<number>): void {
    for (const number of numbers) {
      const entry = this.#entries.get(number);
      if (entry === undefined) continue;
      entry.pins--;
      this.#settle(entry);
    }
  }

  /** Gives some to a worker that has not got them. */
  giveTo(line: WorkerLine, numbers: Iterable<number>): void {
    for (const number of numbers) this.#entries.get(number)?.giveTo(line);
  }

  /** Gives a worker what jobs name that it may claim. */
  givePinnedTo(line: WorkerLine): void {
    for (const entry of this.#entries.values()) if (entry.pins > 0) entry.giveTo(line);
  }

  /** Sends something to a worker that wants it. @returns Whether it is there. */
  sendTo(line: WorkerLine, number: number): boolean {
    const entry = this.#entries.get(number);
    if (entry === undefined) return false;
    entry.sendTo(line);
    line.wake();
    this.#settle(entry);
    return true;
  }

  /** A worker has let go of some. */
  released(line: WorkerLine, holdings: readonly Holding[]): void {
    for (const [number, epoch] of holdings) {
      const entry = this.#entries.get(number);
      if (entry === undefined) continue;
      entry.releasedBy(line.life, epoch);
      this.#settle(entry);
    }
  }

  /** A worker is gone. */
  leave(life: number): void {
    for (const entry of this.#entries.values()) {
      entry.releasedBy(life);
      this.#settle(entry);
    }
  }

  /** Forgets all: the pool has ended. */
  clear(): void {
    this.#entries.clear();
  }

  #known(object: object): number | undefined {
    const number = this.#numbers.get(object);
    return number !== undefined && this.#entries.has(number) ? number : undefined;
  }

  #add(object: object, posted: Shareable): number {
    const entry = new SharedEntry(this.#numbering.next(), posted);
    this.#entries.set(entry.number, entry);
    this.#see(entry, object);
    return entry.number;
  }

  #see(entry: SharedEntry, object: object): void {
    entry.seen = new WeakRef(object);
    this.#numbers.set(object, entry.number);
    this.#gone.register(object, entry);
  }

  /** Something may not be needed any more: sees to it that it is let go, by the workers first. */
  #settle(entry: SharedEntry): void {
    if (entry.isNeeded) return;
    if (entry.isHeld) entry.askToRelease(this.#lines);
    else this.#entries.delete(entry.number);
  }
}
