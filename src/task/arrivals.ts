/**
 * What came to a thread beside payloads and belongs to one of them.
 *
 * @module
 */
import { isPort } from "./handed.ts";
import type { Numbered } from "./moves.ts";

/** What came with one result. */
export interface Arrival {
  /** What every thread may have, and must not be let go of before the result was read. */
  readonly numbers: readonly number[];
  /** What was moved. */
  readonly moved: readonly Numbered[];
}

/** What came with results that are still to be read, by slot and generation. */
export class Arrivals {
  readonly #byReference = new Map<number, Arrival>();
  readonly #moved = new Moved();

  /** Whether there are any. */
  get any(): boolean {
    return this.#byReference.size > 0;
  }

  /** Adds what came with a result. */
  add(reference: number, arrival: Arrival): void {
    this.#byReference.set(reference, arrival);
    this.#moved.add(arrival.moved);
  }

  /** @returns What was moved under a number, if anything was. */
  find(number: number): object | undefined {
    return this.#moved.find(number);
  }

  /** Forgets what came with a result. @returns It. */
  take(reference: number): Arrival | undefined {
    const arrival = this.#byReference.get(reference);
    if (arrival === undefined) return undefined;
    this.#byReference.delete(reference);
    this.#moved.drop(arrival.moved);
    return arrival;
  }
}

/** What was moved to this thread and is to be read, by number. */
export class Moved {
  readonly #objects = new Map<number, object>();
  readonly #found = new Set<number>();

  /** Whether there are any. */
  get any(): boolean {
    return this.#objects.size > 0;
  }

  /** Adds some. */
  add(objects: readonly Numbered[]): void {
    for (const [number, object] of objects) this.#objects.set(number, object);
  }

  /** @returns What has this number, if anything does; it is the reader's from now on. */
  find(number: number): object | undefined {
    const object = this.#objects.get(number);
    if (object !== undefined) this.#found.add(number);
    return object;
  }

  /** Forgets some; what nobody has found goes to nobody. */
  drop(objects: Iterable<Numbered>): void {
    for (const numbered of objects) {
      const [number] = numbered;
      this.#objects.delete(number);
      if (!this.#found.delete(number)) discard(numbered);
    }
  }

  /** Forgets all. */
  clear(): void {
    this.drop([...this.#objects]);
  }
}

/** Closes what nobody will get, so that whoever is at its other end hears of it. */
export function discard([, object]: Numbered): void {
  if (isPort(object)) object.close();
}
