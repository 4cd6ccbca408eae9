/**
 * Where a worker's jobs come from: its own lane, the host's, and those of other
 * workers; in this order, so that what was begun is finished before more is.
 *
 * @module
 */
import { OPEN, RUNNERS } from "../memory/layout.ts";
import { ringOfWorker, SHARED_RINGS } from "../transport/lane.ts";
import { generationOf, NOBODY, READY, RUNNING, slotOf, stateOf } from "../transport/slot.ts";
import type { SubmissionRing } from "../transport/submission_ring.ts";
import type { Neighbours } from "./neighbours.ts";
import type { ServedLane } from "./served_lane.ts";

/** Every so many claims another source comes first, so that nothing starves for ever. */
const AGEING = 16;

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
  readonly #ownRings: readonly SubmissionRing[];
  readonly #ownPinned: SubmissionRing | undefined;
  #claims = 0;
  #turns = 0;
  /** Whether this worker's own lane may hold anything. */
  ownOpen = false;
  /**
   * While this thread blocks: whether it can run a job of another worker's at once. What
   * would first have to be imported could not be, and whoever waits for it might wait for ever.
   */
  accepts: ((served: ServedLane, reference: number) => boolean) | undefined;
  /** The lane of the job that was claimed last. */
  served: ServedLane;

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
    const { rings } = host.lane;
    this.#hostRings = [rings[ringOfWorker(index)]!, ...rings.slice(0, SHARED_RINGS)];
    this.#ownRings = nested?.own.lane.rings.slice(0, SHARED_RINGS) ?? [];
    this.#ownPinned = nested?.own.lane.rings[ringOfWorker(index)];
  }

  /** Whether there is a job in this worker's own lane. */
  get anyOwn(): boolean {
    if (!this.ownOpen) return false;
    const rings = this.#ownRings;
    for (let i = 0; i < rings.length; i++) if (!rings[i]!.isEmpty) return true;
    return !this.#ownPinned!.isEmpty;
  }

  /** Whether there is a job that somebody else has submitted. */
  get anyOfOthers(): boolean {
    const rings = this.#hostRings;
    for (let i = 0; i < rings.length; i++) if (!rings[i]!.isEmpty) return true;
    return this.anyToSteal;
  }

  /** Whether there is a job in another worker's lane. */
  get anyToSteal(): boolean {
    return this.#nested !== undefined && this.#findVictim(this.#nested) !== undefined;
  }

  /**
   * Claims a job.
   *
   * @param ofOthers Whether it may be somebody else's.
   * @returns Its reference, or -1; its lane is `served`.
   */
  claim(ofOthers: boolean): number {
    if (ofOthers && ++this.#claims % AGEING === 0) return this.#claimInTurn();
    if (this.ownOpen) {
      const reference = this.claimOwn();
      if (reference !== -1) return reference;
    }
    if (!ofOthers) return -1;
    const rings = this.#hostRings;
    for (let i = 0; i < rings.length; i++) {
      const reference = this.#claimFrom(this.#host, rings[i]!);
      if (reference !== -1) return reference;
    }
    return this.steal();
  }

  /** Each source in its turn is the first: none may wait for ever behind a flood of others. */
  #claimInTurn(): number {
    const sources = this.#hostRings.length + 2;
    const first = ++this.#turns;
    for (let i = 0; i < sources; i++) {
      const reference = this.#claimAt((first + i) % sources);
      if (reference !== -1) return reference;
    }
    return -1;
  }

  /** Claims from one of the sources: its own lane, the rings of the host's, other workers' lanes. */
  #claimAt(source: number): number {
    if (source === 0) return this.claimOwn();
    const ring = this.#hostRings[source - 1];
    return ring === undefined ? this.steal() : this.#claimFrom(this.#host, ring);
  }

  /** Claims the newest job of this worker's own lane: depth first, so that few are under way. */
  claimOwn(): number {
    if (!this.ownOpen) return -1;
    const { own } = this.#nested!;
    const pinned = this.#claimFrom(own, this.#ownPinned!);
    if (pinned !== -1) return pinned;
    for (const ring of this.#ownRings) {
      for (;;) {
        const reference = ring.pop();
        if (reference === -1) break;
        if (this.#claimReady(own, reference)) return reference;
      }
    }
    return -1;
  }

  /** Claims the oldest job of another worker's lane: mostly the largest. */
  steal(): number {
    const nested = this.#nested;
    if (nested === undefined) return -1;
    for (;;) {
      const victim = this.#findVictim(nested);
      if (victim === undefined) return -1;
      const { rings } = victim.lane;
      let reference = this.#claimFrom(victim, rings[ringOfWorker(this.#index)]!);
      for (let i = 0; reference === -1 && i < SHARED_RINGS; i++) {
        reference = this.#claimFrom(victim, rings[i]!);
      }
      if (reference !== -1) return reference;
    }
  }

  /** Whoever comes next after this worker, so that not all rob the same. */
  #findVictim({ control, neighbours }: NestedSources): ServedLane | undefined {
    const count = Atomics.load(control, RUNNERS);
    let first: ServedLane | undefined;
    for (let word = 0; 32 * word < count; word++) {
      let bits = Atomics.load(control, OPEN + word);
      while (bits !== 0) {
        const runner = 32 * word + 31 - Math.clz32(bits & -bits);
        bits &= bits - 1;
        if (runner === this.#runner || (first !== undefined && runner < this.#runner)) continue;
        const lane = neighbours.lane(runner);
        if (lane === undefined || !this.#anyFor(lane)) continue;
        if (runner > this.#runner) return lane;
        first = lane;
      }
    }
    return first;
  }

  #anyFor(served: ServedLane): boolean {
    const { rings } = served.lane;
    for (let i = 0; i < SHARED_RINGS; i++) if (this.#anyOn(served, rings[i]!)) return true;
    return this.#anyOn(served, rings[ringOfWorker(this.#index)]!);
  }

  #anyOn(served: ServedLane, ring: SubmissionRing): boolean {
    if (this.accepts === undefined) return !ring.isEmpty;
    const reference = ring.peek();
    return reference !== -1 && this.accepts(served, reference);
  }

  #claimFrom(served: ServedLane, ring: SubmissionRing): number {
    const { accepts } = this;
    const isOwn = served === this.#nested?.own;
    const may = accepts === undefined || isOwn
      ? undefined
      : (reference: number) => accepts(served, reference);
    for (;;) {
      const reference = ring.take(may);
      if (reference === -1) return -1;
      if (this.#claimReady(served, reference)) return reference;
    }
  }

  /** Fails for a job that was cancelled, or that was put on the ring a second time. */
  #claimReady(served: ServedLane, reference: number): boolean {
    const generation = generationOf(reference);
    const ready = stateOf(generation, NOBODY, READY);
    const running = stateOf(generation, this.#runner, RUNNING);
    if (!served.lane.changeState(slotOf(reference), ready, running)) return false;
    this.served = served;
    return true;
  }
}
