/**
 * How the owner of a lane waits for completions: the host by its pump, a worker by
 * the loop that it runs jobs in.
 *
 * @module
 */
import type { Watched } from "../sync/spinner.ts";
import type { Settler } from "./engine.ts";

/** What is waited for. */
export interface Source {
  /** Settles what has come, for a bounded moment. @returns Whether anything had. */
  drain(): boolean;
  /** The word that changes when a completion comes. */
  readonly watched: Watched;
  /** Whether completions are there to be settled. */
  readonly anyDone: boolean;
  /** Whether completions are still to come. */
  readonly anyPending: boolean;
  /** Completions that were settled. */
  readonly settled: number;
  /** What a job lately took, in milliseconds. */
  readonly serviceTime: number;
  /** Whether a worker was woken since this was last set to false. */
  wokeWorker: boolean;
}

/** One thread's way of waiting. */
export interface Waiting {
  /** After a submission, or whatever else makes completions likely: looks for them soon. */
  kick(): void;
  /**
   * Blocks this thread until something is so; see `Engine.block`.
   *
   * @param done Tells whether it is.
   * @param deadline When to give up.
   * @param wakeAt Latest time to look at other matters than completions.
   * @param onWake Looks at them; part of the last look before a sleep.
   * @param settler Whose jobs are waited for.
   * @returns Whether it came to be so.
   * @throws {MulticoreError} Where this thread may not block.
   */
  block(
    done: () => boolean,
    deadline: number,
    wakeAt: () => number,
    onWake: () => void,
    settler: Settler,
  ): boolean;
}
