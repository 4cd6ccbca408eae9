/**
 * Which runners sleep: a bit for each, so that whoever has work sees with one
 * load that nobody needs waking. A runner is one life of a worker: a worker that
 * was replaced and its replacement never share a parking place. Model:
 * `tests/model/sleep.pml`.
 *
 * @module
 */
import { AWAKE, BUSY, LISTENING, Parker, RESTING, SEARCHING } from "./parker.ts";

/** The parking places of all runners of a pool, and the bits that say who sleeps. */
export class Sleepers {
  readonly #words: Int32Array;
  readonly #count: number;
  readonly #masks: number;
  readonly #parkerAt: (runner: number) => number;
  /** By runner, as far as they were asked for. */
  readonly #parkers: Parker[] = [];
  /** The runner that this thread has woken, or seen searching, last: mostly it is the one that searches still. */
  #lastSearcher = 0;
  /** The runner that runs on here after it has left. */
  #left = -1;

  /**
   * @param words Shared words.
   * @param count Index of the word that holds how many runners there have been.
   * @param masks Index of the first word of bits; there is one for every 32 runners.
   * @param parkerAt Index of a runner's parking place.
   */
  constructor(
    words: Int32Array,
    count: number,
    masks: number,
    parkerAt: (runner: number) => number,
  ) {
    this.#words = words;
    this.#count = count;
    this.#masks = masks;
    this.#parkerAt = parkerAt;
  }

  /** @returns The parking place of a runner. */
  parker(runner: number): Parker {
    // In order, so that the list has no gaps.
    while (this.#parkers.length <= runner) {
      this.#parkers.push(new Parker(this.#words, this.#parkerAt(this.#parkers.length)));
    }
    return this.#parkers[runner]!;
  }

  /**
   * Runner: announces its sleep. It must look once more after this.
   *
   * @param state PARKED or LISTENING; or RESTING, and no job will wake it.
   */
  announce(runner: number, state: number): void {
    this.parker(runner).announce(state);
    if (state === RESTING || runner === this.#left) return;
    Atomics.or(this.#words, this.#masks + (runner >>> 5), 1 << (runner & 31));
  }

  /**
   * Runner: is awake again. The host's for a runner that is gone.
   *
   * @param state What it does now.
   */
  retract(runner: number, state: number): void {
    if (runner !== this.#left) {
      Atomics.and(this.#words, this.#masks + (runner >>> 5), ~(1 << (runner & 31)));
    }
    this.parker(runner).state = state;
  }

  /**
   * Runner, whose thread is about to end, and may run on for a while: has nothing more be seen
   * of what it does, since by then another runner may have its number. A sleep of its ends.
   */
  leave(runner: number): void {
    this.wake(runner);
    this.retract(runner, AWAKE);
    this.#left = runner;
    this.parker(runner).leave();
    // Whoever submitted meanwhile has relied on it.
    this.wakeForWork();
  }

  /**
   * Any thread, after it has published a job: sees to it that somebody will take
   * it. Wakes nobody while a runner is still searching: that one looks again
   * after it has announced its sleep, and wakes the next if it leaves work behind.
   */
  wakeForWork(): boolean {
    const count = this.#words[this.#count]!;
    for (let first = 0; first < count; first += 32) {
      if (Atomics.load(this.#words, this.#masks + (first >>> 5)) !== 0) {
        return this.#wakeOne(count);
      }
    }
    return false;
  }

  /**
   * Any thread: whether a runner looks for work just now. May be out of date at once.
   *
   * @param asker The runner that asks and is not meant; -1 for the host.
   */
  othersSearch(asker: number): boolean {
    return this.#anyOther(asker, SEARCHING, SEARCHING);
  }

  /** Any thread: the same, of a runner that looks for work or is in the middle of a job. */
  othersAreUp(asker: number): boolean {
    return this.#anyOther(asker, SEARCHING, BUSY);
  }

  /** Any thread: wakes one runner, whatever it sleeps for. @returns Whether this call woke it. */
  wake(runner: number): boolean {
    const parker = this.parker(runner);
    return parker.unpark() || parker.unpark(LISTENING) || parker.unpark(RESTING);
  }

  /** Whether another runner than the one that asks is in one of two states. */
  #anyOther(asker: number, one: number, two: number): boolean {
    const count = this.#words[this.#count]!;
    for (let i = -1; i < count; i++) {
      const runner = i < 0 ? this.#lastSearcher : i;
      if (runner === asker) continue;
      const { state } = this.parker(runner);
      if (state === SEARCHING) this.#lastSearcher = runner;
      if (state === one || state === two) return true;
    }
    return false;
  }

  /**
   * The lowest number first, so that the same few stay warm under a light load. Of
   * those that listen all, where nobody else is to be had: the first may be deep in
   * a job of its own.
   */
  #wakeOne(count: number): boolean {
    if (this.othersSearch(-1)) return false;
    for (let first = 0; first < count; first += 32) {
      let bits = Atomics.load(this.#words, this.#masks + (first >>> 5));
      for (; bits !== 0; bits &= bits - 1) {
        const runner = first + 31 - Math.clz32(bits & -bits);
        if (!this.parker(runner).unpark()) continue;
        this.#lastSearcher = runner;
        return true;
      }
    }
    let woke = false;
    for (let i = 0; i < count; i++) woke = this.parker(i).unpark(LISTENING) || woke;
    return woke;
  }
}
