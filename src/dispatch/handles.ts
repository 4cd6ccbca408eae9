/**
 * What the owner of a lane does about objects that travel beside its jobs' bytes.
 *
 * @module
 */
import type { ParcelDesk } from "../task/parcel.ts";

/** One owner's handles. */
export interface OwnerHandles extends ParcelDesk {
  /** Whether there is mail to take. One load from shared memory. */
  readonly anyMail: boolean;
  /** Takes it. */
  takeMail(): void;
  /** Whether mail comes also while this thread blocks. */
  readonly isPrompt: boolean;
  /** Whether jobs have what is to be moved to them, and was not asked for yet. */
  readonly anyOutgoing: boolean;
  /**
   * Waits for what a result names and this thread has not got.
   *
   * @param number What the result calls it.
   * @param then Called once it is there, or with the error where it never will be.
   * @returns Whether there is anybody to wait for; `then` is not called otherwise.
   */
  await(number: number, then: (error: Error | undefined) => void): boolean;
  /** Whether anything came with results that are still to be read. */
  readonly anyArrived: boolean;
  /** A job's slot is free: what came with its result was taken, or nobody wants it. */
  forget(reference: number): void;
  /** @param isCurrent Tells whether a reference still leads to a job. */
  follow(isCurrent: (reference: number) => boolean): void;
}
