/**
 * Whether it is worth spinning before a thread parks.
 *
 * Where both sides are awake it mostly is: the answer comes within microseconds.
 * Where one of them has slept since the last wait, that depends on where the
 * system runs it now. On a processor of its own it answers soon. Often it is put
 * on the processor of its waker, and then the two take turns: whoever spins keeps
 * the other one from running. Which of the two is the case shows in the last such
 * waits. Where some spins in a row were in vain, a thread parks at once from then on; one
 * alone may have waited for a job that took a little longer than others, or for memory.
 *
 * A thread that may block, but parks on its event loop as a rule, blocks first where it does
 * not spin for that reason, for a moment: the other one runs at once then, and a thread that
 * blocks is woken sooner than an event loop.
 *
 * Systems move one of two threads that both want to run to a free processor, but
 * only at one of their ticks, some milliseconds apart, and only a thread that has
 * waited for a moment. So when many such waits follow each other closely, a thread
 * spins once for as long as that takes, a trial; if that is in vain too, or some in a
 * row worked only for a moment, the next trial comes after a pause. From a trial that
 * works on both are awake, on two processors, and stay so until they have nothing to do.
 *
 * Other spins that stay in vain, because all processors are taken, say, are given
 * up after some in a row, and tried again ever more rarely. That is counted in
 * time and not in waits, so that what calls with rests between them have taught is
 * soon forgotten when a stream of calls begins.
 *
 * @module
 */
import { now } from "../base/clock.ts";

/** Spins in vain after sleep, in a row, that show that the two share a processor. */
const DOUBTS = 3;
/** Waits after sleep that follow each other closely, before a trial. */
const STREAK = 16;
/** How close that is, in milliseconds from one to the next. */
const CLOSE = 1;
/** Milliseconds that a trial lasts: longer than from one tick to the next. */
const TRIAL = 6;
/** Other spins, in a row, after which they count: in vain, there is a pause; not, a trial has worked. */
const PATIENCE = 64;
/** Trials that only seemed to work, after which there is a pause. One in vain counts for as many. */
const FAILURES = 5;
/** Longest time to block, in milliseconds: nothing else of the thread's runs meanwhile. */
const LONGEST_BLOCK = 0.1;
/** Blocking waits in vain, in a row, after which there is a pause. */
const VAIN_BLOCKS = 4;
/** How long nothing is tried after failures, in milliseconds, to begin with and at most. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 320;

/** What comes after so many failures: nothing is tried for a while, longer each time. */
class Pause {
  readonly #clock: () => number;
  readonly #patience: number;
  #failures = 0;
  #length = FIRST_PAUSE;
  #end = 0;

  constructor(clock: () => number, patience: number) {
    this.#clock = clock;
    this.#patience = patience;
  }

  get isOver(): boolean {
    if (this.#end !== 0 && this.#clock() < this.#end) return false;
    this.#end = 0;
    return true;
  }

  failed(weight = 1): void {
    this.#failures += weight;
    if (this.#failures < this.#patience) return;
    this.#failures = 0;
    this.#end = this.#clock() + this.#length;
    this.#length = Math.min(2 * this.#length, LONGEST_PAUSE);
  }

  worked(): void {
    this.#failures = 0;
    this.#length = FIRST_PAUSE;
    this.#end = 0;
  }
}

/** One thread's spinning, learned from its own waits. */
export class SpinTime {
  readonly #longest: number;
  readonly #clock: () => number;
  readonly #spins: Pause;
  readonly #trials: Pause;
  readonly #blocks: Pause;
  #hits = 0;
  /** Whether the last trial found work, perhaps only since it was interrupted for it. */
  #onTrial = false;
  #streak = 0;
  #lastAfterSleep = -Infinity;
  /** Of what kind the present wait's spin is. */
  #kind: "awake" | "after sleep" | "trial" | "none" = "none";
  /** Whether the last spins after sleep found work: the two have processors of their own. */
  #apart = true;
  /** How many did not, in a row. */
  #doubts = 0;

  /**
   * @param longest Longest spin in milliseconds, but for trials; 0 never spins.
   * @param clock The time in milliseconds; read after sleep and in pauses alone.
   */
  constructor(longest: number, clock: () => number = now) {
    this.#longest = longest;
    this.#clock = clock;
    this.#spins = new Pause(clock, PATIENCE);
    this.#trials = new Pause(clock, FAILURES);
    this.#blocks = new Pause(clock, VAIN_BLOCKS);
  }

  /**
   * @param slept Whether either side has slept since this thread's last wait.
   * @returns Milliseconds to spin in the wait that begins now.
   */
  begin(slept: boolean): number {
    if (this.#longest === 0) return 0;
    if (!slept) {
      this.#kind = "awake";
      return this.#spins.isOver ? this.#longest : 0;
    }
    const isStreak = this.#isStreak(this.#clock());
    if (this.#apart) {
      this.#kind = "after sleep";
      return this.#longest;
    }
    if (!isStreak || !this.#trials.isOver) {
      this.#kind = "none";
      return 0;
    }
    this.#kind = "trial";
    return Math.max(TRIAL, this.#longest);
  }

  /** The spin found work. */
  hit(): void {
    if (this.#kind === "awake") {
      this.#spins.worked();
      if (++this.#hits === PATIENCE) this.#trialWorked();
      return;
    }
    this.sideBySide();
    if (this.#kind === "trial") this.#onTrial = true;
  }

  /** Milliseconds to block in the present wait, in place of a spin that would be in vain. */
  get blocking(): number {
    if (this.#longest === 0 || this.#kind !== "none" || !this.#blocks.isOver) return 0;
    return LONGEST_BLOCK;
  }

  /** The thread has blocked. @param inVain Whether nothing came meanwhile. */
  blocked(inVain: boolean): void {
    if (inVain) this.#blocks.failed();
    else this.#blocks.worked();
  }

  /** What came after one had slept came while this thread ran: the two have processors of their own. */
  sideBySide(): void {
    this.#apart = true;
    this.#doubts = 0;
  }

  /** The spin was in vain. */
  missed(): void {
    this.#hits = 0;
    if (this.#kind === "awake") return this.#spins.failed();
    if (this.#kind === "trial") return this.#trialFailed(FAILURES);
    if (++this.#doubts < DOUBTS) return;
    this.#doubts = 0;
    this.#apart = false;
    if (this.#onTrial) this.#trialFailed(1);
  }

  #trialWorked(): void {
    this.#onTrial = false;
    this.#trials.worked();
  }

  #trialFailed(weight: number): void {
    this.#onTrial = false;
    this.#streak = 0;
    this.#trials.failed(weight);
  }

  #isStreak(time: number): boolean {
    this.#streak = time - this.#lastAfterSleep < CLOSE ? this.#streak + 1 : 1;
    this.#lastAfterSleep = time;
    return this.#streak > STREAK;
  }
}
