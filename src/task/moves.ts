/**
 * What one payload moves: found out while that is encoded, taken from the program when
 * all of it was.
 *
 * @module
 */
import { NotSerializableError } from "../base/errors.ts";
import { ENCODE_ANEW } from "../codec/mod.ts";

/** A number and what it stands for. */
export type Numbered<T = object> = readonly [number: number, object: T];

/** How buffers are moved. */
export interface MoveNumbers {
  /** Bytes from which on buffers are moved; smaller ones are copied and given up. */
  readonly movesFrom: number;
  /** @returns A number for something that is moved. */
  newNumber(): number;
}

/** The buffers and ports of one payload. */
export class Moves {
  readonly #numbers: MoveNumbers;
  /** What is to be moved, with its number, or 0 where it is copied and given up. */
  readonly #movable = new Map<object, number>();
  /** Buffers that were copied since nobody knew yet that they are to be moved. */
  readonly #copied = new Set<object>();
  /** Of what is to be moved: what this attempt to encode has come upon, and what lists name. */
  readonly #met = new Set<object>();
  readonly #listed = new Map<object, number>();

  /** @param numbers How buffers are moved. */
  constructor(numbers: MoveNumbers) {
    this.#numbers = numbers;
  }

  /** The payload is encoded from its beginning. */
  begin(): void {
    this.#copied.clear();
    this.#met.clear();
    this.#listed.clear();
  }

  /**
   * Adds what a list names.
   *
   * @throws `ENCODE_ANEW` where some of it was copied already.
   */
  list(list: readonly object[]): void {
    let late = false;
    list.forEach((object, index) => {
      this.#listed.set(object, index);
      if (this.#movable.has(object)) return;
      const { movesFrom } = this.#numbers;
      const isMoved = !(object instanceof ArrayBuffer) || object.byteLength >= movesFrom;
      this.#movable.set(object, isMoved ? this.#numbers.newNumber() : 0);
      late ||= this.#copied.has(object);
    });
    if (late) throw ENCODE_ANEW;
  }

  /** @returns The number of a buffer or port that is moved, 0 where it is copied, -1 where neither. */
  meet(object: object): number {
    const number = this.#movable.get(object);
    if (number === undefined) {
      this.#copied.add(object);
      return -1;
    }
    this.#met.add(object);
    return number;
  }

  /**
   * Takes all of it away from the program or, where that fails, nothing.
   *
   * @returns What is moved; it is the caller's alone.
   * @throws {NotSerializableError} Where something cannot be moved.
   */
  take(): Numbered[] {
    for (const [object, index] of this.#listed) {
      if (!this.#met.has(object)) throw immovable(`list[${index}]`, "it is nowhere in the value");
    }
    const objects = [...this.#met];
    if (objects.length === 0) return [];
    const taken = takeAway(objects);
    return objects.flatMap((object, i) => {
      const number = this.#movable.get(object)!;
      return number === 0 ? [] : [[number, taken[i]!] as const];
    });
  }
}

function takeAway(objects: readonly object[]): readonly object[] {
  try {
    return structuredClone(objects, { transfer: objects as Transferable[] });
  } catch (cause) {
    throw immovable("list", (cause as Error)?.message ?? String(cause), cause);
  }
}

function immovable(what: string, reason: string, cause?: unknown): NotSerializableError {
  const options = cause === undefined ? undefined : { cause };
  return new NotSerializableError(`${what} of transfer(value, list)`, reason, options);
}
