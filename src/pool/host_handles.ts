/**
 * The host's end of everything that travels beside shared memory: it numbers what its
 * jobs name, keeps what workers have announced, and hands out what they want.
 *
 * @module
 */
import type { MulticoreError } from "../base/errors.ts";
import { type Handles, MissingHandleError } from "../codec/mod.ts";
import type { OwnerHandles } from "../dispatch/handles.ts";
import { HOST_MAIL } from "../memory/layout.ts";
import { Arrivals, discard } from "../task/arrivals.ts";
import { type Handed, handingOf, type Package } from "../task/handed.ts";
import { Numbering, originOf, type Shareable, type ToHost } from "../task/mail.ts";
import type { PayloadContext } from "../task/outbox.ts";
import { Packages } from "../task/packages.ts";
import type { Numbered } from "../task/moves.ts";
import type { Parcel } from "../task/parcel.ts";
import { SharedEntry } from "./shared_entry.ts";
import type { WorkerLine } from "./worker_line.ts";

/** A worker that wants something. */
interface Want {
  readonly line: WorkerLine;
  readonly number: number;
}

/** The host's handles. */
export class HostHandles implements OwnerHandles, Handles {
  readonly refusesPorts = undefined;
  readonly movesFrom: number;
  readonly #control: Int32Array;
  readonly #packages: Packages;
  readonly #numbering = new Numbering(0);
  /** By life. */
  readonly #lines = new Map<number, WorkerLine>();
  readonly #entries = new Map<number, SharedEntry>();
  /** Of what the program has. */
  readonly #numbers = new WeakMap<object, number>();
  readonly #gone = new FinalizationRegistry<SharedEntry>((entry) => this.#settle(entry));
  /** What is moved and has not left yet, by number. */
  readonly #outgoing = new Map<number, Parcel>();
  readonly #arrivals = new Arrivals();
  /** Where mail has to arrive: who waits for it. */
  readonly #awaited = new Map<number, ((error: Error | undefined) => void)[]>();
  #unanswered: Want[] = [];
  #isPrompt = true;
  #taken = 0;
  #isCurrent: (reference: number) => boolean = () => true;

  /**
   * @param control The pool's control memory.
   * @param movesFrom Bytes from which on buffers are moved.
   * @param context What both ends of payloads know.
   */
  constructor(control: Int32Array, movesFrom: number, context: PayloadContext) {
    this.#control = control;
    this.movesFrom = movesFrom;
    this.#packages = new Packages(context);
  }

