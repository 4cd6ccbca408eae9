/**
 * Those who run the jobs of a worker's own lane, as that worker knows them: the
 * pool's workers, itself among them.
 *
 * @module
 */
import { isElsewhere, isInside, isLowest } from "../dispatch/runner_stack.ts";
import type { ResultSource, Runners } from "../dispatch/runners.ts";
import { AppendLog } from "../memory/append_log.ts";
import type { Arena } from "../memory/arena.ts";
import { ASKED, BEATS, SERVICE_TIME } from "../memory/layout.ts";
import { Views } from "../memory/views.ts";
import { BUSY } from "../sync/parker.ts";
import type { Sleepers } from "../sync/sleepers.ts";
import { Inbox } from "../task/inbox.ts";
import { marked } from "../task/messages.ts";
import type { PayloadContext } from "../task/outbox.ts";
import { ShapeReader } from "../task/shapes.ts";
import type { WorkerStart } from "../task/start.ts";
import { type Lane, SHARED_RINGS } from "../transport/lane.ts";
import type { Neighbours } from "./neighbours.ts";

/** What they are known by. */
export interface PeersParts {
  readonly start: WorkerStart;
  /** This worker's own lane. */
  readonly lane: Lane;
  /** This worker's arena for results. */
  readonly results: Arena;
  readonly context: PayloadContext;
  readonly sleepers: Sleepers;
  readonly neighbours: Neighbours;
  /** Sends a message to the host. */
  readonly post: (message: unknown) => void;
}

/** The runners of one worker's own lane. */
export class Peers implements Runners {
  readonly #parts: PeersParts;
  readonly #own: ResultSource;

  /** @param parts What they are known by. */
  constructor(parts: PeersParts) {
    this.#parts = parts;
    const { start, lane, results, context } = parts;
    const shapes = new ShapeReader(new AppendLog(start.memory.shapes));
    this.#own = {
      inbox: new Inbox(lane, new Views(start.memory.results), shapes, context),
      giveBack: (block) => results.give(block),
    };
  }

  /** How many workers are in the middle of a job. */
  get busy(): number {
    const { start, sleepers, neighbours } = this.#parts;
    let count = 1;
    for (let index = 0; index < start.ownSize.workers; index++) {
      const runner = neighbours.runnerAt(index);
      if (runner >= 0 && sleepers.parker(runner).state === BUSY) count++;
    }
    return count;
  }

  /** Any worker may take from the shared rings; a pinned job is for one alone. */
  wakeFor(ring: number): boolean {
    const { sleepers, neighbours } = this.#parts;
    if (ring < SHARED_RINGS) return sleepers.wakeForWork();
    const runner = neighbours.runnerAt(ring - SHARED_RINGS);
    return runner >= 0 && sleepers.wake(runner);
  }

  source(runner: number): ResultSource | undefined {
    const { start, lane, neighbours } = this.#parts;
    return runner === start.runner ? this.#own : neighbours.source(runner, lane);
  }

  serviceTime(runner: number): number {
    return this.#counters(runner)[SERVICE_TIME]! / 1000;
  }

  isInside(runner: number, slot: number): boolean {
    return isInside(this.#counters(runner), this.#parts.start.life, slot);
  }

  isLowest(runner: number, slot: number): boolean {
    return isLowest(this.#counters(runner), this.#parts.start.life, slot);
  }

  isElsewhere(runner: number, here: number): boolean {
    return isElsewhere(this.#counters(runner), this.#parts.start.life, here);
  }

  askForSign(runner: number): number {
    const counters = this.#counters(runner);
    const beats = Atomics.load(counters, BEATS);
    Atomics.add(counters, ASKED, 1);
    this.#parts.sleepers.wake(runner);
    return beats;
  }

  gaveSign(runner: number, beats: number): boolean {
    return Atomics.load(this.#counters(runner), BEATS) !== beats;
  }

  /** The host does it: it alone starts workers. Itself a worker can find stuck no more. */
  replace(runner: number): void {
    const { start, neighbours, post } = this.#parts;
    if (runner === start.runner) return;
    post(marked({ kind: "replace", runner, life: neighbours.lifeOf(runner) }));
  }

  /** Deaths stand in shared memory, where the worker's loop sees them. */
  lookForGone(): void {}

  #counters(runner: number): Int32Array {
    return this.#parts.neighbours.counters(runner);
  }
}
