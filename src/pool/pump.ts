/**
 * How the host waits for completions: it looks for them from a microtask while
 * they come within microseconds, and else sleeps on its parking place. In
 * between it lets timers and I/O have their turn. Nothing here polls by a timer.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import type { Source, Waiting } from "../dispatch/waiting.ts";
import type { Runtime } from "../runtime/adapter.ts";
import { Readings } from "../scheduling/readings.ts";
import { SpinTime } from "../scheduling/spin.ts";
import { AWAKE, type Parker } from "../sync/parker.ts";
import { spinUntil } from "../sync/spinner.ts";

/** Longest stretch in milliseconds in which only microtasks run. */
const STRETCH = 1;
/** Most looks between two readings of the clock. */
const LOOKS_PER_READING = 8;

/** Nothing is pending. */
const IDLE = 0;
/** A microtask will look for completions. */
const LOOKING = 1;
/** The next turn of the event loop will. */
const YIELDED = 2;
/** The parking place's bell will. */
const PARKED = 3;

/** The host's waiting. */
export class Pump implements Waiting {
  readonly #source: Source;
  readonly #parker: Parker;
  readonly #runtime: Runtime;
  readonly #spin: SpinTime;
  readonly #longest: number;
  readonly #look = (): void => this.#lookOnce();
  readonly #anyDone = (): boolean => this.#source.anyDone;
  #state: typeof IDLE | typeof LOOKING | typeof YIELDED | typeof PARKED = IDLE;
  /** When the present stretch of microtasks began; 0 after a turn of the event loop. */
  #stretch = 0;
  readonly #readings = new Readings(LOOKS_PER_READING, STRETCH / LOOKS_PER_READING);
  /** Whether the parking place may still say that this thread sleeps. */
  #announced = false;
  /** Whether it has slept since it last spun. */
  #slept = false;
  #letGo: (() => void) | undefined;

  /**
   * @param source What is waited for.
   * @param parker The host's parking place.
   * @param runtime The runtime.
   * @param longestSpin Longest spin in milliseconds.
   */
  constructor(source: Source, parker: Parker, runtime: Runtime, longestSpin: number) {
    this.#source = source;
    this.#parker = parker;
    this.#runtime = runtime;
    this.#spin = new SpinTime(longestSpin);
    this.#longest = longestSpin;
  }

  /** After a submission, or whatever else makes completions likely: looks for them soon. */
  kick(): void {
    if (this.#state === LOOKING || this.#state === YIELDED) return;
    this.#state = LOOKING;
    this.#runtime.microtask(this.#look);
  }

  /** Lets the process end, and this be freed, if nothing else keeps it: nothing is pending any more. */
  rest(): void {
    this.#letGo?.();
    this.#letGo = undefined;
    // The last job may have ended without a ring: by its timeout, say.
    this.#parker.endSleep();
  }

  /**
   * Blocks this thread until something is so; see `Engine.block`.
   *
   * @param done Tells whether it is.
   * @param deadline When to give up.
   * @param wakeAt Latest time to look at other matters than completions.
   * @param onWake Looks at them.
   */
  block(done: () => boolean, deadline: number, wakeAt: () => number, onWake: () => void): boolean {
    try {
      return this.#blockUntil(done, deadline, wakeAt, onWake);
    } finally {
      // Its announcement was taken back: look again, and park anew if need be.
      if (this.#state === PARKED) this.kick();
    }
  }

  #blockUntil(
    done: () => boolean,
    deadline: number,
    wakeAt: () => number,
    onWake: () => void,
  ): boolean {
    for (;;) {
      this.#source.drain();
      onWake();
      if (done()) return true;
      const time = now();
      if (time >= deadline) return false;
      if (this.#spinForWork()) continue;
      this.#announce();
      try {
        // A worker that ends says so, and then looks whether this thread sleeps.
        onWake();
        if (!this.#source.anyDone && !done()) {
          this.#parker.block(Math.max(0, Math.min(deadline, wakeAt()) - time));
        }
      } finally {
        this.#retract();
      }
    }
  }

  #lookOnce(): void {
    if (this.#state !== LOOKING) return;
    // While it looks, nobody need ring.
    if (this.#announced) this.#retract();
    if (!this.#source.anyPending) return this.#finish();
    if (this.#readings.count() && this.#isLong()) {
      this.#state = YIELDED;
      return;
    }
    const came = this.#drain() ||
      ((this.#spinForWork() || this.#blockForWork()) && this.#source.drain());
    if (came) {
      if (this.#source.anyPending) this.#runtime.microtask(this.#look);
      else this.#finish();
      return;
    }
    this.#park();
  }

  #drain(): boolean {
    const before = this.#source.settled;
    if (!this.#source.drain()) return false;
    // Who was put on this thread's processor, and ran before it, has found one job only.
    if (this.#source.wokeWorker && this.#source.settled - before > 1) this.#spin.sideBySide();
    return true;
  }

  /** Reads the clock. @returns Whether the stretch is over. */
  #isLong(): boolean {
    const time = this.#readings.read();
    if (this.#stretch !== 0) return time - this.#stretch > STRETCH;
    this.#stretch = time;
    this.#runtime.turn(() => this.#turned());
    return false;
  }

  /** The event loop has turned: timers and I/O have had their chance. */
  #turned(): void {
    this.#stretch = 0;
    this.#readings.hurry();
    if (this.#state === YIELDED) {
      this.#state = LOOKING;
      this.#lookOnce();
    } else if (this.#state === IDLE) {
      this.rest();
    }
  }

  #finish(): void {
    this.#state = IDLE;
    // The turn that is due will let go; it costs too much to do it after each job.
    if (this.#stretch === 0) this.rest();
  }

  #announce(): void {
    this.#announced = true;
    this.#parker.announce();
  }

  #retract(): void {
    this.#announced = false;
    this.#slept = true;
    this.#parker.state = AWAKE;
  }

  #park(): void {
    this.#state = PARKED;
    this.#announce();
    if (this.#source.anyDone) return this.#wake();
    const waking = this.#parker.sleep();
    if (waking === undefined) return this.#wake();
    this.#letGo ??= this.#runtime.keepAlive();
    void waking.then(() => this.#wake());
  }

  #wake(): void {
    if (this.#state !== PARKED) return;
    this.#state = LOOKING;
    this.#runtime.microtask(this.#look);
  }

  /** Spins where jobs lately took no longer than that. */
  #spinForWork(): boolean {
    const slept = this.#slept || this.#source.wokeWorker;
    this.#slept = false;
    this.#source.wokeWorker = false;
    if (this.#source.serviceTime > this.#longest) return this.#source.anyDone;
    return spinUntil(this.#spin, slept, this.#source.watched, this.#anyDone);
  }

  /** Blocks for a moment where that brings sooner what comes soon. */
  #blockForWork(): boolean {
    if (!this.#runtime.mayBlock || this.#source.serviceTime > this.#longest) return false;
    const time = this.#spin.blocking;
    if (time === 0) return false;
    this.#announce();
    if (!this.#source.anyDone) this.#parker.block(time);
    this.#retract();
    const came = this.#source.anyDone;
    this.#spin.blocked(!came);
    return came;
  }
}
