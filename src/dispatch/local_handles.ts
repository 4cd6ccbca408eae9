/**
 * Objects that go from a thread to itself, beside the bytes of jobs that it runs inline.
 *
 * @module
 */
import type { Handles } from "../codec/mod.ts";
import { MissingHandleError } from "../codec/mod.ts";
import { type Handed, handingOf, type Package } from "../task/handed.ts";
import type { PayloadContext } from "../task/outbox.ts";
import { Packages } from "../task/packages.ts";
import type { Parcel, ParcelDesk } from "../task/parcel.ts";

/** Numbers objects for as long as it takes to encode one payload and to decode it. */
export class LocalHandles implements ParcelDesk, Handles {
  /** Nothing is gained here by a copy. */
  readonly movesFrom = 0;
  readonly refusesPorts = undefined;
  /** By number; 0 is nobody's, since it says of something to be moved that it is not. */
  readonly #objects: unknown[] = [undefined];
  /** The numbers of SharedArrayBuffers, the same each time. */
  readonly #numbers = new Map<SharedArrayBuffer, number>();
  readonly #packages: Packages;
  /** Payloads under way: getters may run jobs while one is encoded. */
  #depth = 0;

  /** @param context What both ends know. */
  constructor(context: PayloadContext) {
    this.#packages = new Packages(context);
  }

  numberOf(buffer: SharedArrayBuffer): number {
    const known = this.#numbers.get(buffer);
    if (known !== undefined) return known;
    const number = this.#objects.push(buffer) - 1;
    this.#numbers.set(buffer, number);
    return number;
  }

  numberOfPackage(shared: Handed): number {
    const { package: inside } = handingOf(shared) as { package: Package };
    return this.#objects.push(this.#packages.open(inside)) - 1;
  }

  newNumber(): number {
    return this.#objects.push(undefined) - 1;
  }

  send(parcel: Parcel): void {
    for (const [number, object] of parcel.moved) this.#objects[number] = object;
  }

  close(): void {}

  resolve(number: number): unknown {
    const object = this.#objects[number];
    if (object === undefined) throw new MissingHandleError(number);
    return object;
  }

  /** A payload is about to be encoded. */
  begin(): void {
    this.#depth++;
  }

  /** It was decoded, or refused. */
  end(): void {
    if (--this.#depth > 0) return;
    this.#objects.length = 1;
    if (this.#numbers.size > 0) this.#numbers.clear();
  }
}
