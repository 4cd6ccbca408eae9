/**
 * The way of jobs to the workers: a ring of slot references with one producer,
 * its owner, and any number of consumers. A worker that runs jobs of its own lane
 * takes its newest ones back at the producer's end: the ring is then the deque of
 * D. Chase and Y. Lev, Dynamic Circular Work-Stealing Deque (SPAA 2005), bounded
 * and with sequentially consistent accesses throughout. Models: `tests/model/job.pml`,
 * steps publish and take; `tests/model/deque.pml`, take back.
 *
 * @module
 */

/** Words between the counters and the entries, so that each counter has a line of its own. */
const TAIL = 0;
const HEAD = 32;
const ENTRIES = 64;

/** A bounded queue of words with one producer, who may take back, and many consumers. */
export class SubmissionRing {
  readonly #words: Int32Array;
  readonly #mask: number;
  /** The producer's copy of the tail. */
  #tail: number;
  /** The producer's last look at the head: the true one is never behind it. */
  #seenHead: number;

  /**
   * @param words Shared words of this ring alone, zeroed.
   * @param capacity Number of entries, a power of two.
   */
  constructor(words: Int32Array, capacity: number) {
    this.#words = words;
    this.#mask = capacity - 1;
    this.#tail = Atomics.load(words, TAIL);
    this.#seenHead = Atomics.load(words, HEAD);
  }

  /** @returns Words that a ring of so many entries needs. */
  static words(capacity: number): number {
    return ENTRIES + capacity;
  }

  /** Producer: whether one more entry fits. */
  get hasRoom(): boolean {
    if (((this.#tail - this.#seenHead) | 0) <= this.#mask) return true;
    this.#seenHead = Atomics.load(this.#words, HEAD);
    return ((this.#tail - this.#seenHead) | 0) <= this.#mask;
  }

  /**
   * Producer: publishes an entry; there must be room.
   *
   * @param reference The entry.
   * @returns Its position, counted from the ring's beginning and wrapped to 32 bits.
   */
  push(reference: number): number {
    const position = this.#tail;
    this.#words[ENTRIES + (position & this.#mask)] = reference;
    this.#tail = (position + 1) | 0;
    // Publishes the entry, and everything that the producer wrote to the slot before.
    Atomics.store(this.#words, TAIL, this.#tail);
    return position;
  }

  /**
   * Any thread: takes the oldest entry.
   *
   * @returns The entry, or -1 where there is none; no reference is -1.
   */
  take(): number {
    const words = this.#words;
    if (this.looksEmpty) return -1;
    for (;;) {
      const head = Atomics.load(words, HEAD);
      // The tail lies before the head for a moment while the producer takes back the last entry.
      if (((Atomics.load(words, TAIL) - head) | 0) <= 0) return -1;
      // Published by the tail. The producer reuses this place only after it has seen that the
      // head has passed it: by another's exchange, and then this one fails, or by this one.
      const reference = words[ENTRIES + (head & this.#mask)]!;
      if (Atomics.compareExchange(words, HEAD, head, (head + 1) | 0) === head) return reference;
    }
  }

  /**
   * Producer: takes the newest entry back. It first lowers the tail, then reads the
   * head, and consumers read the tail after the head: in the one order of all these
   * accesses, either a consumer sees the lowered tail and leaves the entry alone, or
   * the producer sees the raised head. Only for the very last entry are both in
   * time, and then the exchange of the head decides.
   *
   * @returns The entry, or -1 where there is none.
   */
  pop(): number {
    const words = this.#words;
    const position = (this.#tail - 1) | 0;
    if (((position - Atomics.load(words, HEAD)) | 0) < 0) return -1;
    Atomics.store(words, TAIL, position);
    const head = Atomics.load(words, HEAD);
    const left = (position - head) | 0;
    if (left > 0) {
      this.#tail = position;
      return words[ENTRIES + (position & this.#mask)]!;
    }
    const reference = words[ENTRIES + (position & this.#mask)]!;
    const won = left === 0 &&
      Atomics.compareExchange(words, HEAD, head, (head + 1) | 0) === head;
    Atomics.store(words, TAIL, this.#tail);
    return won ? reference : -1;
  }

  /**
   * Producer: drops the oldest entries that lead nowhere any more. Otherwise only
   * consumers would make room, and they tell nobody when they drop such entries.
   *
   * @param isStale Whether an entry leads nowhere, and never will again.
   */
  dropStale(isStale: (reference: number) => boolean): void {
    const words = this.#words;
    for (;;) {
      const head = Atomics.load(words, HEAD);
      if (head === this.#tail) return;
      if (!isStale(words[ENTRIES + (head & this.#mask)]!)) return;
      Atomics.compareExchange(words, HEAD, head, (head + 1) | 0);
    }
  }

  /** Any thread: whether there is an entry to take. May be out of date at once. */
  get isEmpty(): boolean {
    return ((Atomics.load(this.#words, TAIL) - Atomics.load(this.#words, HEAD)) | 0) <= 0;
  }

  /**
   * Any thread: the same by plain reads, for looks of which most find nothing and which come
   * again. They may be out of date, but not older than what an atomic read has shown to this
   * thread: whoever has seen an entry by `isEmpty` sees it here as well.
   */
  get looksEmpty(): boolean {
    return ((this.#words[TAIL]! - this.#words[HEAD]!) | 0) <= 0;
  }

  /** Any thread: number of entries that nobody has taken. May be out of date at once. */
  get length(): number {
    return Math.max(0, (Atomics.load(this.#words, TAIL) - Atomics.load(this.#words, HEAD)) | 0);
  }

  /**
   * Any thread: whether such an entry is among those that nobody has taken. May be out of date
   * at once, and the producer may have reused the place of one that was: only a hint.
   *
   * @param test What is looked for.
   */
  seemsToHave(test: (reference: number) => boolean): boolean {
    const words = this.#words;
    const tail = Atomics.load(words, TAIL);
    for (let at = Atomics.load(words, HEAD); ((tail - at) | 0) > 0; at = (at + 1) | 0) {
      if (test(words[ENTRIES + (at & this.#mask)]!)) return true;
    }
    return false;
  }

  /** Producer: the position of the entry that was taken last. */
  get lastTaken(): number {
    return (Atomics.load(this.#words, HEAD) - 1) | 0;
  }

  /** Producer: whether the entry at this position has been taken. */
  isTaken(position: number): boolean {
    return ((Atomics.load(this.#words, HEAD) - position) | 0) > 0;
  }
}
