/**
 * Who sends what travels beside a worker's own jobs, and beside its results.
 *
 * @module
 */
import type { OwnerHandles } from "../dispatch/handles.ts";
import type { Handed } from "../task/handed.ts";
import type { Parcel, ParcelDesk } from "../task/parcel.ts";
import type { WorkerHandles } from "./worker_handles.ts";

const NO_PORTS =
  "a MessagePort can be moved between a worker and the main thread only, not to or " +
  "from a job that another job has begun: make the channel on the main thread";

/** The handles of the jobs that a worker's jobs begin: nothing is moved to them, buffers are copied. */
export class NestedHandles implements OwnerHandles {
  readonly movesFrom = Infinity;
  readonly refusesPorts = NO_PORTS;
  /** The worker's loop looks for mail by itself. */
  readonly anyMail = false;
  readonly anyOutgoing = false;
  readonly #handles: WorkerHandles;

  /** @param handles The worker's handles. */
  constructor(handles: WorkerHandles) {
    this.#handles = handles;
  }

  takeMail(): void {}

  get isPrompt(): boolean {
    return this.#handles.isPrompt;
  }

  numberOf(buffer: SharedArrayBuffer): number {
    return this.#handles.numberOf(buffer);
  }

  numberOfPackage(shared: Handed): number {
    return this.#handles.numberOf(shared);
  }

  newNumber(): number {
    return this.#handles.newNumber();
  }

  send(parcel: Parcel): void {
    this.#handles.sendJob(parcel);
  }

  close(parcel: Parcel): void {
    this.#handles.unpin(parcel.shared.keys());
  }

  await(number: number, then: (error: Error | undefined) => void): boolean {
    this.#handles.hold();
    this.#handles.await(number, (error) => {
      then(error);
      this.#handles.unhold();
    });
    return true;
  }

  get anyArrived(): boolean {
    return this.#handles.anyArrived;
  }

  forget(reference: number): void {
    this.#handles.forget(reference);
  }

  follow(isCurrent: (reference: number) => boolean): void {
    this.#handles.follow(isCurrent);
  }
}

/** Who sends what travels beside one result. */
export class ResultDesk implements ParcelDesk {
  readonly movesFrom: number;
  readonly refusesPorts: string | undefined;
  readonly #handles: WorkerHandles;
  readonly #life: number;
  readonly #reference: number;

  /**
   * @param handles The worker's handles.
   * @param movesFrom Bytes from which on buffers are moved to the host.
   * @param life Whose job it is: the life of a worker, or 0.
   * @param reference Its slot and generation.
   */
  constructor(handles: WorkerHandles, movesFrom: number, life: number, reference: number) {
    this.#handles = handles;
    this.#life = life;
    this.#reference = reference;
    // Only the host has a line to this worker.
    this.movesFrom = life === 0 ? movesFrom : Infinity;
    this.refusesPorts = life === 0 ? undefined : NO_PORTS;
  }

  numberOf(buffer: SharedArrayBuffer): number {
    return this.#handles.numberOf(buffer);
  }

  numberOfPackage(shared: Handed): number {
    return this.#handles.numberOf(shared);
  }

  newNumber(): number {
    return this.#handles.newNumber();
  }

  send(parcel: Parcel): void {
    this.#handles.sendResult(parcel, this.#life, this.#reference);
  }

  /** The owner of the job does that. */
  close(): void {}
}
