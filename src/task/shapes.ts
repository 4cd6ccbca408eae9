/**
 * Object shapes in shared memory: a thread writes each list of keys once, and
 * every reader of its payloads reads it once.
 *
 * @module
 */
import { jsonOfStrings } from "../base/json.ts";
import type { Shapes } from "../codec/mod.ts";
import type { AppendLog } from "../memory/append_log.ts";

/** Most shapes of one thread: objects used as dictionaries must not fill memory with their keys. */
const MOST = 4096;

/** The writing end, for the thread that encodes. */
export class ShapeWriter implements Shapes {
  readonly #log: AppendLog;
  readonly #shapes: string[][] = [];

  /** @param log This thread's log of shapes. */
  constructor(log: AppendLog) {
    this.#log = log;
  }

  /** @returns The number of a new shape, -1 where there is no room. */
  intern(keys: string[]): number {
    if (this.#shapes.length === MOST) return -1;
    if (!this.#log.append(new TextEncoder().encode(jsonOfStrings(keys)))) return -1;
    return this.#shapes.push(keys) - 1;
  }

  /** @returns The keys of a shape. */
  keys(number: number): readonly string[] {
    return known(this.#shapes[number], number);
  }
}

/** A reading end, one for each thread whose payloads are read. */
export class ShapeReader implements Shapes {
  readonly #log: AppendLog;
  readonly #shapes: string[][] = [];

  /** @param log The log of the thread that encodes. */
  constructor(log: AppendLog) {
    this.#log = log;
  }

  /** A reader makes no shapes. */
  intern(): number {
    return -1;
  }

  /** @returns The keys of a shape. */
  keys(number: number): readonly string[] {
    while (number >= this.#shapes.length) {
      const bytes = this.#log.next();
      if (bytes === undefined) break;
      this.#shapes.push(JSON.parse(new TextDecoder().decode(bytes)));
    }
    return known(this.#shapes[number], number);
  }
}

function known(keys: string[] | undefined, number: number): readonly string[] {
  if (keys === undefined) throw new RangeError(`Cannot find object shape ${number}`);
  return keys;
}
