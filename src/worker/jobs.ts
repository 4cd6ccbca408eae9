/**
 * Where a worker's jobs come from: its own lane, the host's, and those of other
 * workers; in this order, so that what was begun is finished before more is.
 *
 * @module
 */
import type { SlotlessJob } from "../dispatch/slotless.ts";
import { OPEN, RUNNERS } from "../memory/layout.ts";
import type { Watched } from "../sync/spinner.ts";
import { NORMAL_RING, ringOfWorker, SHARED_RINGS } from "../transport/lane.ts";
import {
  EXTRAS,
  flowOf,
  NOBODY,
  READY,
  RUNNING,
  SLOT_WORDS,
  slotOf,
  stateIn,
} from "../transport/slot.ts";
import type { SubmissionRing } from "../transport/submission_ring.ts";
import type { Neighbours } from "./neighbours.ts";
import type { ServedLane } from "./served_lane.ts";

/** Every so many claims another source comes first, so that nothing starves for ever. */
const AGEING = 16;

/** In place of a reference: there is no job. */
export const NONE = -1;
/** In place of a reference: the job has no slot, and is in `slotless`. No reference is -2 either. */
export const SLOTLESS = -2;

/** Which jobs a worker may take: none any more. */
export const NOTHING = -1;
/** Those of its own lane alone. */
export const OWN = 0;
/** And those of other workers that are for it alone: nobody else will ever take them. */
export const PINNED = 1;
/** And all others. */
export const ALL = 2;

/** What a worker takes from the backlog of its own lane. */
export interface WaitingJobs {
  /** Whether a job waits for a place on a ring. */
  anyWaiting(ring: number): boolean;
  /** Takes the newest of these. */
  takeWaiting(ring: number): SlotlessJob | undefined;
}

/** Jobs of other workers' lanes, and of this worker's own. */
export interface NestedSources {
  /** This worker's own lane. */
  readonly own: ServedLane;
  /** The other workers. */
  readonly neighbours: Neighbours;
  /** Control memory. */
  readonly control: Int32Array;
}

/** All that one worker may claim. */
export class Jobs {
  readonly #host: ServedLane;
  readonly #index: number;
  readonly #runner: number;
  /** Of the host's lane: this worker's ring, then those that all share by falling priority. */
  readonly #hostRings: readonly SubmissionRing[];
  readonly #nested: NestedSources | undefined;
  /** Numbers of the rings of each lane that this worker takes from, in the order in which it does. */
  readonly #rings: readonly number[];
  #claims = 0;
  #turns = 0;
  /** Whether this worker's own lane may hold anything. */
  ownOpen = false;
  /** The backlog of its own lane, once it has one. */
  waiting: WaitingJobs | undefined;
  /** The lane of the job that was claimed last. */
  served: ServedLane;
  /** The job that was claimed last, where it has no slot. */
  slotless: SlotlessJob | undefined;

  /**
   * @param host The host's lane.
   * @param index This worker's place in the pool.
   * @param runner Its runner number.
   * @param nested Lanes of workers; none in a test.
   */
  constructor(
    host: ServedLane,
    index: number,
    runner: number,
    nested: NestedSources | undefined,
  ) {
    this.#host = host;
    this.#index = index;
    this.#runner = runner;
    this.#nested = nested;
    this.served = host;
    this.#rings = [ringOfWorker(index), ...Array(SHARED_RINGS).keys()];
    this.#hostRings = this.#rings.map((ring) => host.lane.rings[ring]!);
  }

  /** The word that changes when the host submits a job of normal priority. */
  get watched(): Watched {
    return this.#host.lane.rings[NORMAL_RING]!;
  }

  /** Whether there is a job in this worker's own lane. */
  get anyOwn(): boolean {
    if (!this.ownOpen) return false;
    const { rings } = this.#nested!.own.lane;
    for (const ring of this.#rings) {
      if (!rings[ring]!.isEmpty || this.waiting!.anyWaiting(ring)) return true;
    }
    return false;
  }

  /** Whether there is a job that somebody else has submitted. */
  get anyOfOthers(): boolean {
    const rings = this.#hostRings;
    for (let i = 0; i < rings.length; i++) if (!rings[i]!.isEmpty) return true;
    return this.anyToSteal(ALL);
  }

  /** The same at a cheaper look, which may be out of date: for those that come again. */
  get seemAnyOfOthers(): boolean {
    const rings = this.#hostRings;
    for (let i = 0; i < rings.length; i++) if (!rings[i]!.looksEmpty) return true;
    return this.#seemsAnyOpen() && this.anyToSteal(ALL);
  }

  /** Whether a worker may have jobs in its lane, by plain reads. */
  #seemsAnyOpen(): boolean {
    if (this.#nested === undefined) return false;
    const { control } = this.#nested;
    const count = control[RUNNERS]!;
    for (let word = 0; 32 * word < count; word++) if (control[OPEN + word] !== 0) return true;
    return false;
  }

  /** Whether there is a job in another worker's lane that this one may take. */
  anyToSteal(which: number): boolean {
    return which >= PINNED && this.#nested !== undefined &&
      this.#findVictim(this.#nested, which) !== undefined;
  }

