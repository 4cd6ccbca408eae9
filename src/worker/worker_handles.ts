/**
 * A worker's end of everything that travels beside shared memory: what it was given,
 * what it has announced, what it waits for.
 *
 * @module
 */
import { MulticoreError } from "../base/errors.ts";
import { type Handles, MissingHandleError } from "../codec/mod.ts";
import { Arrivals, discard, Moved } from "../task/arrivals.ts";
import { type Handed, handingOf, type Package } from "../task/handed.ts";
import { type Holding, Numbering, type Shareable, type ToWorker } from "../task/mail.ts";
import type { Numbered } from "../task/moves.ts";
import type { PayloadContext } from "../task/outbox.ts";
import type { Neighbour } from "../task/start.ts";
import { Packages } from "../task/packages.ts";
import type { Parcel } from "../task/parcel.ts";
import type { HostLine } from "./host_line.ts";

/** Called once something is there, or with the error where it never will be. */
type Then = (error: Error | undefined) => void;

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

/** A worker's handles. */
export class WorkerHandles implements Handles {
  readonly #line: HostLine;
  readonly #packages: Packages;
  readonly #life: number;
  readonly #numbering: Numbering;
  readonly #entries = new Map<number, Entry>();
  readonly #numbers = new WeakMap<object, number>();
  readonly #gone = new FinalizationRegistry<Entry>((entry) => {
    this.#asked.add(entry);
    this.#letGoSoon();
  });
  /** What was moved here for the job that is about to be run. */
  readonly #moved = new Moved();
  readonly #arrivals = new Arrivals();
  readonly #waiting = new Map<number, Then[]>();
  /** What has come for those who wait. */
  #ready: { readonly then: Then; readonly error: Error | undefined }[] = [];
  /** Jobs that have begun to be read and wait for something: nothing is let go meanwhile. */
  #reading = 0;
  /** What nobody else needs, or this worker's own program has no more. */
  readonly #asked = new Set<Entry>();
  #isLettingGo = false;
  /** Workers that this one is told of, and has not got to know. */
  #newcomers: Neighbour[] = [];
  #isCurrent: (reference: number) => boolean = () => false;
  /** Called with each worker that begins its life, in their order. */
  onNeighbour: (neighbour: Neighbour) => void = () => {};

  /**
   * @param line The line to the host.
   * @param life Which life of a worker this is.
   * @param context What both ends of payloads know.
   */
  constructor(line: HostLine, life: number, context: PayloadContext) {
    this.#line = line;
    this.#life = life;
    this.#numbering = new Numbering(life);
    this.#packages = new Packages(context);
  }

  /** Whether there is mail to take. */
  get anyMail(): boolean {
    return this.#ready.length > 0 || this.#newcomers.length > 0 || this.#line.anyMail;
  }

  /** Takes it, and calls those who have waited for it: they run jobs. */
  takeMail(): void {
    this.#collect();
    for (const newcomer of this.#newcomers.splice(0)) this.onNeighbour(newcomer);
    while (this.#ready.length > 0) {
      const ready = this.#ready;
      this.#ready = [];
      for (const { then, error } of ready) then(error);
    }
    this.#letGo();
  }

  /** @returns What has a number; see {@linkcode Handles}. */
  resolve(number: number): unknown {
    const found = this.#find(number);
    if (found !== undefined) return found;
    // It was sent before the job was: where mail is prompt, it is there.
    this.#collect();
    const late = this.#find(number);
    if (late === undefined) throw new MissingHandleError(number);
    return late;
  }

  /** Asks the host for what has a number. */
  await(number: number, then: Then): void {
    const waiting = this.#waiting.get(number);
    if (waiting !== undefined) return void waiting.push(then);
    this.#waiting.set(number, [then]);
    this.#line.postAndRing({ kind: "want", number });
  }

  /** Whether anybody waits for the host to send something. */
  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Lets nothing go from now on: a job has to wait for more before it can be read. */
  hold(): void {
    this.#reading++;
  }

  /** Ends that. */
  unhold(): void {
    this.#reading--;
    this.#letGo();
  }

  /** Whether anything was moved here that is still to be read. */
  get hasMoved(): boolean {
    return this.#moved.any;
  }

  /** What was moved here was read, or nobody wants it. */
  clearMoved(): void {
    this.#moved.clear();
  }

  numberOf(buffer: SharedArrayBuffer): number {
    return this.#known(buffer) ?? this.#add(buffer);
  }

  numberOfPackage(shared: Handed): number {
    return this.#known(shared) ?? this.#add(shared);
  }

  newNumber(): number {
    return this.#numbering.next();
  }

  /** Tells the host of what jobs of this worker's own lane name, and keeps it until `unpin`. */
  sendJob(parcel: Parcel): void {
    const objects = this.#announce(parcel);
    for (const number of parcel.shared.keys()) this.#entries.get(number)!.pins++;
    if (objects.length > 0) this.#line.post({ kind: "shared", objects });
  }

  /** Such a job has settled. */
  unpin(numbers: Iterable<number>): void {
    for (const number of numbers) {
      const entry = this.#entries.get(number);
      if (entry === undefined) continue;
      entry.pins--;
      if (this.#asked.has(entry)) this.#letGoSoon();
    }
  }

  /**
   * Sends what a result names, before the job is completed.
   *
   * @param parcel What it names.
   * @param life Whose job it is: the life of a worker, or 0.
   * @param reference Its slot and generation.
   */
  sendResult(parcel: Parcel, life: number, reference: number): void {
    const { moved } = parcel;
    const numbers = [...parcel.shared.keys()];
    if (numbers.length + moved.length === 0) return;
    if (life === this.#life) return this.#arrived(reference, numbers, [...parcel.shared]);
    const objects = this.#announce(parcel);
    const moving = moved.map(([, object]) => object);
    this.#line.post({ kind: "result", life, reference, numbers, objects, moved }, moving);
  }

  /** Whether anything came with results of this worker's own jobs that are still to be read. */
  get anyArrived(): boolean {
    return this.#arrivals.any;
  }

  /** A slot of this worker's own lane is free. */
  forget(reference: number): void {
    const arrival = this.#arrivals.take(reference);
    if (arrival !== undefined) this.unpin(arrival.numbers);
  }

  /** @param isCurrent Tells whether a reference still leads to a job of this worker's own lane. */
  follow(isCurrent: (reference: number) => boolean): void {
    this.#isCurrent = isCurrent;
  }

  #find(number: number): unknown {
    const entry = this.#entries.get(number);
    if (entry === undefined) return this.#moved.find(number);
    if (entry.object instanceof SharedArrayBuffer) return entry.object;
    if (entry.object !== undefined) return this.#packages.open(entry.object);
    const seen = entry.seen!.deref();
    if (seen === undefined || seen instanceof SharedArrayBuffer) return seen;
    return this.#packages.open((handingOf(seen) as { package: Package }).package);
  }

  #known(object: object): number | undefined {
    const number = this.#numbers.get(object);
    return number !== undefined && this.#entries.has(number) ? number : undefined;
  }

  #add(object: object): number {
    const entry = new Entry(this.#numbering.next(), new WeakRef(object), 0);
    this.#entries.set(entry.number, entry);
    this.#numbers.set(object, entry.number);
    this.#gone.register(object, entry);
    return entry.number;
  }

  /** @returns What of a parcel the host does not know; it has to be told now. */
  #announce(parcel: Parcel): Numbered<Shareable>[] {
    const objects: Numbered<Shareable>[] = [];
    for (const [number, object] of parcel.shared) {
      const entry = this.#entries.get(number)!;
      if (entry.isAnnounced) continue;
      entry.isAnnounced = true;
      const shareable = object instanceof SharedArrayBuffer
        ? object
        : (handingOf(object) as { package: Package }).package;
      objects.push([number, shareable]);
    }
    return objects;
  }

  /** Reads all messages. Code of the user's does not run in it. */
  #collect(): void {
    if (!this.#line.anyMail) return;
    for (const message of this.#line.takeAll()) this.#hear(message);
  }

  #hear(message: ToWorker): void {
    switch (message.kind) {
      case "shared": {
        const [number, epoch] = message.holding;
        const entry = new Entry(number, message.object, epoch);
        entry.pins = this.#entries.get(number)?.pins ?? 0;
        this.#entries.set(number, entry);
        if (message.object instanceof SharedArrayBuffer) this.#numbers.set(message.object, number);
        this.#came(number, undefined);
        return;
      }
      case "moved":
        if (this.#came(message.wanted, undefined)) this.#moved.add(message.objects);
        else message.objects.forEach(discard);
        return;
      case "none":
        this.#came(message.wanted, noSuchHandle(message.reason));
        return;
      case "release":
        for (const [number, epoch] of message.holdings) {
          const entry = this.#entries.get(number);
          if (entry?.epoch === epoch) this.#asked.add(entry);
        }
        return;
      case "neighbour":
        // Not now: this may be in the middle of a result of whoever had its number before.
        this.#newcomers.push(message.neighbour);
        return;
      case "result": {
        const { reference, numbers } = message;
        if (this.#isCurrent(reference)) this.#arrived(reference, numbers, []);
      }
    }
  }

  /** Something belongs to a result that is still to be read. */
  #arrived(reference: number, numbers: readonly number[], kept: readonly Numbered[]): void {
    const pinned = numbers.filter((number) => this.#entries.has(number));
    for (const number of pinned) this.#entries.get(number)!.pins++;
    this.#arrivals.add(reference, { numbers: pinned, moved: kept });
  }

  /** @returns Whether somebody has waited for it. */
  #came(number: number, error: Error | undefined): boolean {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return false;
    this.#waiting.delete(number);
    for (const then of waiting) this.#ready.push({ then, error });
    return true;
  }

  #letGoSoon(): void {
    if (this.#isLettingGo) return;
    this.#isLettingGo = true;
    queueMicrotask(() => {
      this.#isLettingGo = false;
      this.#letGo();
    });
  }

  /** Lets go of what is asked for and not needed here, and says so. */
  #letGo(): void {
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
    if (holdings.length > 0) this.#line.postAndRing({ kind: "released", holdings });
  }
}

function noSuchHandle(reason: string | undefined): MulticoreError {
  return new MulticoreError(
    `Cannot decode: ${reason ?? "what travels beside it is not to be had any more"}`,
  );
}
