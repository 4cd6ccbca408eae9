/**
 * What stands for a value that is to be handed over otherwise than by a copy: what
 * `transfer` and `share` return. Known by a registered symbol, so that every copy of
 * this library in a thread knows it.
 *
 * @module
 */

/** A value that was encoded once, for any number of jobs. */
export interface Package {
  /** The encoding, which needs nothing else to be read. */
  readonly bytes: SharedArrayBuffer;
  /** What it names by number. */
  readonly handles: readonly SharedArrayBuffer[];
}

/** How a value is to be handed over. */
export type Handing =
  | { readonly value: unknown; readonly list: readonly object[] }
  | { readonly package: Package };

const KEY = Symbol.for("multicore.handed");

/** Stands for a value. There is nothing to see in it: only arguments and results may be one. */
export class Handed {
  declare readonly [KEY]: Handing;

  /** @param handing How the value is to be handed over. */
  constructor(handing: Handing) {
    Object.defineProperty(this, KEY, { value: handing });
    Object.freeze(this);
  }

  /** JSON has nothing that could stand for it. */
  toJSON(): never {
    throw new TypeError("what transfer and share return goes by the format structured alone");
  }
}

/** @returns How a value is to be handed over that stands for another one; `undefined` for others. */
export function handingOf(value: object): Handing | undefined {
  return (value as Handed)[KEY];
}

/** @returns Whether a value is a port, which can only be moved. */
export function isPort(value: unknown): value is MessagePort {
  return typeof MessagePort === "function" && value instanceof MessagePort;
}