  /**
   * Whether there is a job that this worker may take and that is no chunk of a flow. Looks at
   * each chunk that waits, of which flows have few, up to the first such job.
   *
   * @param served The lane of the flow.
   * @param flow Its number there.
   */
  anyBeside(served: ServedLane, flow: number): boolean {
    const isIn = (lane: ServedLane) =>
      this.#rings.some((ring) =>
        lane.lane.rings[ring]!.seemsToHave((reference) =>
          isReady(lane, reference) &&
          (flow === 0 || lane !== served || flow !== flowIn(lane, reference))
        )
      );
    if (isIn(this.#host)) return true;
    if (this.#nested === undefined) return false;
    const { own, control, neighbours } = this.#nested;
    if (this.ownOpen && isIn(own)) return true;
    const count = Atomics.load(control, RUNNERS);
    for (let runner = 0; runner < count; runner++) {
      const open = Atomics.load(control, OPEN + (runner >>> 5)) & (1 << (runner & 31));
      if (open === 0 || runner === this.#runner) continue;
      const lane = neighbours.lane(runner);
      if (lane !== undefined && isIn(lane)) return true;
    }
    return false;
  }

  /** Whether there is a job in this worker's own lane for another one alone. */
  hasFor(index: number): boolean {
    return this.ownOpen && !this.#nested!.own.lane.rings[ringOfWorker(index)]!.isEmpty;
  }

  /**
   * Claims a job.
   *
   * @param which Whose it may be: OWN, PINNED or ALL.
   * @returns Its reference, whose lane is `served`; or SLOTLESS, or NONE.
   */
  claim(which: number): number {
    if (which === ALL && ++this.#claims % AGEING === 0) return this.#claimInTurn();
    if (this.ownOpen) {
      const reference = this.claimOwn();
      if (reference !== NONE) return reference;
    }
    if (which !== ALL) return this.steal(which);
    const rings = this.#hostRings;
    for (let i = 0; i < rings.length; i++) {
      const ring = rings[i]!;
      if (ring.looksEmpty) continue;
      const reference = this.#claimFrom(this.#host, ring);
      if (reference !== NONE) return reference;
    }
    return this.#seemsAnyOpen() ? this.steal(ALL) : NONE;
  }

  /** Each source in its turn is the first: none may wait for ever behind a flood of others. */
  #claimInTurn(): number {
    const sources = this.#hostRings.length + 2;
    const first = ++this.#turns;
    for (let i = 0; i < sources; i++) {
      const reference = this.#claimAt((first + i) % sources);
      if (reference !== NONE) return reference;
    }
    return NONE;
  }

  /** Claims from one of the sources: its own lane, the rings of the host's, other workers' lanes. */
  #claimAt(source: number): number {
    if (source === 0) return this.claimOwn();
    const ring = this.#hostRings[source - 1];
    return ring === undefined ? this.steal(ALL) : this.#claimFrom(this.#host, ring);
  }

  /**
   * Claims the newest job of this worker's own lane: depth first, so that few are
   * under way. What waits for a place on a ring is newer than what is on it.
   */
  claimOwn(): number {
    if (!this.ownOpen) return NONE;
    const { own } = this.#nested!;
    for (const number of this.#rings) {
      this.slotless = this.waiting!.takeWaiting(number);
      if (this.slotless !== undefined) return SLOTLESS;
      const ring = own.lane.rings[number]!;
      for (;;) {
        const reference = ring.pop();
        if (reference === NONE) break;
        if (this.#claimReady(own, reference)) return reference;
      }
    }
    return NONE;
  }

  /** Claims the oldest job of another worker's lane, mostly the largest: any, or one for this worker alone. */
  steal(which: number): number {
    const nested = this.#nested;
    if (nested === undefined || which < PINNED) return NONE;
    for (;;) {
      const victim = this.#findVictim(nested, which);
      if (victim === undefined) return NONE;
      const { rings } = victim.lane;
      let reference = this.#claimFrom(victim, rings[ringOfWorker(this.#index)]!);
      for (let i = 0; reference === NONE && which === ALL && i < SHARED_RINGS; i++) {
        reference = this.#claimFrom(victim, rings[i]!);
      }
      if (reference !== NONE) return reference;
    }
  }

  /** Whoever comes next after this worker, so that not all rob the same. */
  #findVictim({ control, neighbours }: NestedSources, which: number): ServedLane | undefined {
    const count = Atomics.load(control, RUNNERS);
    let first: ServedLane | undefined;
    for (let word = 0; 32 * word < count; word++) {
      let bits = Atomics.load(control, OPEN + word);
      while (bits !== 0) {
        const runner = 32 * word + 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        if (runner === this.#runner || (first !== undefined && runner < this.#runner)) continue;
        const lane = neighbours.lane(runner);
        if (lane === undefined || !this.#anyFor(lane, which)) continue;
        if (runner > this.#runner) return lane;
        first = lane;
      }
    }
    return first;
  }

  #anyFor({ lane: { rings } }: ServedLane, which: number): boolean {
    if (!rings[ringOfWorker(this.#index)]!.isEmpty) return true;
    for (let i = 0; which === ALL && i < SHARED_RINGS; i++) if (!rings[i]!.isEmpty) return true;
    return false;
  }

  #claimFrom(served: ServedLane, ring: SubmissionRing): number {
    for (;;) {
      const reference = ring.take();
      if (reference === NONE) return NONE;
      if (this.#claimReady(served, reference)) return reference;
    }
  }

  /** Fails for a job that was cancelled, or that was put on the ring a second time. */
  #claimReady(served: ServedLane, reference: number): boolean {
    const ready = stateIn(reference, NOBODY, READY);
    const running = stateIn(reference, this.#runner, RUNNING);
    if (!served.lane.changeState(slotOf(reference), ready, running)) return false;
    this.served = served;
    return true;
  }
}

/** Whether a job waits to be claimed. */
function isReady({ lane }: ServedLane, reference: number): boolean {
  return lane.state(slotOf(reference)) === stateIn(reference, NOBODY, READY);
}

function flowIn({ lane }: ServedLane, reference: number): number {
  return flowOf(lane.words[slotOf(reference) * SLOT_WORDS + EXTRAS]!);
}
