/**
 * Whose synchronous code is on a runner's stack: a job that blocks in `getSync` has others run
 * on top of it. The runner notes it plainly; what others read may be stale, and decides only
 * whether a worker is replaced that does not come back from a job.
 *
 * @module
 */
import {
  BENEATH,
  BENEATH_OWNER,
  CURRENT,
  CURRENT_OWNER,
  JOBS_AWAITING,
  LIFE,
  STRANGERS,
} from "../memory/layout.ts";

/** Runner: notes that a job of an owner begins on top of the one that CURRENT names. @returns What ends that. */
export function putOnTop(counters: Int32Array, owner: number): () => void {
  const isSecond = counters[BENEATH] === 0;
  if (isSecond) {
    counters[BENEATH_OWNER] = counters[CURRENT_OWNER]!;
    counters[BENEATH] = counters[CURRENT]!;
  }
  const isStranger = owner !== counters[LIFE] && owner !== counters[BENEATH_OWNER];
  if (isStranger) counters[STRANGERS]!++;
  return () => {
    if (isStranger) counters[STRANGERS]!--;
    if (isSecond) counters[BENEATH] = 0;
  };
}

/**
 * Others: whether a runner is in synchronous code of a job.
 *
 * @param counters The runner's.
 * @param owner The life of the job's owner.
 * @param slot Its slot.
 */
export function isInside(counters: Int32Array, owner: number, slot: number): boolean {
  return Atomics.load(counters, CURRENT) === slot + 1 && counters[CURRENT_OWNER] === owner;
}

/** Others: whether that job waits at the bottom of the runner's stack while others run on top of it. */
export function isBeneath(counters: Int32Array, owner: number, slot: number): boolean {
  return Atomics.load(counters, BENEATH) === slot + 1 && counters[BENEATH_OWNER] === owner;
}

/**
 * Others: whether a runner has jobs under way that are neither an owner's nor begun by its own,
 * if it has so many of that owner's.
 */
export function isElsewhere(counters: Int32Array, owner: number, here: number): boolean {
  if (counters[JOBS_AWAITING]! > here || counters[STRANGERS] !== 0) return true;
  const isMany = Atomics.load(counters, BENEATH) !== 0;
  if (!isMany && Atomics.load(counters, CURRENT) === 0) return false;
  const bottom = counters[isMany ? BENEATH_OWNER : CURRENT_OWNER];
  return bottom !== owner && bottom !== counters[LIFE];
}
