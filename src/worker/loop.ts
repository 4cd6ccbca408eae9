/**
 * A worker's life: claim and run jobs while there are any, spin a little, park.
 * The order of the steps around parking is that of `sync/README.md`.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { Deferred } from "../base/deferred.ts";
import {
  BEATS,
  DISMISSED,
  LEAVE_AT_ONCE,
  LEAVE_WHEN_DONE,
  SERVICE_TIME,
} from "../memory/layout.ts";
import { Readings } from "../scheduling/readings.ts";
import { SpinTime } from "../scheduling/spin.ts";
import { giveWay } from "../sync/give_way.ts";
import { AWAKE, BUSY, LISTENING, PARKED, type Parker, RESTING, SEARCHING } from "../sync/parker.ts";
import type { Sleepers } from "../sync/sleepers.ts";
import { spinUntil } from "../sync/spinner.ts";
import type { IdleTimes } from "../task/start.ts";
import type { Completions } from "./completions.ts";
import type { Executor } from "./executor.ts";
import { ALL, type Jobs, NONE, NOTHING, OWN, PINNED, SLOTLESS } from "./jobs.ts";
import type { Nested } from "./nested.ts";
import type { UnderWay } from "./under_way.ts";

/** Longest stretch in milliseconds without a turn of the event loop. */
const STRETCH = 8;
/** Most of others' jobs that may await something at a time. */
const MOST_AWAITING = 1024;
/** Every so many batches of jobs are a sample of what they take. */
const SAMPLING = 16;
/** From how many milliseconds on a job is long: a moment is little to it. */
const LONG_JOB = 8;
/** Most jobs between two readings of the clock. */
const JOBS_PER_READING = 16;
/** How many reactions follow each other from a nested result to the code that awaits it, and on. */
const REACTIONS = 4;

/** A second in microseconds: longer jobs are all alike. */
const LONGEST_SERVICE = 1e6;

/** Why the worker stops claiming for a moment. */
type Stop = "idle" | "turn" | "reactions" | "awaiting" | "dismissed";

/** What a worker's loop is made of. */
export interface LoopParts {
  /** Number of workers of the pool. */
  readonly workers: number;
  /** This worker's runner number. */
  readonly runner: number;
  /** Where its jobs come from. */
  readonly jobs: Jobs;
  /** What its jobs themselves begin. */
  readonly nested: Nested;
  /** What runs jobs. */
  readonly executor: Executor;
  /** Those that have begun and not come to their end. */
  readonly underWay: UnderWay;
  /** Where their results go. */
  readonly completions: Completions;
  /** The pool's parking places. */
  readonly sleepers: Sleepers;
  /** This runner's counters. */
  readonly counters: Int32Array;
  /** The host's parking place. */
  readonly host: Parker;
  /** How to wait. */
  readonly idle: IdleTimes;
  /** Lets timers and I/O have their turn. */
  readonly turn: () => Promise<void>;
  /** Whether this thread may block. */
  readonly mayBlock: boolean;
}

/** The loop of one worker. */
export class WorkerLoop {
  readonly #runner: number;
  readonly #jobs: Jobs;
  readonly #nested: Nested;
  readonly #executor: Executor;
  readonly #underWay: UnderWay;
  readonly #completions: Completions;
  readonly #sleepers: Sleepers;
  readonly #parker: Parker;
  readonly #counters: Int32Array;
  readonly #host: Parker;
  readonly #idle: IdleTimes;
  readonly #spin: SpinTime;
  /** What ends a spin: it is for a worker that may take any job. */
  readonly #anyToDo = (): boolean =>
    this.#jobs.seemAnyOfOthers || this.#jobs.anyOwn || this.#nested.anyToTend || this.#dismissed();
  readonly #turn: () => Promise<void>;
  readonly #mayBlock: boolean;
  /** Whether it has slept since it last spun. */
  #slept = true;
  /** Whether mail comes by turns of the event loop alone. */
  readonly #mailIsLate: boolean;
  /** Whether this is the pool's only worker. */
  readonly #isOnly: boolean;
  #batches = 0;
  /** Sleeps and changes whose ends are heard of already, and what to do then. */
  readonly #heard = new WeakSet<Promise<unknown>>();
  #goOn: (() => void) | undefined;
  /** Whether the last jobs whose time was taken were long. */
  #wasLong = false;
  #lastTurn = now();
  readonly #readings = new Readings(JOBS_PER_READING, STRETCH / JOBS_PER_READING);

  /** @param parts What it is made of. */
  constructor(parts: LoopParts) {
    const { workers, runner, sleepers, idle } = parts;
    this.#isOnly = workers === 1;
    this.#runner = runner;
    this.#jobs = parts.jobs;
    this.#nested = parts.nested;
    this.#mailIsLate = !parts.nested.hasPromptMail;
    this.#executor = parts.executor;
    this.#underWay = parts.underWay;
    this.#completions = parts.completions;
    this.#sleepers = sleepers;
    this.#parker = sleepers.parker(runner);
    this.#counters = parts.counters;
    this.#host = parts.host;
    this.#idle = idle;
    this.#spin = new SpinTime(idle.spin);
    this.#turn = parts.turn;
    this.#mayBlock = parts.mayBlock;
  }

