/**
 * How a worker waits for nested jobs: with its event loop running, its own loop
 * settles them; blocked in `getSync`, it runs other jobs on top of the one that waits.
 *
 * @module
 */
import { MulticoreError, PoolClosedError } from "../base/errors.ts";
import type { Settler } from "../dispatch/engine.ts";
import type { Source, Waiting } from "../dispatch/waiting.ts";
import { BEATS, DISMISSED, LEAVE_AT_ONCE } from "../memory/layout.ts";
import { SpinTime } from "../scheduling/spin.ts";
import { BUSY, PARKED } from "../sync/parker.ts";
import type { Sleepers } from "../sync/sleepers.ts";
import { spinUntil } from "../sync/spinner.ts";
import type { Completions } from "./completions.ts";
import type { Executor } from "./executor.ts";
import type { Jobs } from "./jobs.ts";
import type { Nested } from "./nested.ts";

/** Most jobs that wait on this thread's stack and still let it take others' jobs on top. */
const MOST_STOLEN = 32;

/** What a worker waits with. */
export interface BlockingParts {
  readonly runner: number;
  readonly counters: Int32Array;
  readonly sleepers: Sleepers;
  readonly jobs: Jobs;
  readonly nested: Nested;
  readonly executor: Executor;
  readonly completions: Completions;
  readonly longestSpin: number;
}

/** A worker's waiting for its nested jobs. */
export class Blocking implements Waiting {
  readonly #source: Source;
  readonly #parts: BlockingParts;
  readonly #spin: SpinTime;
  #depth = 0;
  readonly #anyToDo: () => boolean;

  /**
   * @param source What is waited for.
   * @param parts What is waited with.
   */
  constructor(source: Source, parts: BlockingParts) {
    this.#source = source;
    this.#parts = parts;
    this.#spin = new SpinTime(parts.longestSpin);
    const { nested, jobs } = parts;
    this.#anyToDo = () =>
      nested.anyToTend || nested.anyToRun || (this.#maySteal && jobs.anyToSteal);
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
    const { jobs, executor } = this.#parts;
    if (this.#depth++ === 0) jobs.accepts = (lane, job) => executor.canRunAtOnce(lane, job);
    try {
      return this.#blockUntil(done, deadline, wakeAt, onWake, settler);
    } finally {
      if (--this.#depth === 0) jobs.accepts = undefined;
    }
  }

  #blockUntil(
    done: () => boolean,
    deadline: number,
    wakeAt: () => number,
    onWake: () => void,
    settler: Settler,
  ): boolean {
    const { counters, sleepers, runner, nested, executor, completions } = this.#parts;
    for (;;) {
      counters[BEATS]!++;
      completions.flush();
      nested.tend();
      onWake();
      if (done()) return true;
      if (Atomics.load(counters, DISMISSED) === LEAVE_AT_ONCE) throw dismissed();
      if (deadline !== Infinity && performance.now() >= deadline) return false;
      if (this.#runOne()) continue;
      // What waits for a handle only is run here as soon as that comes.
      const mayCome = completions.holding || executor.awaitsHandle;
      if (!mayCome && nested.isWithUs(settler)) throw cannotAwait();
      if (spinUntil(this.#spin, false, this.#anyToDo)) continue;
      sleepers.announce(runner, PARKED);
      if (!this.#anyToDo()) {
        const until = Math.min(deadline, wakeAt());
        sleepers.parker(runner).block(Math.max(0, until - performance.now()));
      }
      // Whoever submitted meanwhile may have relied on this worker, which takes nested jobs alone.
      sleepers.retract(runner, BUSY);
      if (this.#parts.jobs.anyOfOthers) sleepers.wakeForWork();
    }
  }

  /** Runs a job on top of the one that waits: the newest of its own, else the oldest of another's. */
  #runOne(): boolean {
    const { jobs, nested, executor } = this.#parts;
    if (nested.runOverflow()) return true;
    let reference = jobs.claimOwn();
    if (reference === -1 && this.#maySteal) reference = jobs.steal();
    if (reference === -1) return false;
    executor.run(jobs.served, reference);
    return true;
  }

  /** Each job on top may itself wait and take others: the stack must not grow without end. */
  get #maySteal(): boolean {
    return this.#depth <= MOST_STOLEN;
  }
}

function dismissed(): PoolClosedError {
  return new PoolClosedError("Cannot wait for nested jobs: the pool is being terminated");
}

function cannotAwait(): MulticoreError {
  return new MulticoreError(
    "Cannot block: one of the jobs waits for something on this very thread, which is blocked; " +
      "in a task function use await task.get() where the jobs are asynchronous",
  );
}
