/**
 * Looking again and again, for as long as its policy says, before a thread parks.
 *
 * @module
 */
import { pause } from "./pause.ts";

/** Looks between two readings of the clock, which costs several of them. */
const LOOKS_PER_READING = 32;

/** Decides how long to spin, and learns from what came of it. */
export interface SpinPolicy {
  /**
   * @param slept Whether either side has slept since this thread's last wait.
   * @returns Milliseconds to spin in the wait that begins now.
   */
  begin(slept: boolean): number;
  /** The spin found what it waited for. */
  hit(): void;
  /** The spin was in vain. */
  missed(): void;
}

/**
 * Spins until something is so.
 *
 * @param policy How long that is worth it.
 * @param slept Whether either side has slept since this thread's last wait.
 * @param isSo Looks; called at least once.
 * @returns Whether it came to be so.
 */
export function spinUntil(policy: SpinPolicy, slept: boolean, isSo: () => boolean): boolean {
  const time = policy.begin(slept);
  if (time === 0) return isSo();
  let end = 0;
  for (let looks = 1;; looks++) {
    if (isSo()) {
      policy.hit();
      return true;
    }
    pause();
    if (looks % LOOKS_PER_READING !== 0) continue;
    const now = performance.now();
    if (end === 0) end = now + time;
    else if (now >= end) {
      policy.missed();
      return false;
    }
  }
}
