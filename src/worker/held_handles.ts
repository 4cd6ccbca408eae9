/**
 * A worker's books of what every thread may have: what it was given, and what its own
 * program has made and given away.
 *
 * @module
 */
import { type Handed, handingOf, type Package } from "../task/handed.ts";
import type { Holding, Numbering, Shareable } from "../task/mail.ts";
import type { Numbered } from "../task/moves.ts";
import type { PayloadContext } from "../task/outbox.ts";
import { Packages } from "../task/packages.ts";
import type { Parcel } from "../task/parcel.ts";

/** What a worker keeps of one thing that every thread may have. */
class Entry {
  readonly number: number;
  /** What the host has sent; `undefined` where this worker's own program has made it. */
  readonly object: Shareable | undefined;
  /** What this worker's own program has. */
  readonly seen: WeakRef<object> | undefined;
  /** The count of the host's announcements of it. */
  readonly epoch: number;
  /** Whether the host knows of it. */
  isAnnounced: boolean;
  /** How many unsettled jobs and unread results of this worker's own lane name it. */
  pins = 0;

  constructor(number: number, object: Shareable | WeakRef<object>, epoch: number) {
    this.number = number;
    this.epoch = epoch;
    const isOwn = object instanceof WeakRef;
    this.object = isOwn ? undefined : object;
    this.seen = isOwn ? object : undefined;
    this.isAnnounced = !isOwn;
  }
}

/** SharedArrayBuffers and packages, by number. */
export class HeldHandles {
  readonly #packages: Packages;
  readonly #numbering: Numbering;
  readonly #tell: (holdings: readonly Holding[]) => void;
  readonly #entries = new Map<number, Entry>();
  readonly #numbers = new WeakMap<object, number>();
  /** What nobody else needs, or this worker's own program has no more. */
  readonly #asked = new Set<Entry>();
  #isLettingGo = false;
  /** Jobs that have begun to be read and wait for something: nothing is let go meanwhile. */
  #reading = 0;
  readonly #gone = new FinalizationRegistry<Entry>((entry) => {
    this.#asked.add(entry);
    this.#letGoSoon();
  });

  /**
   * @param numbering Gives this worker's numbers.
   * @param context What both ends of payloads know.
   * @param tell Tells the host of what was let go.
   */
  constructor(
    numbering: Numbering,
    context: PayloadContext,
    tell: (holdings: readonly Holding[]) => void,
  ) {
    this.#numbering = numbering;
    this.#packages = new Packages(context);
    this.#tell = tell;
  }

  /** How many there are. */
  get size(): number {
    return this.#entries.size;
  }

  /** @returns The number of a buffer, or of what stands for a package. */
  numberOf(object: SharedArrayBuffer | Handed): number {
    const known = this.#numbers.get(object);
    if (known !== undefined && this.#entries.has(known)) return known;
    const entry = new Entry(this.#numbering.next(), new WeakRef(object), 0);
    this.#entries.set(entry.number, entry);
    this.#numbers.set(object, entry.number);
    this.#gone.register(object, entry);
    return entry.number;
  }

  /** @returns What has a number, for the program. */
  find(number: number): unknown {
    const entry = this.#entries.get(number);
    if (entry === undefined) return undefined;
    if (entry.object instanceof SharedArrayBuffer) return entry.object;
    if (entry.object !== undefined) return this.#packages.open(entry.object);
    const seen = entry.seen!.deref();
    if (seen === undefined || seen instanceof SharedArrayBuffer) return seen;
    return this.#packages.open(packageIn(seen));
  }

  /** The host has sent something. */
  add([number, epoch]: Holding, object: Shareable): void {
    const entry = new Entry(number, object, epoch);
    entry.pins = this.#entries.get(number)?.pins ?? 0;
    this.#entries.set(number, entry);
    if (object instanceof SharedArrayBuffer) this.#numbers.set(object, number);
  }

  /** @returns What of a parcel the host does not know; it has to be told now. */
  announce(parcel: Parcel): Numbered<Shareable>[] {
    const objects: Numbered<Shareable>[] = [];
    for (const [number, object] of parcel.shared) {
      const entry = this.#entries.get(number)!;
      if (entry.isAnnounced) continue;
      entry.isAnnounced = true;
      objects.push([number, object instanceof SharedArrayBuffer ? object : packageIn(object)]);
    }
    return objects;
  }

  /** Some are needed here until `unpin`. @returns Those that are there. */
  pin(numbers: Iterable<number>): number[] {
    const pinned = [...numbers].filter((number) => this.#entries.has(number));
    for (const number of pinned) this.#entries.get(number)!.pins++;
    return pinned;
  }

  /** One of those who needed them does not any more. */
  unpin(numbers: Iterable<number>): void {
    for (const number of numbers) {
      const entry = this.#entries.get(number);
      if (entry === undefined) continue;
      entry.pins--;
      if (this.#asked.has(entry)) this.#letGoSoon();
    }
  }

  /** The host asks for some to be let go. */
  ask(holdings: readonly Holding[]): void {
    for (const [number, epoch] of holdings) {
      const entry = this.#entries.get(number);
      if (entry?.epoch === epoch) this.#asked.add(entry);
    }
  }

  /** Lets nothing go from now on. */
  hold(): void {
    this.#reading++;
  }

  /** Ends that. */
  unhold(): void {
    this.#reading--;
    this.letGo();
  }

  /** Lets go of what is asked for and not needed here, and says so. */
  letGo(): void {
    if (this.#asked.size === 0 || this.#reading > 0) return;
    const holdings: Holding[] = [];
    for (const entry of this.#asked) {
      if (entry.pins > 0) continue;
      this.#asked.delete(entry);
      // Else the host has sent it anew since.
      if (this.#entries.get(entry.number) !== entry) continue;
      this.#entries.delete(entry.number);
      if (entry.isAnnounced) holdings.push([entry.number, entry.epoch]);
    }
    if (holdings.length > 0) this.#tell(holdings);
  }

  #letGoSoon(): void {
    if (this.#isLettingGo) return;
    this.#isLettingGo = true;
    queueMicrotask(() => {
      this.#isLettingGo = false;
      this.letGo();
    });
  }
}

function packageIn(shared: object): Package {
  return (handingOf(shared) as { package: Package }).package;
}