  /** Works until dismissed; resolves when nothing of this worker's is under way any more. */
  async run(): Promise<void> {
    for (;;) {
      switch (this.#work()) {
        case "turn":
          await this.#takeTurn();
          break;
        case "reactions":
          for (let i = 0; i < REACTIONS; i++) await undefined;
          if (this.#isLong()) await this.#takeTurn();
          break;
        case "awaiting":
          // Promises that need no I/O settle here; what remains needs the event loop, and other
          // workers may take further jobs meanwhile.
          await undefined;
          if (this.#underWay.awaiting > 0) await this.#takeTurn();
          break;
        case "idle":
          await this.#park();
          break;
        case "dismissed":
          if (!this.#mustStay()) {
            // Those that a pool which is terminated leaves behind.
            this.#underWay.seeToGivenUp();
            return;
          }
          await this.#park();
      }
    }
  }

  /** Claims and runs jobs without giving up the thread. */
  #work(): Stop {
    for (;;) {
      if (this.#isEnding()) return "dismissed";
      if (this.#nested.anyToTend) {
        // Code of the user's runs in the reactions, and nobody may rely on this worker's search.
        this.#stopSearching();
        this.#nested.tend();
        return "reactions";
      }
      if (this.#mailIsLate && this.#nested.awaitsMail) return "turn";
      if (!this.#search()) return this.#dismissed() ? "dismissed" : "idle";
      this.#parker.state = BUSY;
      let first = true;
      let stop: Stop | undefined;
      let jobs = 0;
      // What long jobs have taught is to be forgotten soon after the last of them.
      const isSample = this.#batches++ % SAMPLING === 0 || this.#jobsAreLong;
      const began = isSample || this.#readings.atEach ? now() : 0;
      const awaiting = this.#underWay.awaiting;
      for (;;) {
        const which = this.#which();
        if (which === NOTHING) break;
        // It may have been posted while this worker searched.
        if (this.#mailIsLate && this.#nested.awaitsMail) break;
        const reference = this.#jobs.claim(which);
        if (reference === NONE) break;
        if (first) {
          first = false;
          // Whoever submitted while this worker was searching has woken nobody.
          if (!this.#isOnly && this.#jobs.anyOfOthers) this.#sleepers.wakeForWork();
        }
        if (reference === SLOTLESS) {
          this.#nested.runSlotless();
          return "reactions";
        }
        this.#executor.run(this.#jobs.served, reference);
        jobs++;
        if (this.#underWay.awaiting !== awaiting) {
          stop = this.#nested.anyPending ? "reactions" : "awaiting";
          break;
        }
        // Of a function that has not run in this stretch nobody knows how long it takes.
        const isDue = this.#readings.count() || this.#executor.isFirst;
        if (isDue && this.#isLong()) {
          stop = "turn";
          this.#executor.forgetTimes();
        }
        if (stop !== undefined || this.#nested.anyToTend) break;
      }
      if (began !== 0 && jobs > 0) this.#learn((now() - began) / jobs, isSample);
      if (stop !== undefined) return stop;
    }
  }

  /** Reads the clock. @returns Whether a turn is due. */
  #isLong(): boolean {
    return this.#readings.read() - this.#lastTurn > STRETCH;
  }

  /** Looks for work, for as long as that is worth it. @returns Whether there is any. */
  #search(): boolean {
    this.#counters[BEATS]!++;
    this.#completions.flush();
    if (this.#underWay.anyGivenUp) this.#seeToGivenUp();
    if (!this.#mayClaim()) return this.#searchRestrained();
    if (this.#jobs.seemAnyOfOthers || this.#jobs.anyOwn) return true;
    // One searcher is enough: several would only take the cores from those who work.
    const alone = !this.#sleepers.othersSearch(this.#runner);
    this.#parker.state = SEARCHING;
    if (!alone || this.#underWay.awaiting > 0) return this.#anyJob();
    const slept = this.#slept || this.#completions.wokeOwner;
    this.#slept = false;
    this.#completions.wokeOwner = false;
    return spinUntil(this.#spin, slept, this.#jobs.watched, this.#anyToDo);
  }

  /** The same, of a worker that may not take every job now: nobody may rely on its search. */
  #searchRestrained(): boolean {
    if (this.#anyJob()) return true;
    this.#stopSearching();
    return this.#anyJob();
  }

  /** Listeners are code of the user's: nobody may rely on this worker's search meanwhile. */
  #seeToGivenUp(): void {
    this.#stopSearching();
    this.#underWay.seeToGivenUp();
  }

  async #park(): Promise<void> {
    const mayBlock = this.#mayBlock && this.#underWay.awaiting === 0;
    const began = now();
    if (began - this.#lastTurn > STRETCH) await this.#takeTurn();
    if (mayBlock && this.#announce()) {
      const woken = this.#parker.block(this.#idle.block);
      this.#slept = true;
      this.#retract();
      if (woken) return this.#letHostGoOn();
      await this.#takeTurn();
    }
    if (!this.#announce()) return;
    const waking = this.#parker.sleep();
    if (waking !== undefined) {
      // Who can take no jobs for the sake of those that await wakes also when one of these ends.
      const restrained = !this.#mayClaim() && this.#underWay.awaiting > 0;
      await (restrained ? this.#wakingOrChange(waking) : waking);
      this.#slept = true;
    }
    this.#retract();
    if (waking !== undefined) this.#letHostGoOn();
  }

  /** A sleep may outlast many changes: each of these leaves nothing behind on its promise. */
  #wakingOrChange(waking: Promise<unknown>): Promise<void> {
    const { promise, resolve } = new Deferred<void>();
    this.#goOn = resolve;
    for (const end of [waking, this.#underWay.nextChange()]) {
      if (this.#heard.has(end)) continue;
      this.#heard.add(end);
      void end.then(() => this.#goOn?.());
    }
    return promise;
  }

  /**
   * Who is woken is often put on its waker's processor, and runs at once. If the host was
   * about to begin further jobs, these would come only with the system's next tick, some
   * milliseconds later, and the other workers, who all sleep, have nothing to do until then.
   */
  #letHostGoOn(): void {
    if (!this.#jobsAreLong || this.#isOnly || this.#host.state !== AWAKE) return;
    if (!this.#mayBlock || this.#underWay.awaiting > 0 || !this.#mayClaim()) return;
    if (!this.#sleepers.othersAreUp(this.#runner)) giveWay();
  }

  get #jobsAreLong(): boolean {
    return this.#counters[SERVICE_TIME]! >= 1000 * LONG_JOB;
  }

  /** Until this worker runs on, reactions of jobs under way may run, for as long as they like. */
  #retract(): void {
    this.#sleepers.retract(this.#runner, this.#underWay.awaiting > 0 ? AWAKE : SEARCHING);
  }

  /** Announces the sleep and looks once more. @returns Whether to sleep. */
  #announce(): boolean {
    this.#sleepers.announce(this.#runner, this.#sleepState());
    const reason = this.#anyJob() || this.#nested.anyToTend || this.#underWay.anyGivenUp ||
      (this.#dismissed() && !this.#mustStay()) ||
      (this.#completions.holding && this.#completions.roomCame);
    if (!reason) return true;
    this.#retract();
    return false;
  }

  #sleepState(): number {
    if (!this.#mayClaim()) return RESTING;
    return this.#underWay.awaiting > 0 ? LISTENING : PARKED;
  }

  /** Not to take the jobs that are there: whoever relied on this worker's search must not wait for it. */
  #stopSearching(): void {
    this.#parker.state = BUSY;
    if (this.#jobs.anyOfOthers) this.#sleepers.wakeForWork();
  }

  async #takeTurn(): Promise<void> {
    this.#stopSearching();
    await this.#turn();
    this.#lastTurn = now();
  }

  /** Whether there is a job that this worker may claim now; its own it always may. */
  #anyJob(): boolean {
    if (this.#jobs.anyOwn) return true;
    const which = this.#which();
    return which === ALL ? this.#jobs.anyOfOthers : this.#jobs.anyToSteal(which);
  }

  /** Whether it may take any of others' jobs. */
  #mayClaim(): boolean {
    return this.#which() === ALL;
  }

  /**
   * Whose jobs it may take. Those that await something may do so for jobs of other
   * workers' that in turn wait for ones that only this worker may run.
   */
  #which(): number {
    const dismissed = Atomics.load(this.#counters, DISMISSED);
    if (dismissed === LEAVE_AT_ONCE || this.#completions.isOver) return NOTHING;
    const underWay = this.#underWay;
    if (dismissed !== 0 || underWay.suspended > 0 || this.#completions.holding) return OWN;
    return underWay.awaiting < MOST_AWAITING ? ALL : PINNED;
  }

  /** A worker that is dismissed finishes what is wanted of it, if it was asked to. */
  #mustStay(): boolean {
    return !this.#isEnding() && Atomics.load(this.#counters, DISMISSED) === LEAVE_WHEN_DONE &&
      (this.#completions.holding || this.#underWay.anyWanted || this.#nested.anyPending);
  }

  /**
   * Whether it is to end as soon as no code of a job runs; or has ended by its own
   * hand: Deno goes on for a moment after `process.exit`, in which the runner's number
   * may already be another one's.
   */
  #isEnding(): boolean {
    return this.#completions.isOver || Atomics.load(this.#counters, DISMISSED) === LEAVE_AT_ONCE;
  }

  #dismissed(): boolean {
    return Atomics.load(this.#counters, DISMISSED) !== 0;
  }

  /** Of jobs that are no sample two long ones in a row count: one may be a short one that was interrupted. */
  #learn(milliseconds: number, isSample: boolean): void {
    const wasLong = this.#wasLong;
    this.#wasLong = milliseconds >= LONG_JOB;
    if (!isSample && !(wasLong && this.#wasLong)) return;
    const before = this.#counters[SERVICE_TIME]!;
    const smoothed = Math.round((3 * before + 1000 * milliseconds) / 4);
    this.#counters[SERVICE_TIME] = Math.min(smoothed, LONGEST_SERVICE);
  }
}
