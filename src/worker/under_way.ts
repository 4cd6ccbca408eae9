/**
 * The jobs of one worker that have begun and not come to their end: they await
 * something, or cannot be called yet, or want to hear when nobody waits for them.
 *
 * @module
 */
import { Deferred } from "../base/deferred.ts";
import { ASKED, CURRENT, CURRENT_OWNER, DEATHS, JOBS_AWAITING } from "../memory/layout.ts";
import type { WorkerHandles } from "./worker_handles.ts";

/** A job that has begun and awaits something. */
export interface BegunJob {
  /** Whether anybody still waits for it. */
  readonly isWanted: boolean;
}

/** Such a job in a slot. */
export interface BegunSlotJob extends BegunJob {
  /**
   * Called of one that is not wanted, and goes on unheard: gives its slot back.
   *
   * @returns Whether that could be done.
   */
  letGo(): boolean;
}

/** A job that wants to hear when nobody waits for it any more. */
export interface ListeningJob {
  /** Whether anybody does. */
  readonly isWanted: boolean;
  /** Tells it that nobody does. */
  abort(): void;
}

/** All workers together may have fewer jobs than that in slots that go on unheard. */
const MOST_UNHEARD = 2048;
/** And so each of a few. */
const MOST_UNHEARD_HERE = 256;

/** Why a job cannot be begun. */
export interface Failure {
  readonly error: unknown;
}

/** The books of them. */
export class UnderWay {
  readonly #control: Int32Array;
  readonly #counters: Int32Array;
  readonly #handles: WorkerHandles;
  /** How many jobs have begun and await something. */
  awaiting = 0;
  /** Of these, jobs that cannot be called yet: they wait for an import, or for a handle. */
  suspended = 0;
  /** Of those that await, the ones in slots, and the others. */
  readonly #inSlots = new Set<BegunSlotJob>();
  readonly #slotless = new Set<BegunJob>();
  /** Jobs in slots that listen. */
  readonly #listening = new Set<ListeningJob>();
  /** From so many in slots on, those that go on unheard give theirs back. */
  readonly #many: number;
  /** What the words ASKED and DEATHS said before the last look at jobs in slots. */
  #askedSeen = 0;
  #deathsSeen = 0;
  /** Jobs without a slot that were given up since. */
  #givenUp: ListeningJob[] = [];
  #nextChange: Deferred<void> | undefined;

  /**
   * @param control The pool's control memory.
   * @param counters This runner's counters.
   * @param handles What comes beside arguments; nothing is let go while a job waits for it.
   * @param workers Number of workers of the pool.
   */
  constructor(control: Int32Array, counters: Int32Array, handles: WorkerHandles, workers: number) {
    this.#many = Math.min(MOST_UNHEARD_HERE, Math.ceil(MOST_UNHEARD / workers));
    this.#control = control;
    this.#counters = counters;
    this.#handles = handles;
  }

  /** Whether a job waits for a handle that comes also while this thread blocks. */
  get awaitsHandle(): boolean {
    return this.#handles.isPrompt && this.#handles.isWaiting;
  }

