/**
 * A worker's end of everything that travels beside shared memory: it sends what its
 * jobs and results name, takes what the host sends, and waits for what it wants.
 *
 * @module
 */
import { MulticoreError } from "../base/errors.ts";
import { type Handles, MissingHandleError } from "../codec/mod.ts";
import { Arrivals, discard, Moved } from "../task/arrivals.ts";
import type { Handed } from "../task/handed.ts";
import { Numbering, type ToWorker } from "../task/mail.ts";
import type { Numbered } from "../task/moves.ts";
import type { PayloadContext } from "../task/outbox.ts";
import type { Neighbour } from "../task/start.ts";
import type { Parcel } from "../task/parcel.ts";
import { HeldHandles } from "./held_handles.ts";
import type { HostLine } from "./host_line.ts";

/** Called once something is there, or with the error where it never will be. */
type Then = (error: Error | undefined) => void;

/** A worker's handles. */
export class WorkerHandles implements Handles {
  readonly #line: HostLine;
  readonly #life: number;
  readonly #numbering: Numbering;
  readonly #held: HeldHandles;
  /** What was moved here for the job that is about to be run. */
  readonly #moved = new Moved();
  readonly #arrivals = new Arrivals();
  readonly #waiting = new Map<number, Then[]>();
  /** What has come for those who wait. */
  #ready: { readonly then: Then; readonly error: Error | undefined }[] = [];
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
    this.#held = new HeldHandles(this.#numbering, context, (holdings) => {
      line.postAndRing({ kind: "released", holdings });
    });
  }

  /** How many SharedArrayBuffers and packages are kept. */
  get size(): number {
    return this.#held.size;
  }

  /** Whether there is mail to take. */
  get anyMail(): boolean {
    return this.#ready.length > 0 || this.#newcomers.length > 0 || this.#line.anyMail;
  }

  /** Whether it comes also while this thread blocks. */
  get isPrompt(): boolean {
    return this.#line.isPrompt;
  }

  /** Whether some is on its way, for which this thread has to give way. */
  get awaitsMail(): boolean {
    return this.#line.isOnItsWay;
  }

  /** Takes what is there, and calls those who have waited for it: they run jobs. */
  takeMail(): void {
    this.#collect();
    for (const newcomer of this.#newcomers.splice(0)) this.onNeighbour(newcomer);
    while (this.#ready.length > 0) {
      const ready = this.#ready;
      this.#ready = [];
      for (const { then, error } of ready) then(error);
    }
    this.#held.letGo();
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
    this.#held.hold();
  }

  /** Ends that. */
  unhold(): void {
    this.#held.unhold();
  }

  /** Whether anything was moved here that is still to be read. */
  get hasMoved(): boolean {
    return this.#moved.any;
  }

  /** What was moved here was read, or nobody wants it. */
  clearMoved(): void {
    this.#moved.clear();
  }

  /** @returns The number of a buffer, or of what stands for a package. */
  numberOf(object: SharedArrayBuffer | Handed): number {
    return this.#held.numberOf(object);
  }

  /** @returns A number for something that is moved. */
  newNumber(): number {
    return this.#numbering.next();
  }

  /** Tells the host of what jobs of this worker's own lane name, and keeps it until `unpin`. */
  sendJob(parcel: Parcel): void {
    const objects = this.#held.announce(parcel);
    this.#held.pin(parcel.shared.keys());
    if (objects.length > 0) this.#line.post({ kind: "shared", objects });
  }

  /** Such a job has settled. */
  unpin(numbers: Iterable<number>): void {
    this.#held.unpin(numbers);
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
    const objects = this.#held.announce(parcel);
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
    if (arrival !== undefined) this.#held.unpin(arrival.numbers);
  }

  /** @param isCurrent Tells whether a reference still leads to a job of this worker's own lane. */
  follow(isCurrent: (reference: number) => boolean): void {
    this.#isCurrent = isCurrent;
  }

  #find(number: number): unknown {
    return this.#held.find(number) ?? this.#moved.find(number);
  }

  /** Reads all messages. Code of the user's does not run in it. */
  #collect(): void {
    if (!this.#line.anyMail) return;
    for (const message of this.#line.takeAll()) this.#hear(message);
  }

  #hear(message: ToWorker): void {
    switch (message.kind) {
      case "shared":
        this.#held.add(message.holding, message.object);
        this.#came(message.holding[0], undefined);
        return;
      case "moved":
        if (this.#came(message.wanted, undefined)) this.#moved.add(message.objects);
        else message.objects.forEach(discard);
        return;
      case "none":
        this.#came(message.wanted, noSuchHandle(message.reason));
        return;
      case "release":
        return this.#held.ask(message.holdings);
      case "result":
        if (this.#isCurrent(message.reference)) {
          this.#arrived(message.reference, message.numbers, []);
        }
        return;
      case "neighbour":
        // Not now: this may be in the middle of a result of whoever had its number before.
        this.#newcomers.push(message.neighbour);
    }
  }

  /** Something belongs to a result that is still to be read. */
  #arrived(reference: number, numbers: readonly number[], kept: readonly Numbered[]): void {
    this.#arrivals.add(reference, { numbers: this.#held.pin(numbers), moved: kept });
  }

  /** @returns Whether somebody has waited for it. */
  #came(number: number, error: Error | undefined): boolean {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return false;
    this.#waiting.delete(number);
    for (const then of waiting) this.#ready.push({ then, error });
    return true;
  }
}

function noSuchHandle(reason: string | undefined): MulticoreError {
  return new MulticoreError(
    `Cannot decode: ${reason ?? "what travels beside it is not to be had any more"}`,
  );
}
