/**
 * What travels beside one payload's bytes: SharedArrayBuffers and packages, which every
 * thread may have, and what is moved.
 *
 * @module
 */
import { MulticoreError } from "../base/errors.ts";
import type { HandleNumbers, Travel } from "../codec/mod.ts";
import { type Handed, handingOf, isPort } from "./handed.ts";
import { type MoveNumbers, Moves, type Numbered } from "./moves.ts";

/** Who numbers what a thread sends, and sends it. */
export interface ParcelDesk extends MoveNumbers {
  /** Why ports cannot be moved this way, where they cannot. */
  readonly refusesPorts: string | undefined;
  /** @returns The number of a SharedArrayBuffer, the same each time. */
  numberOf(buffer: SharedArrayBuffer): number;
  /** @returns The number of what stands for a package. */
  numberOfPackage(shared: Handed): number;
  /** Sends what a parcel names, before anybody can read the payload; until `close` it is wanted. */
  send(parcel: Parcel): void;
  /** Whoever the parcel was for has it, or will never have it. */
  close(parcel: Parcel): void;
}

/** More often an encoding is not begun anew: getters make something new to move each time. */
const MOST_ATTEMPTS = 100;

/** What travels beside one payload; collected while that is encoded. */
export class Parcel implements HandleNumbers {
  readonly takesBuffers = true;
  readonly #desk: ParcelDesk;
  #moves: Moves | undefined;
  #attempts = 0;
  /** What every thread may have, by number. */
  readonly shared: Map<number, object> = new Map();
  /** What is moved, once it is this parcel's alone. */
  moved: readonly Numbered[] = [];
  /** Whether what is moved has left this thread. */
  isFetched = false;

  /** @param desk Who numbers and sends. */
  constructor(desk: ParcelDesk) {
    this.#desk = desk;
  }

  /** Whether nothing travels beside the payload after all. */
  get isEmpty(): boolean {
    return this.shared.size === 0 && this.moved.length === 0;
  }

  /** Begins an attempt to encode the payload. */
  begin(): void {
    if (++this.#attempts > MOST_ATTEMPTS) {
      throw new MulticoreError("Cannot transfer: a getter gives something else each time");
    }
    this.#moves?.begin();
    this.shared.clear();
  }

  /** Numbers what the encoder comes upon; see {@linkcode HandleNumbers}. */
  travelOf(value: object): Travel | undefined {
    if (value instanceof SharedArrayBuffer) return this.#share(this.#desk.numberOf(value), value);
    if (value instanceof ArrayBuffer) {
      const number = this.#moving().meet(value);
      return number > 0 ? number : undefined;
    }
    if (isPort(value)) {
      const number = this.#moving().meet(value);
      return number > 0 ? this.#desk.refusesPorts ?? number : BARE_PORT;
    }
    const handing = handingOf(value);
    if (handing === undefined) return undefined;
    if ("package" in handing) {
      return this.#share(this.#desk.numberOfPackage(value as Handed), value);
    }
    this.#moving().list(handing.list);
    return { inner: handing.value };
  }

  /**
   * Takes what is moved away from the program: all of it or, where that fails, nothing.
   * Then sends what has to be there before the payload is read.
   *
   * @throws {NotSerializableError} Where something cannot be moved.
   */
  commit(): void {
    if (this.#moves !== undefined) this.moved = this.#moves.take();
    this.#moves = undefined;
    this.#desk.send(this);
  }

  /** Lets go of what it names: the payload was read, or never will be. */
  close(): void {
    this.#desk.close(this);
    this.shared.clear();
    this.moved = [];
  }

  #share(number: number, object: object): number {
    this.shared.set(number, object);
    return number;
  }

  #moving(): Moves {
    return (this.#moves ??= new Moves(this.#desk));
  }
}

const BARE_PORT =
  "a MessagePort can only be moved: pass transfer(value, [port]), where value is or has the port";
