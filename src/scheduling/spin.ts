/**
 * Whether it is worth spinning before a thread parks.
 *
 * Where the other side is awake it mostly is: the answer comes within
 * microseconds. Where this thread has just woken the other one, that depends on
 * where the system runs it. On a processor of its own it comes soon. Often it is
 * put on the processor of its waker, and moved to a free one only when the system
 * sees, at one of its ticks, that both want to run at the same time. After such a
 * hand-over a thread parks at once, and the other one runs at once. Which of the
 * two is the case shows in the last spin after a hand-over. Where it was in vain,
 * spinning is tried again only when many hand-overs follow each other closely, for
 * as many waits as it takes for a tick to see both; from then on both are awake,
 * on two processors.
 *
 * Spins that stay in vain, because all other processors are taken, say, are given
 * up after some in a row, and tried again ever more rarely. That is counted in time
 * and not in waits, so that what calls with rests between them have taught is soon
 * forgotten when a stream of calls begins.
 *
 * @module
 */

/** Hand-overs that follow each other closely, before spinning is tried. */
const STREAK = 16;
/** How close that is, in milliseconds from one to the next. */
const CLOSE = 1;
/** Spins in vain, in a row, after which there is a pause. */
const PATIENCE = 64;
/** How long nothing is tried then, in milliseconds, to begin with and at most. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 320;

/** One thread's spinning, learned from its own waits. */
export class SpinTime {
  readonly #longest: number;
  readonly #clock: () => number;
  #misses = 0;
  #pause = FIRST_PAUSE;
  /** When the pause ends; 0 where there is none. */
  #resumeAt = 0;
  #streak = 0;
  #lastHandOver = -Infinity;
  /** Whether the present wait follows a hand-over. */
  #handOver = false;
  /** Whether the last spin after a hand-over found work: the two have processors of their own. */
  #apart = true;

  /**
   * @param longest Longest spin in milliseconds; 0 never spins.
   * @param clock The time in milliseconds; read after hand-overs and in pauses alone.
   */
  constructor(longest: number, clock: () => number = () => performance.now()) {
    this.#longest = longest;
    this.#clock = clock;
  }

  /**
   * @param handOver Whether this thread has just woken the one that it waits for.
   * @returns Milliseconds to spin in the wait that begins now.
   */
  begin(handOver: boolean): number {
    this.#handOver = handOver;
    if (handOver && !this.#isStreak(this.#clock()) && !this.#apart) return 0;
    if (this.#resumeAt !== 0) {
      if (this.#clock() < this.#resumeAt) return 0;
      this.#resumeAt = 0;
    }
    return this.#longest;
  }

  /** The spin found work. */
  hit(): void {
    this.#misses = 0;
    this.#pause = FIRST_PAUSE;
    if (this.#handOver) this.#apart = true;
  }

  /** What came after a hand-over came while this thread ran: the two have processors of their own. */
  sideBySide(): void {
    this.#apart = true;
  }

  /** The spin was in vain. */
  missed(): void {
    if (this.#handOver) this.#apart = false;
    if (++this.#misses < PATIENCE) return;
    this.#misses = 0;
    this.#resumeAt = this.#clock() + this.#pause;
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
  }

  #isStreak(now: number): boolean {
    this.#streak = now - this.#lastHandOver < CLOSE ? this.#streak + 1 : 1;
    this.#lastHandOver = now;
    return this.#streak > STREAK;
  }
}
