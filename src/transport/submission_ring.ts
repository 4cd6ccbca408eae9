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
import type { Watched } from "../sync/spinner.ts";

/** The head stands alone on its line, in front of the entries. */
const HEAD = 0;
const ENTRIES = 32;
/** Words of an entry: its mark, then the reference. */
const ENTRY = 2;

/** A bounded queue of words with one producer, who may take back, and many consumers. */
export class SubmissionRing implements Watched {
  readonly words: Int32Array;
  readonly #mask: number;
  /** The producer's own count of entries so far: the position of the next one. */
  #tail: number;
  /** The producer's last look at the head: the true one is never behind it. */
  #seenHead: number;

  /**
   * Its producer makes one only, over zeroed memory.
   *
   * @param words Shared words of this ring alone.
   * @param capacity Number of entries, a power of two.
   */
  constructor(words: Int32Array, capacity: number) {
    this.words = words;
    this.#mask = capacity - 1;
    this.#seenHead = Atomics.load(words, HEAD);
    this.#tail = this.#seenHead;
  }

  /** Any thread: the place of the mark at the head; by a plain read, so perhaps of an earlier head. */
  get at(): number {
    return this.#placeOf(this.words[HEAD]!);
  }

  /** @returns Words that a ring of so many entries needs. */
  static words(capacity: number): number {
    return ENTRIES + ENTRY * capacity;
  }

  /** Producer: whether one more entry fits. */
  get hasRoom(): boolean {
    if (((this.#tail - this.#seenHead) | 0) <= this.#mask) return true;
    this.#seenHead = Atomics.load(this.words, HEAD);
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
    const at = ENTRIES + ENTRY * (position & this.#mask);
    this.words[at + 1] = reference;
    // The mark is what the tail is then.
    this.#tail = (position + 1) | 0;
    // Publishes the entry, and everything that the producer wrote to the slot before.
    Atomics.store(this.words, at, this.#tail);
    return position;
  }

  /**
   * Any thread: takes the oldest entry.
   *
   * @returns The entry, or -1 where there seems to be none, see `isEmpty`; no reference is -1.
   */
  take(): number {
    const words = this.words;
    for (;;) {
      const head = Atomics.load(words, HEAD);
      const at = ENTRIES + ENTRY * (head & this.#mask);
      const next = (head + 1) | 0;
      if (Atomics.load(words, at) !== next) return -1;
      // Published by the mark. The producer reuses this place only after it has seen that the
      // head has passed it: by another's exchange, and then this one fails, or by this one.
      const reference = words[at + 1]!;
      if (Atomics.compareExchange(words, HEAD, head, next) === head) return reference;
    }
  }

  /**
   * Producer: takes the newest entry back. It first takes away the mark, then reads the
   * head, and consumers read the mark after the head: in the one order of all these
   * accesses, either a consumer sees no mark and leaves the entry alone, or the producer
   * sees that the head has come to it. Only for the very last entry are both in time, and
   * then the exchange of the head decides.
   *
   * @returns The entry, or -1 where there is none.
   */
  pop(): number {
    const words = this.words;
    const position = (this.#tail - 1) | 0;
    if (((position - Atomics.load(words, HEAD)) | 0) < 0) return -1;
    const at = this.#placeOf(position);
    const reference = words[at + 1]!;
    Atomics.store(words, at, position);
    const head = Atomics.load(words, HEAD);
    const left = (position - head) | 0;
    if (left > 0) {
      this.#tail = position;
      return reference;
    }
    const won = left === 0 &&
      Atomics.compareExchange(words, HEAD, head, (head + 1) | 0) === head;
    return won ? reference : -1;
  }

  /**
   * Producer: drops the oldest entries that lead nowhere any more. Otherwise only
   * consumers would make room, and they tell nobody when they drop such entries.
   *
   * @param isStale Whether an entry leads nowhere, and never will again.
   */
  dropStale(isStale: (reference: number) => boolean): void {
    const words = this.words;
    for (;;) {
      const head = Atomics.load(words, HEAD);
      if (head === this.#tail) return;
      if (!isStale(words[this.#placeOf(head) + 1]!)) return;
      Atomics.compareExchange(words, HEAD, head, (head + 1) | 0);
    }
  }

  /**
   * Any thread: whether there is no entry to take. May be out of date at once; and it may be
   * wrong where the place of the head that was read was published anew before its mark was: then
   * the producer has published something since this call began.
   */
  get isEmpty(): boolean {
    return !this.#isPublished(Atomics.load(this.words, HEAD));
  }

  /**
   * Any thread: the same by plain reads, for looks of which most find nothing and which come
   * again. They may be out of date, but not older than what an atomic read has shown to this
   * thread: whoever has seen an entry by `isEmpty` sees it here as well.
   */
  get looksEmpty(): boolean {
    const words = this.words;
    const head = words[HEAD]!;
    return words[ENTRIES + ENTRY * (head & this.#mask)] !== ((head + 1) | 0);
  }

  /** Any thread: number of entries that nobody has taken. May be out of date at once. */
  get length(): number {
    let length = 0;
    const head = Atomics.load(this.words, HEAD);
    while (length <= this.#mask && this.#isPublished((head + length) | 0)) length++;
    return length;
  }

  /**
   * Any thread: whether such an entry is among those that nobody has taken. May be out of date
   * at once, and the producer may have reused the place of one that was: only a hint.
   *
   * @param test What is looked for.
   */
  seemsToHave(test: (reference: number) => boolean): boolean {
    const head = Atomics.load(this.words, HEAD);
    for (let i = 0; i <= this.#mask && this.#isPublished((head + i) | 0); i++) {
      if (test(this.words[this.#placeOf(head + i) + 1]!)) return true;
    }
    return false;
  }

  /** Producer: the position of the entry that was taken last. */
  get lastTaken(): number {
    return (Atomics.load(this.words, HEAD) - 1) | 0;
  }

  /** Producer: whether the entry at this position has been taken. */
  isTaken(position: number): boolean {
    return ((Atomics.load(this.words, HEAD) - position) | 0) > 0;
  }

  /** Whether the entry at a position is there. */
  #isPublished(position: number): boolean {
    return Atomics.load(this.words, this.#placeOf(position)) === markOf(position);
  }

  /** Each job's own steps write it out, and the mark: engines compile every function by itself, too. */
  #placeOf(position: number): number {
    return ENTRIES + ENTRY * (position & this.#mask);
  }
}

/** What an entry's mark says once it is published: no other position's entry has the same. */
const markOf = (position: number): number => (position + 1) | 0;
