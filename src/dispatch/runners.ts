/**
 * What the owner of a lane knows of those who run its jobs.
 *
 * @module
 */
import type { Inbox } from "../task/inbox.ts";

/** Where results come from: one life of a worker, which may be over by now. */
export interface ResultSource {
  /** Decodes them. */
  readonly inbox: Inbox;
  /** Gives a result's block back to the arena that it is from. */
  giveBack(block: number): void;
}

/** Those who run a lane's jobs, by runner number. */
export interface Runners {
  /** How many are in the middle of a job. */
  readonly busy: number;
  /** After a job was put on a ring: sees to it that somebody takes it. @returns Whether it woke one. */
  wakeFor(ring: number): boolean;
  /** Where a runner's results come from, if there is such a runner. */
  source(runner: number): ResultSource | undefined;
  /** What a job of a runner lately took, in milliseconds. */
  serviceTime(runner: number): number;
  /** Whether a runner is in synchronous code of the job in a slot. */
  isInside(runner: number, slot: number): boolean;
  /** Whether that job is the lowest on the runner's stack, with others on top of it or without. */
  isLowest(runner: number, slot: number): boolean;
  /**
   * Whether a runner has jobs under way that are neither this lane's nor begun by its own, if it
   * has so many of this lane's.
   */
  isElsewhere(runner: number, here: number): boolean;
  /**
   * Makes a runner look for work, and after jobs of this lane that were given up, if it can.
   *
   * @returns How often it has done so.
   */
  askForSign(runner: number): number;
  /** Whether a runner has looked for work since it was asked to; true of one that is gone. */
  gaveSign(runner: number, beats: number): boolean;
  /**
   * Puts another worker in the place of one that does not come back from a job.
   *
   * @param isStuck Whether that is still so, once the runner claims nothing more.
   */
  replace(runner: number, isStuck: () => boolean): void;
  /**
   * For a thread that blocks and hears no events: looks which runners are gone.
   *
   * @throws {MulticoreError} Where there is one that cannot begin before this thread gives way.
   */
  lookForGone(): void;
}
