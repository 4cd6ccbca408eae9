/**
 * Looking again and again, for as long as its policy says, before a thread parks.
 *
 * Most looks are at one word alone, the one that changes first, as a rule, when what
 * the thread waits for comes. Engines take what a thread spins in for the hottest code
 * there is: to compile all that a look at everything calls, in each place where it is
 * called, took them longer than a new pool's first thousand calls, on the processors
 * that these needed.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { pause } from "./pause.ts";

/**
 * Looks at the word between two at everything, with a reading of the clock: twice as many
 * each time, so that what shows elsewhere waits hardly longer than the thread has waited for it.
 */
const FEWEST_LOOKS = 32;
const MOST_LOOKS = 512;
/** Most readings of one clock: some tens of milliseconds, where it stands still, as a test's may. */
const MOST_READINGS = 4096;

/** A word that changes, as a rule, when what a thread waits for comes. */
export interface Watched {
  readonly words: Int32Array;
  /** Its index, which may be another one the next time. */
  readonly at: number;
}

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
 * @param watched Where it shows first, as a rule.
 * @param isSo Looks at everything; called at least once.
 * @returns Whether it came to be so, as far as that word tells: others may have been first,
 * which the policy learns from all the same, since what is waited for does come.
 */
export function spinUntil(
  policy: SpinPolicy,
  slept: boolean,
  watched: Watched,
  isSo: () => boolean,
): boolean {
  const time = policy.begin(slept);
  if (time === 0) return isSo();
  const came = lookFor(time, watched, isSo);
  if (came) policy.hit();
  else policy.missed();
  return came;
}

function lookFor(time: number, watched: Watched, isSo: () => boolean): boolean {
  const { words } = watched;
  let end = 0;
  let looks = FEWEST_LOOKS;
  for (let readings = 0; readings < MOST_READINGS; readings++) {
    const { at } = watched;
    // Before the look at everything, which takes long enough for much to come meanwhile.
    const seen = Atomics.load(words, at);
    if (isSo() || changes(words, at, seen, looks)) return true;
    const reading = now();
    if (end === 0) end = reading + time;
    else if (reading >= end) return false;
    looks = Math.min(2 * looks, MOST_LOOKS);
  }
  return false;
}

/** Looks at a word so many times. @returns Whether it has changed. */
function changes(words: Int32Array, at: number, seen: number, looks: number): boolean {
  for (; looks > 0; looks--) {
    if (Atomics.load(words, at) !== seen) return true;
    pause();
  }
  return false;
}
