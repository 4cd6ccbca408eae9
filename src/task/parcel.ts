/**
 * What travels beside one payload's bytes: SharedArrayBuffers and packages, which every
 * thread may have, and what is moved.
 *
 * @module
 */
import { MulticoreError, NotSerializableError } from "../base/errors.ts";
import { ENCODE_ANEW, type HandleNumbers, type Travel } from "../codec/mod.ts";
import { type Handed, handingOf, immovable, isPort } from "./handed.ts";

/** A number and what it stands for. */
export type Numbered<T = object> = readonly [number: number, object: T];

/** Who numbers what a thread sends, and sends it. */
export interface ParcelDesk {
  /** Bytes from which on buffers are moved; smaller ones are copied and given up. */
  readonly movesFrom: number;
  /** Why ports cannot be moved this way, where they cannot. */
  readonly refusesPorts: string | undefined;
  /** @returns The number of a SharedArrayBuffer, the same each time. */
  numberOf(buffer: SharedArrayBuffer): number;
  /** @returns The number of what stands for a package. */
  numberOfPackage(shared: Handed): number;
  /** @returns A number for something that is moved. */
  newNumber(): number;
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
  /** What is to be moved, with its number, or 0 where it is copied and given up. */
  readonly #movable = new Map<object, number>();
  /** Buffers that were copied since nobody knew yet that they are to be moved. */
  readonly #copied = new Set<object>();
  /** Of what is to be moved: what this attempt has come upon, and what its lists name. */
  readonly #met = new Set<object>();
  readonly #listed = new Map<object, number>();
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

  /** Begins an attempt to encode the payload. */
  begin(): void {
    if (++this.#attempts > MOST_ATTEMPTS) {
      throw new MulticoreError("Cannot transfer: a getter gives something else each time");
    }
    this.#met.clear();
    this.#listed.clear();
    this.#copied.clear();
    this.shared.clear();
  }

  /** Numbers what the encoder comes upon; see {@linkcode HandleNumbers}. */
  travelOf(value: object): Travel | undefined {
    if (value instanceof ArrayBuffer) return this.#buffer(value);
    if (value instanceof SharedArrayBuffer) return this.#share(this.#desk.numberOf(value), value);
    if (isPort(value)) return this.#port(value);
    const handing = handingOf(value);
    if (handing === undefined) return undefined;
    if ("package" in handing) {
      return this.#share(this.#desk.numberOfPackage(value as Handed), value);
    }
    this.#list(handing.list);
    return { inner: handing.value };
  }

  /**
   * Takes what is moved away from the program: all of it or, where that fails, nothing.
   * Then sends what has to be there before the payload is read.
   *
   * @throws {NotSerializableError} Where something cannot be moved.
   */
  commit(): void {
    this.#checkLists();
    const objects = [...this.#met];
    if (objects.length > 0) {
      const taken = take(objects);
      const moved: Numbered[] = [];
      objects.forEach((object, i) => {
        const number = this.#movable.get(object)!;
        if (number !== 0) moved.push([number, taken[i]!]);
      });
      this.moved = moved;
    }
    this.#movable.clear();
    this.#met.clear();
    this.#listed.clear();
    this.#copied.clear();
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

  #buffer(buffer: ArrayBuffer): number | undefined {
    const number = this.#movable.get(buffer);
    if (number === undefined) this.#copied.add(buffer);
    else this.#met.add(buffer);
    return number || undefined;
  }

  #port(port: object): Travel {
    const number = this.#movable.get(port);
    if (number === undefined) {
      return "a MessagePort can only be moved: pass transfer(value, [port]), where value is or has the port";
    }
    this.#met.add(port);
    return this.#desk.refusesPorts ?? number;
  }

  /** What is to be moved must be known before anything is written of it. */
  #list(list: readonly object[]): void {
    let late = false;
    list.forEach((object, index) => {
      this.#listed.set(object, index);
      if (this.#movable.has(object)) return;
      const isMoved = !(object instanceof ArrayBuffer) ||
        object.byteLength >= this.#desk.movesFrom;
      this.#movable.set(object, isMoved ? this.#desk.newNumber() : 0);
      late ||= this.#copied.has(object);
    });
    if (late) throw ENCODE_ANEW;
  }

  #checkLists(): void {
    for (const [object, index] of this.#listed) {
      if (!this.#met.has(object)) throw immovable(index, "it is nowhere in the value");
    }
  }
}

/** Takes objects away from whoever has them. @returns The same, for the caller alone. */
function take(objects: readonly object[]): readonly object[] {
  try {
    return structuredClone(objects, { transfer: objects as Transferable[] });
  } catch (cause) {
    throw new NotSerializableError(
      "what transfer lists",
      `it cannot be moved: ${(cause as Error)?.message ?? String(cause)}`,
      { cause },
    );
  }
}
