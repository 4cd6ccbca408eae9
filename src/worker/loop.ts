/**
 * A worker's life: claim and run jobs while there are any, spin a little, park.
 * The order of the steps around parking is that of `sync/README.md`.
 *
 * @module
 */
import { BEATS, DISMISSED, LEAVE_WHEN_DONE, SERVICE_TIME } from "../memory/layout.ts";
import type { IdleTimes } from "../task/start.ts";
import { Readings } from "../scheduling/readings.ts";
import { SpinTime } from "../scheduling/spin.ts";
import { AWAKE, BUSY, LISTENING, PARKED, type Parker, RESTING, SEARCHING } from "../sync/parker.ts";
import type { Sleepers } from "../sync/sleepers.ts";
import { spinUntil } from "../sync/spinner.ts";
import { type Lane, ringOfWorker, SHARED_RINGS } from "../transport/lane.ts";
import { generationOf, NOBODY, READY, RUNNING, slotOf, stateOf } from "../transport/slot.ts";
import type { SubmissionRing } from "../transport/submission_ring.ts";
import type { Completions } from "./completions.ts";
import type { Executor } from "./executor.ts";

/** Longest stretch in milliseconds without a turn of the event loop. */
const STRETCH = 8;
/** Every so many claims the rings are looked at in reverse, so that low priority never starves. */
const AGEING = 16;
/** Most jobs that may await something at a time. */
const MOST_AWAITING = 1024;
/** All workers together look for jobs that go on unheard before they hold so many slots. */
const MOST_UNHEARD = 2048;
/** Every so many batches of jobs their time is taken. */
const SAMPLING = 16;
/** Most jobs between two readings of the clock. */
const JOBS_PER_READING = 16;

/** A second in microseconds: longer jobs are all alike. */
const LONGEST_SERVICE = 1e6;

/** Why the worker stops claiming for a moment. */
type Stop = "idle" | "turn" | "awaiting" | "dismissed";

/** The loop of one worker. */
export class WorkerLoop {
  readonly #lane: Lane;
  /** Its own ring, then those that all share by falling priority. */
  readonly #rings: readonly SubmissionRing[];
  readonly #sleepers: Sleepers;
  readonly #parker: Parker;
  readonly #runner: number;
  readonly #counters: Int32Array;
  readonly #executor: Executor;
  readonly #completions: Completions;
  readonly #idle: IdleTimes;
  readonly #spin: SpinTime;
  readonly #turn: () => Promise<void>;
  readonly #mayBlock: boolean;
  /** Whether it has slept since it last spun. */
  #slept = true;
  /** Whether this is the pool's only worker. */
  readonly #isOnly: boolean;
  readonly #anyToDo = (): boolean => (this.#anyJob && this.#mayClaim) || this.#dismissed;
  /** How many jobs have to await before the first look for those that go on unheard, and the next. */
  readonly #firstLookAt: number;
  #lookAgainAt: number;
  #claims = 0;
  #batches = 0;
  #lastTurn = performance.now();
  readonly #readings = new Readings(JOBS_PER_READING, STRETCH / JOBS_PER_READING);

  /**
   * @param lane The host's lane.
   * @param index This worker's place in the pool.
   * @param runner Its runner number.
   * @param sleepers The pool's parking places.
   * @param counters This runner's counters.
   * @param executor What runs jobs.
   * @param completions Where their results go.
   * @param idle How to wait.
   * @param turn Lets timers and I/O have their turn.
   * @param mayBlock Whether this thread may block.
   */
  constructor(
    lane: Lane,
    index: number,
    runner: number,
    sleepers: Sleepers,
    counters: Int32Array,
    executor: Executor,
    completions: Completions,
    idle: IdleTimes,
    turn: () => Promise<void>,
    mayBlock: boolean,
  ) {
    this.#lane = lane;
    const workers = lane.rings.length - SHARED_RINGS;
    this.#isOnly = workers === 1;
    this.#firstLookAt = Math.min(MOST_AWAITING / 4, Math.ceil(MOST_UNHEARD / workers));
    this.#lookAgainAt = this.#firstLookAt;
    this.#rings = [lane.rings[ringOfWorker(index)]!, ...lane.rings.slice(0, SHARED_RINGS)];
    this.#sleepers = sleepers;
    this.#parker = sleepers.parker(runner);
    this.#runner = runner;
    this.#counters = counters;
    this.#executor = executor;
    this.#completions = completions;
    this.#idle = idle;
    this.#spin = new SpinTime(idle.spin);
    this.#turn = turn;
    this.#mayBlock = mayBlock;
  }

