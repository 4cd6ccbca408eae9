/**
 * How a worker waits for nested jobs: with its event loop running, its own loop
 * settles them; blocked in `getSync`, it runs other jobs on top of the one that waits.
 *
 * That ends, since whoever blocks waits for synchronous code only, which begins
 * later than it does: for its own jobs, and for what runs on top of these. What
 * needs an event loop (a promise, an import) is refused to those who block, or
 * handed back: else two threads could each wait for the event loop of the other.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { MulticoreError, PoolClosedError } from "../base/errors.ts";
import type { Settler } from "../dispatch/engine.ts";
import type { Source, Waiting } from "../dispatch/waiting.ts";
import {
  BEATS,
  BLOCKED,
  BLOCKS,
  BLOCKS_IN_VAIN,
  DISMISSED,
  LEAVE_AT_ONCE,
} from "../memory/layout.ts";
import { SpinTime } from "../scheduling/spin.ts";
import { BUSY, PARKED } from "../sync/parker.ts";
import type { Sleepers } from "../sync/sleepers.ts";
import { spinUntil } from "../sync/spinner.ts";
import type { Completions } from "./completions.ts";
import type { Executor } from "./executor.ts";
import { ALL, type Jobs, NONE, OWN, PINNED, SLOTLESS } from "./jobs.ts";
import type { Nested } from "./nested.ts";
import type { UnderWay } from "./under_way.ts";

/** Most jobs that wait on this thread's stack and still let it take others' jobs on top. */
const MOST_STOLEN = 32;
/** Most jobs that wait on this thread's stack: the smallest stack, Deno's, holds twice as many small ones. */
const MOST_BLOCKED = 256;

/** What a worker waits with. */
export interface BlockingParts {
  readonly runner: number;
  readonly counters: Int32Array;
  readonly sleepers: Sleepers;
  readonly jobs: Jobs;
  readonly nested: Nested;
  readonly executor: Executor;
  readonly underWay: UnderWay;
  readonly completions: Completions;
  readonly longestSpin: number;
}

/** A worker's waiting for its nested jobs. */
export class Blocking implements Waiting {
  readonly #source: Source;
  readonly #parts: BlockingParts;
  readonly #spin: SpinTime;
  readonly #anyToDo = (): boolean => this.#anyNews() || this.#anyToRun();
  #depth = 0;
  /** How many jobs awaited something when the innermost wait began. */
  #awaitingBefore = 0;

  /**
   * @param source What is waited for.
   * @param parts What is waited with.
   */
  constructor(source: Source, parts: BlockingParts) {
    this.#source = source;
    this.#parts = parts;
    this.#spin = new SpinTime(parts.longestSpin);
  }

  /** The worker's loop looks for completions itself; it must be awake for that. */
  kick(): void {
    const { sleepers, runner } = this.#parts;
    sleepers.wake(runner);
  }

  /** Blocks; see {@linkcode Waiting}. */
  block(
    done: () => boolean,
    deadline: number,
    wakeAt: () => number,
    onWake: () => void,
    settler: Settler,
  ): boolean {
    if (this.#depth === MOST_BLOCKED) throw tooDeep();
    if (this.#isEnding()) throw dismissed();
    const { counters, underWay, sleepers, runner } = this.#parts;
    const awaitingOutside = this.#awaitingBefore;
    this.#awaitingBefore = underWay.awaiting;
    this.#depth++;
    try {
      return this.#blockUntil(done, deadline, wakeAt, onWake, settler);
    } finally {
      this.#depth--;
      this.#awaitingBefore = awaitingOutside;
      if (this.#depth === 0) {
        Atomics.store(counters, BLOCKED, 0);
        // In a reaction the worker's loop sleeps as well, by the same word. Who ended this sleep
        // by ringing has woken both; else nobody would ring for the loop, since the word says BUSY.
        sleepers.parker(runner).endSleep();
      }
    }
  }

  #blockUntil(
    done: () => boolean,
    deadline: number,
    wakeAt: () => number,
    onWake: () => void,
    settler: Settler,
  ): boolean {
    const { counters, sleepers, runner, nested, underWay, completions, jobs } = this.#parts;
    for (;;) {
      counters[BEATS]!++;
      // Before it looks at the jobs: whoever marks one after that sees it.
      Atomics.store(counters, BLOCKED, BLOCKS);
      completions.flush();
      nested.tend();
      onWake();
      if (done()) return true;
      if (this.#isEnding()) throw dismissed();
      if (deadline !== Infinity && now() >= deadline) return false;
      if (this.#runOne()) continue;
      // What waits for a handle only is run here as soon as that comes.
      const mayCome = completions.holding || underWay.awaitsHandle;
      if (!mayCome && nested.waitsInVain(settler)) throw cannotAwait();
      if (spinUntil(this.#spin, false, this.#source.watched, this.#anyToDo)) continue;
      sleepers.announce(runner, PARKED);
      if (!this.#anyToDo()) {
        const until = Math.min(deadline, wakeAt());
        sleepers.parker(runner).block(Math.max(0, until - now()));
      }
      // Whoever submitted meanwhile may have relied on this worker, which takes nested jobs alone.
      sleepers.retract(runner, BUSY);
      if (jobs.anyOfOthers) sleepers.wakeForWork();
    }
  }

  /** Runs a job on top of the one that waits: the newest of its own, else the oldest of another's. */
  #runOne(): boolean {
    const { jobs, nested, executor, completions } = this.#parts;
    let reference = jobs.claimOwn();
    if (reference === NONE) reference = jobs.steal(this.#which());
    if (reference === NONE) return false;
    if (reference === SLOTLESS) {
      nested.runSlotless();
      return true;
    }
    const { served } = jobs;
    try {
      executor.run(served, reference);
    } catch (error) {
      // Nothing of this library's throws there, unless the stack is full.
      completions.fail(served, reference, error);
    }
    return true;
  }

  #anyNews(): boolean {
    const { counters, nested, completions } = this.#parts;
    return nested.anyToTend || this.#isEnding() ||
      Atomics.load(counters, BLOCKED) === BLOCKS_IN_VAIN ||
      (completions.holding && completions.roomCame);
  }

  #isEnding(): boolean {
    const { completions, counters } = this.#parts;
    return completions.isOver || Atomics.load(counters, DISMISSED) === LEAVE_AT_ONCE;
  }

  #anyToRun(): boolean {
    const { jobs } = this.#parts;
    return jobs.anyOwn || jobs.anyToSteal(this.#which());
  }

  /**
   * Whose jobs it may take. Each on top may itself wait and take others: the stack must
   * not grow without end. Nor must results that wait for room; and jobs that await
   * something would do so until this thread blocks no more, so that one is enough.
   */
  #which(): number {
    const { completions, counters, underWay } = this.#parts;
    if (Atomics.load(counters, DISMISSED) !== 0) return OWN;
    const may = this.#depth <= MOST_STOLEN && !completions.holding &&
      underWay.awaiting <= this.#awaitingBefore;
    return may ? ALL : PINNED;
  }
}

function dismissed(): PoolClosedError {
  return new PoolClosedError("Cannot wait for nested jobs: the pool is being terminated");
}

function tooDeep(): MulticoreError {
  return new MulticoreError(
    `Cannot block: ${MOST_BLOCKED} jobs wait on this thread's stack already; ` +
      "where jobs nest so deep use await task.get()",
  );
}

function cannotAwait(): MulticoreError {
  return new MulticoreError(
    "Cannot block: one of the jobs is asynchronous, or its module is not imported yet, and " +
      "may wait for this very thread, which is blocked; in a task function use await task.get()",
  );
}