  /** Whether anybody still waits for a job that has begun. */
  get anyWanted(): boolean {
    for (const job of this.#inSlots) if (job.isWanted) return true;
    for (const job of this.#slotless) if (job.isWanted) return true;
    return false;
  }

  /** Notes that a job has begun and awaits something. */
  begin(job: BegunJob | BegunSlotJob): void {
    if ("letGo" in job) this.#inSlots.add(job);
    else this.#slotless.add(job);
    this.#count();
  }

  /** Notes that it awaits nothing any more. @returns Whether it did; else it was let go. */
  finish(job: BegunJob): boolean {
    const had = this.#inSlots.delete(job as BegunSlotJob) || this.#slotless.delete(job);
    this.#count();
    return had;
  }

  #count(): void {
    this.awaiting = this.#inSlots.size + this.#slotless.size;
    this.#counters[JOBS_AWAITING] = this.awaiting;
  }

  /** @returns A promise of the next change among these: an end, or an import's end. */
  nextChange(): Promise<void> {
    return (this.#nextChange ??= new Deferred()).promise;
  }

  /** There was such a change. */
  changed(): void {
    this.#nextChange?.resolve();
    this.#nextChange = undefined;
  }

  /**
   * A job cannot be called yet. The worker claims no other's jobs meanwhile: another one
   * that is free would do it sooner.
   *
   * @param job The job.
   * @param begin Begins it, or ends it with a failure.
   * @returns What is to be called once it can.
   */
  suspend(
    job: BegunJob | BegunSlotJob,
    begin: (failure: Failure | undefined) => void,
  ): (failure: Failure | undefined) => void {
    this.begin(job);
    this.suspended++;
    this.#handles.hold();
    return (failure) => {
      this.finish(job);
      this.suspended--;
      begin(failure);
      this.#handles.unhold();
      // Only now may the worker claim on: jobs begin in the order in which they were claimed.
      this.changed();
    };
  }

  /**
   * Waits for an import, for the sake of a job. Whoever gives the job up has the worker
   * replaced, as for synchronous code, since an import cannot be stopped.
   *
   * @param importing The import.
   * @param life Whose job it is.
   * @param slot Its slot.
   * @param then Called after it, with the failure where it failed.
   */
  import(
    importing: Promise<void>,
    life: number,
    slot: number,
    then: (failure: Failure | undefined) => void,
  ): void {
    const counters = this.#counters;
    const outer = counters[CURRENT]!;
    if (outer === 0) {
      counters[CURRENT_OWNER] = life;
      counters[CURRENT] = slot + 1;
    }
    const finish = (failure: Failure | undefined) => {
      if (outer === 0) counters[CURRENT] = 0;
      then(failure);
    };
    importing.then(() => finish(undefined), (error) => finish({ error }));
  }

  /** Tells a job, from now on, when nobody waits for it any more. */
  listen(job: ListeningJob): void {
    this.#listening.add(job);
  }

  /** Ends that. */
  unlisten(job: ListeningJob): void {
    this.#listening.delete(job);
  }

  /** A job without a slot, which has begun, was given up: on this thread, since nobody else knows it. */
  giveUp(job: ListeningJob): void {
    this.#givenUp.push(job);
  }

  /**
   * Whether jobs may have been given up since the last look, which `seeToGivenUp` is to
   * see to. Of jobs in slots an owner says so afterwards, as a death is told of, in a word
   * that is read here before the look: what the look comes too early for is asked for anew.
   */
  get anyGivenUp(): boolean {
    if (this.#givenUp.length > 0) return true;
    if (this.#listening.size === 0 && this.#inSlots.size < this.#many) return false;
    return Atomics.load(this.#counters, ASKED) !== this.#askedSeen ||
      Atomics.load(this.#control, DEATHS) !== this.#deathsSeen;
  }

  /**
   * Tells jobs that nobody waits for them any more. Where many are in slots, those that go
   * on unheard hand these back: they may never end, and neither the slots nor this worker's
   * places for jobs may run out by that.
   */
  seeToGivenUp(): void {
    this.#askedSeen = Atomics.load(this.#counters, ASKED);
    this.#deathsSeen = Atomics.load(this.#control, DEATHS);
    const givenUp = this.#givenUp;
    this.#givenUp = [];
    for (const job of givenUp) this.finish(job);
    // Listeners are code of the user's, and may give up others.
    for (const job of givenUp) job.abort();
    for (const job of this.#listening) {
      if (job.isWanted) continue;
      this.#listening.delete(job);
      job.abort();
    }
    if (this.#inSlots.size < this.#many) return;
    for (const job of this.#inSlots) if (!job.isWanted && job.letGo()) this.finish(job);
  }
}
