/**
 * Whose synchronous code is on a runner's stack: a job that blocks in `getSync` has others run
 * on top of it. The runner notes it plainly; what others read may be stale, and decides only
 * whether a worker is replaced that does not come back from a job.
 *
 * @module
 */
import {
  CURRENT,
  CURRENT_OWNER,
  JOBS_AWAITING,
  LIFE,
  STRANGERS,
  TOP,
  TOP_OWNER,
} from "../memory/layout.ts";

/**
 * Runner: notes that a job begins on top of the one that CURRENT names.
 *
 * @param counters Its own.
 * @param owner The life of the job's owner.
 * @param slot Its slot.
 * @returns What takes it off again.
 */
export function putOnTop(counters: Int32Array, owner: number, slot: number): () => void {
  const below = counters[TOP]!;
  const belowOwner = counters[TOP_OWNER]!;
  const isStranger = owner !== counters[LIFE] && owner !== counters[CURRENT_OWNER];
  if (isStranger) counters[STRANGERS]!++;
  counters[TOP_OWNER] = owner;
  counters[TOP] = slot + 1;
  return () => {
    counters[TOP_OWNER] = belowOwner;
    counters[TOP] = below;
    if (isStranger) counters[STRANGERS]!--;
  };
}

/**
 * Others: whether it is a job's code that runs.
 *
 * @param counters The runner's.
 * @param owner The life of the job's owner.
 * @param slot Its slot.
 */
export function isInside(counters: Int32Array, owner: number, slot: number): boolean {
  const top = Atomics.load(counters, TOP);
  if (top !== 0) return top === slot + 1 && counters[TOP_OWNER] === owner;
  return isLowest(counters, owner, slot);
}

/** Others: whether that job is the lowest on the stack, with others on top of it or without. */
export function isLowest(counters: Int32Array, owner: number, slot: number): boolean {
  return Atomics.load(counters, CURRENT) === slot + 1 && counters[CURRENT_OWNER] === owner;
}

/**
 * Others: whether a runner has jobs under way that are neither an owner's nor begun by its own,
 * if it has so many of that owner's.
 */
export function isElsewhere(counters: Int32Array, owner: number, here: number): boolean {
  if (counters[JOBS_AWAITING]! > here || counters[STRANGERS] !== 0) return true;
  if (Atomics.load(counters, CURRENT) === 0) return false;
  const lowest = counters[CURRENT_OWNER];
  return lowest !== owner && lowest !== counters[LIFE];
}