  /** Joins a worker that is on its way. It gets what jobs name that it may claim. */
  join(line: WorkerLine): void {
    this.#lines.set(line.life, line);
    if (!line.isPrompt) {
      this.#isPrompt = false;
      line.onArrival(() => this.takeMail());
    }
    for (const entry of this.#entries.values()) if (entry.pins > 0) entry.giveTo(line);
  }

  /** A worker is gone; what it had sent was taken before. */
  leave(life: number): void {
    this.#lines.get(life)?.close();
    this.#lines.delete(life);
    for (const entry of this.#entries.values()) {
      entry.releasedBy(life);
      this.#settle(entry);
    }
    this.#answerAgain();
  }

  /** The pool has ended. */
  end(): void {
    for (const line of this.#lines.values()) line.close();
    this.#lines.clear();
    this.#entries.clear();
  }

  get anyMail(): boolean {
    if (this.#isPrompt) return Atomics.load(this.#control, HOST_MAIL) !== this.#taken;
    for (const line of this.#lines.values()) if (line.hasArrived) return true;
    return false;
  }

  takeMail(): void {
    let wants = this.#read();
    while (wants.length > 0) {
      const unknown = wants.filter((want) => !this.#answer(want));
      if (unknown.length === 0) return;
      // Somebody may have announced it just before it was wanted, on a line that was read before.
      wants = this.#read();
      for (const want of unknown) if (!this.#answer(want)) this.#cannotAnswer(want);
    }
  }

  numberOf(buffer: SharedArrayBuffer): number {
    return this.#known(buffer) ?? this.#add(buffer, structuredClone(buffer));
  }

  numberOfPackage(shared: Handed): number {
    const handing = handingOf(shared) as { package: Package };
    return this.#known(shared) ?? this.#add(shared, handing.package);
  }

  newNumber(): number {
    return this.#numbering.next();
  }

  send(parcel: Parcel): void {
    for (const number of parcel.shared.keys()) {
      const entry = this.#entries.get(number)!;
      entry.pins++;
      for (const line of this.#lines.values()) entry.giveTo(line);
    }
    for (const [number] of parcel.moved) this.#outgoing.set(number, parcel);
  }

  close(parcel: Parcel): void {
    this.#unpin(parcel.shared.keys());
    for (const numbered of parcel.moved) {
      this.#outgoing.delete(numbered[0]);
      if (!parcel.isFetched) discard(numbered);
    }
  }

  resolve(number: number): unknown {
    const found = this.#find(number);
    if (found !== undefined) return found;
    this.takeMail();
    return this.#find(number) ?? fail(new MissingHandleError(number));
  }

  await(number: number, then: (error: Error | undefined) => void): boolean {
    // Where mail is there at once, what is not there now never will be.
    if (this.#isPrompt || !this.#lines.has(originOf(number))) return false;
    const waiting = this.#awaited.get(number);
    if (waiting === undefined) this.#awaited.set(number, [then]);
    else waiting.push(then);
    return true;
  }

  get anyArrived(): boolean {
    return this.#arrivals.any;
  }

  forget(reference: number): void {
    const arrival = this.#arrivals.take(reference);
    if (arrival !== undefined) this.#unpin(arrival.numbers);
  }

  follow(isCurrent: (reference: number) => boolean): void {
    this.#isCurrent = isCurrent;
  }

  #find(number: number): unknown {
    const entry = this.#entries.get(number);
    if (entry === undefined) return this.#arrivals.find(number);
    if (!(entry.object instanceof SharedArrayBuffer)) return this.#packages.open(entry.object);
    const seen = entry.seen?.deref();
    if (seen !== undefined) return seen;
    const buffer = structuredClone(entry.object);
    this.#see(entry, buffer);
    return buffer;
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

  #unpin(numbers: Iterable<number>): void {
    for (const number of numbers) {
      const entry = this.#entries.get(number);
      if (entry === undefined) continue;
      entry.pins--;
      this.#settle(entry);
    }
  }

  /** Something may not be needed any more: sees to it that it is let go, by the workers first. */
  #settle(entry: SharedEntry): void {
    if (entry.isNeeded) return;
    if (entry.isHeld) entry.askToRelease(this.#lines);
    else this.#entries.delete(entry.number);
  }

  /** Takes all messages. @returns What was wanted in them. */
  #read(): Want[] {
    const wants: Want[] = [];
    // Read before: what is counted after this may be overlooked now, and shows then.
    this.#taken = Atomics.load(this.#control, HOST_MAIL);
    for (const line of this.#lines.values()) {
      for (;;) {
        const message = line.take();
        if (message === undefined) break;
        if (message.kind === "want") wants.push({ line, number: message.number });
        else this.#hear(line, message);
      }
    }
    return wants;
  }

  #hear(line: WorkerLine, message: Exclude<ToHost, { kind: "want" }>): void {
    switch (message.kind) {
      case "shared":
        this.#announced(line, message.objects);
        return this.#answerAgain();
      case "result":
        this.#announced(line, message.objects);
        if (message.life === 0) this.#arrived(message);
        else this.#forward(message.life, message.reference, message.numbers);
        return this.#answerAgain();
      case "released":
        for (const [number, epoch] of message.holdings) {
          const entry = this.#entries.get(number);
          if (entry === undefined) continue;
          entry.releasedBy(line.life, epoch);
          this.#settle(entry);
        }
    }
  }

  #announced(line: WorkerLine, objects: readonly Numbered<Shareable>[]): void {
    for (const [number, object] of objects) {
      let entry = this.#entries.get(number);
      if (entry === undefined) {
        this.#entries.set(number, entry = new SharedEntry(number, object));
      }
      entry.announcedBy(line);
      this.#came(number);
    }
  }

  #arrived({ reference, numbers, moved }: Extract<ToHost, { kind: "result" }>): void {
    if (!this.#isCurrent(reference)) return moved.forEach(discard);
    const pinned = numbers.filter((number) => this.#entries.has(number));
    for (const number of pinned) this.#entries.get(number)!.pins++;
    this.#arrivals.add(reference, { numbers: pinned, moved });
    for (const [number] of moved) this.#came(number);
  }

  /** A worker's job was done by another one, which cannot reach it by itself. */
  #forward(life: number, reference: number, numbers: readonly number[]): void {
    const owner = this.#lines.get(life);
    if (owner === undefined) return;
    for (const number of numbers) this.#entries.get(number)?.giveTo(owner);
    owner.postAndWake({ kind: "result", reference, numbers });
  }

  /** @returns Whether there was something to give. */
  #answer({ line, number }: Want): boolean {
    const entry = this.#entries.get(number);
    if (entry !== undefined) {
      entry.sendTo(line);
      line.wake();
      this.#settle(entry);
      return true;
    }
    const parcel = this.#outgoing.get(number);
    if (parcel === undefined) return false;
    const objects = parcel.moved;
    for (const [moved] of objects) this.#outgoing.delete(moved);
    parcel.isFetched = true;
    try {
      const moved = objects.map(([, object]) => object);
      line.postAndWake({ kind: "moved", wanted: number, objects }, moved);
    } catch (error) {
      // A port, say, of which the other end was closed meanwhile.
      line.postAndWake({ kind: "none", wanted: number, reason: (error as Error).message });
    }
    return true;
  }

  #cannotAnswer(want: Want): void {
    const mayCome = !this.#isPrompt && this.#lines.has(originOf(want.number)) &&
      this.#lines.has(want.line.life);
    if (mayCome) this.#unanswered.push(want);
    else want.line.postAndWake({ kind: "none", wanted: want.number });
  }

  /** Where mail has to arrive: what was wanted too early may be there now. */
  #answerAgain(): void {
    if (this.#unanswered.length === 0) return;
    const wants = this.#unanswered;
    this.#unanswered = [];
    for (const want of wants) if (!this.#answer(want)) this.#cannotAnswer(want);
  }

  #came(number: number): void {
    const waiting = this.#awaited.get(number);
    if (waiting === undefined) return;
    this.#awaited.delete(number);
    for (const then of waiting) queueMicrotask(() => then(undefined));
  }
}

function fail(error: MulticoreError): never {
  throw error;
}