  /** Works until dismissed; resolves when nothing of this worker's is under way any more. */
  async run(): Promise<void> {
    for (;;) {
      switch (this.#work()) {
        case "turn":
          await this.#takeTurn();
          break;
        case "awaiting":
          // Promises that need no I/O settle here; what remains needs the event loop, and other
          // workers may take further jobs meanwhile.
          await undefined;
          if (this.#executor.awaiting > 0) await this.#takeTurn();
          break;
        case "idle":
          await this.#park();
          break;
        case "dismissed":
          if (!this.#mustStay) return;
          await this.#park();
      }
    }
  }

  /** Claims and runs jobs without giving up the thread. */
  #work(): Stop {
    for (;;) {
      if (!this.#search()) return this.#dismissed ? "dismissed" : "idle";
      this.#parker.state = BUSY;
      let first = true;
      let jobs = 0;
      const began = this.#batches++ % SAMPLING === 0 ? performance.now() : 0;
      const awaiting = this.#executor.awaiting;
      for (;;) {
        if (this.#dismissed || this.#completions.holding) break;
        const reference = this.#claim();
        if (reference === -1) break;
        if (first) {
          first = false;
          // Whoever submitted while this worker was searching has woken nobody.
          if (!this.#isOnly && this.#anyJob) this.#sleepers.wakeForWork();
        }
        this.#executor.run(reference);
        jobs++;
        if (this.#executor.awaiting !== awaiting) {
          return "awaiting";
        }
        if (this.#readings.count() && this.#isLong()) return "turn";
      }
      if (began !== 0 && jobs > 0) this.#learn((performance.now() - began) / jobs);
    }
  }

  /** Reads the clock. @returns Whether a turn is due. */
  #isLong(): boolean {
    return this.#readings.read() - this.#lastTurn > STRETCH;
  }

  /** Looks for work, for as long as that is worth it. @returns Whether there is any to claim. */
  #search(): boolean {
    this.#counters[BEATS]!++;
    this.#completions.flush();
    if (this.#executor.awaiting >= this.#lookAgainAt) this.#letGoOfUnwanted();
    if (this.#mayClaim && this.#anyJob) return true;
    // One searcher is enough: several would only take the cores from those who work.
    const alone = !this.#sleepers.othersSearch(this.#runner);
    if (this.#mayClaim) this.#parker.state = SEARCHING;
    else this.#stopSearching();
    if (!alone || !this.#mayClaim || this.#executor.awaiting > 0) {
      return this.#mayClaim && this.#anyJob;
    }
    const slept = this.#slept || this.#completions.wokeHost;
    this.#slept = false;
    this.#completions.wokeHost = false;
    return spinUntil(this.#spin, slept, this.#anyToDo);
  }

  /** The next look comes when twice as many await, so that looking costs little each. */
  #letGoOfUnwanted(): void {
    this.#executor.letGoOfUnwanted();
    const twice = Math.max(this.#firstLookAt, 2 * this.#executor.awaiting);
    this.#lookAgainAt = Math.min(twice, MOST_AWAITING);
  }

  async #park(): Promise<void> {
    const mayBlock = this.#mayBlock && this.#executor.awaiting === 0;
    const began = performance.now();
    if (began - this.#lastTurn > STRETCH) await this.#takeTurn();
    if (mayBlock && this.#announce()) {
      const woken = this.#parker.block(this.#idle.block);
      this.#slept = true;
      this.#retract();
      if (woken) return;
      await this.#takeTurn();
    }
    if (!this.#announce()) return;
    const waking = this.#parker.sleep();
    if (waking !== undefined) {
      // Who can take no jobs for the sake of those that await wakes also when one of these ends.
      const restrained = !this.#mayClaim && this.#executor.awaiting > 0;
      await (restrained ? Promise.race([waking, this.#executor.nextChange()]) : waking);
      this.#slept = true;
    }
    this.#retract();
  }

  /** Until this worker runs on, reactions of jobs under way may run, for as long as they like. */
  #retract(): void {
    this.#sleepers.retract(this.#runner, this.#executor.awaiting > 0 ? AWAKE : SEARCHING);
  }

  /** Announces the sleep and looks once more. @returns Whether to sleep. */
  #announce(): boolean {
    this.#sleepers.announce(this.#runner, this.#sleepState);
    const reason = (this.#anyJob && this.#mayClaim) || (this.#dismissed && !this.#mustStay) ||
      (this.#completions.holding && this.#completions.roomCame);
    if (!reason) return true;
    this.#retract();
    return false;
  }

  get #sleepState(): number {
    if (!this.#mayClaim) return RESTING;
    return this.#executor.awaiting > 0 ? LISTENING : PARKED;
  }

  /** Not to take the jobs that are there: whoever relied on this worker's search must not wait for it. */
  #stopSearching(): void {
    this.#parker.state = BUSY;
    if (this.#anyJob) this.#sleepers.wakeForWork();
  }

  async #takeTurn(): Promise<void> {
    this.#stopSearching();
    await this.#turn();
    this.#lastTurn = performance.now();
  }

  /** Takes one job for this worker, by the two exchanges of the job protocol. */
  #claim(): number {
    const reversed = ++this.#claims % AGEING === 0;
    for (let i = 0; i < this.#rings.length; i++) {
      const ring = this.#rings[reversed ? this.#rings.length - 1 - i : i]!;
      for (;;) {
        const reference = ring.take();
        if (reference === -1) break;
        const generation = generationOf(reference);
        const ready = stateOf(generation, NOBODY, READY);
        const running = stateOf(generation, this.#runner, RUNNING);
        // Fails for a job that was cancelled, or that was put on the ring a second time.
        if (this.#lane.changeState(slotOf(reference), ready, running)) return reference;
      }
    }
    return -1;
  }

  get #anyJob(): boolean {
    const rings = this.#rings;
    for (let i = 0; i < rings.length; i++) if (!rings[i]!.isEmpty) return true;
    return false;
  }

  get #mayClaim(): boolean {
    return this.#executor.awaiting < MOST_AWAITING && !this.#executor.importing &&
      !this.#completions.holding && !this.#dismissed;
  }

  /** A worker that is dismissed finishes what is wanted of it, if it was asked to. */
  get #mustStay(): boolean {
    return Atomics.load(this.#counters, DISMISSED) === LEAVE_WHEN_DONE &&
      (this.#completions.holding || this.#executor.anyWanted);
  }

  get #dismissed(): boolean {
    return Atomics.load(this.#counters, DISMISSED) !== 0;
  }

  #learn(milliseconds: number): void {
    const before = this.#counters[SERVICE_TIME]!;
    const smoothed = Math.round((3 * before + 1000 * milliseconds) / 4);
    this.#counters[SERVICE_TIME] = Math.min(smoothed, LONGEST_SERVICE);
  }
}
