/**
 * The host's end of everything that travels beside shared memory: it sends what its
 * jobs name, takes what workers send, and hands out what they want.
 *
 * @module
 */
import { type Handles, MissingHandleError } from "../codec/mod.ts";
import type { OwnerHandles } from "../dispatch/handles.ts";
import { HOST_MAIL } from "../memory/layout.ts";
import { Arrivals, discard } from "../task/arrivals.ts";
import type { Handed } from "../task/handed.ts";
import { Numbering, originOf, type ToHost } from "../task/mail.ts";
import type { PayloadContext } from "../task/outbox.ts";
import type { Parcel } from "../task/parcel.ts";
import { SharedTable } from "./shared_table.ts";
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
  readonly #numbering = new Numbering(0);
  /** By life. */
  readonly #lines = new Map<number, WorkerLine>();
  readonly #shared: SharedTable;
  /** What is moved and has not left yet, by number. */
  readonly #outgoing = new Map<number, Parcel>();
  readonly #arrivals = new Arrivals();
  /** Where mail has to arrive: who waits for it here, and what was wanted before it was there. */
  readonly #awaited = new Map<number, ((error: Error | undefined) => void)[]>();
  #unanswered: Want[] = [];
  isPrompt = true;
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
    this.#shared = new SharedTable(this.#numbering, this.#lines, context);
  }

  /** Joins a worker that is on its way. It gets what jobs name that it may claim. */
  join(line: WorkerLine): void {
    this.#lines.set(line.life, line);
    if (!line.isPrompt) {
      this.isPrompt = false;
      line.onArrival(() => this.takeMail());
    }
    this.#shared.givePinnedTo(line);
  }

  /** A worker is gone; what it had sent was taken before. */
  leave(life: number): void {
    this.#lines.get(life)?.close();
    this.#lines.delete(life);
    this.#shared.leave(life);
    this.#answerAgain();
  }

  /** The pool has ended. */
  end(): void {
    for (const line of this.#lines.values()) line.close();
    this.#lines.clear();
    this.#shared.clear();
  }

  /** How many SharedArrayBuffers and packages are kept. */
  get size(): number {
    return this.#shared.size;
  }

  get anyMail(): boolean {
    if (this.isPrompt) return Atomics.load(this.#control, HOST_MAIL) !== this.#taken;
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
    return this.#shared.numberOf(buffer);
  }

  numberOfPackage(shared: Handed): number {
    return this.#shared.numberOfPackage(shared);
  }

  newNumber(): number {
    return this.#numbering.next();
  }

  send(parcel: Parcel): void {
    for (const number of parcel.shared.keys()) this.#shared.pin(number);
    for (const [number] of parcel.moved) this.#outgoing.set(number, parcel);
  }

  close(parcel: Parcel): void {
    this.#shared.unpin(parcel.shared.keys());
    for (const numbered of parcel.moved) {
      this.#outgoing.delete(numbered[0]);
      if (!parcel.isFetched) discard(numbered);
    }
  }

  resolve(number: number): unknown {
    const found = this.#find(number);
    if (found !== undefined) return found;
    this.takeMail();
    const late = this.#find(number);
    if (late === undefined) throw new MissingHandleError(number);
    return late;
  }

  await(number: number, then: (error: Error | undefined) => void): boolean {
    // Where mail is there at once, what is not there now never will be.
    if (this.isPrompt || !this.#lines.has(originOf(number))) return false;
    const waiting = this.#awaited.get(number);
    if (waiting === undefined) this.#awaited.set(number, [then]);
    else waiting.push(then);
    return true;
  }

  get anyOutgoing(): boolean {
    return this.#outgoing.size > 0;
  }

  get anyArrived(): boolean {
    return this.#arrivals.any;
  }

  forget(reference: number): void {
    const arrival = this.#arrivals.take(reference);
    if (arrival !== undefined) this.#shared.unpin(arrival.numbers);
  }

  follow(isCurrent: (reference: number) => boolean): void {
    this.#isCurrent = isCurrent;
  }

  #find(number: number): unknown {
    return this.#shared.find(number) ?? this.#arrivals.find(number);
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
    if (message.kind === "released") return this.#shared.released(line, message.holdings);
    this.#shared.add(line, message.objects);
    if (message.kind === "result") {
      if (message.life === 0) this.#arrived(message);
      else this.#forward(message.life, message.reference, message.numbers);
      for (const [number] of message.moved) this.#came(number);
    }
    for (const [number] of message.objects) this.#came(number);
    this.#answerAgain();
  }

  /** What a result names has come before the result. */
  #arrived({ reference, numbers, moved }: Extract<ToHost, { kind: "result" }>): void {
    if (!this.#isCurrent(reference)) return moved.forEach(discard);
    this.#arrivals.add(reference, { numbers: this.#shared.keep(numbers), moved });
  }

  /** A worker's job was done by another one, which cannot reach it by itself. */
  #forward(life: number, reference: number, numbers: readonly number[]): void {
    const owner = this.#lines.get(life);
    if (owner === undefined) return;
    this.#shared.giveTo(owner, numbers);
    owner.postAndWake({ kind: "result", reference, numbers });
  }

  /** @returns Whether there was something to give. */
  #answer({ line, number }: Want): boolean {
    if (this.#shared.sendTo(line, number)) return true;
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
    const mayCome = !this.isPrompt && this.#lines.has(originOf(want.number)) &&
      this.#lines.has(want.line.life);
    if (mayCome) this.#unanswered.push(want);
    else want.line.postAndWake({ kind: "none", wanted: want.number });
  }

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
