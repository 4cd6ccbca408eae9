/**
 * Which pages of an arena are free: runs of pages, joined with their neighbours
 * when they are given back. The books are private to the thread that owns the
 * arena, so that nothing another thread writes can corrupt them.
 *
 * Free runs are kept in lists by the binary logarithm of their length, as in the
 * first level of TLSF (Masmano et al., "TLSF: a new dynamic memory allocator for
 * real-time systems", 2004).
 *
 * @module
 */

const NONE = -1;
const BINS = 32;

/** An allocator of runs of pages. */
export class PageRuns {
  /** At the first page of a free run: its length; 0 elsewhere. */
  #lengthAtStart = new Int32Array(0);
  /** At the last page of a free run: its length; 0 elsewhere. */
  #lengthAtEnd = new Int32Array(0);
  /** At the first page of a run in use: its length; 0 elsewhere. */
  #used = new Int32Array(0);
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  readonly #bins = new Int32Array(BINS).fill(NONE);
  #pages = 0;
  #free = 0;

  /** Number of pages in all. */
  get pages(): number {
    return this.#pages;
  }

  /** Number of pages that are free. */
  get free(): number {
    return this.#free;
  }

  /** @param pages How many free pages to add at the end. */
  extend(pages: number): void {
    const total = this.#pages + pages;
    if (total > this.#used.length) {
      const room = Math.max(total, 2 * this.#used.length);
      this.#lengthAtStart = enlarged(this.#lengthAtStart, room);
      this.#lengthAtEnd = enlarged(this.#lengthAtEnd, room);
      this.#used = enlarged(this.#used, room);
      this.#next = enlarged(this.#next, room);
      this.#previous = enlarged(this.#previous, room);
    }
    const first = this.#pages;
    this.#pages = total;
    this.#join(first, pages);
  }

  /** @returns How many pages are missing at the end for a run of so many to fit there. */
  shortage(pages: number): number {
    const last = this.#pages === 0 ? 0 : this.#lengthAtEnd[this.#pages - 1]!;
    return Math.max(0, pages - last);
  }

  /**
   * Takes a run.
   *
   * @param pages Its length.
   * @param fromEnd Whether to cut it from the end of the free run that it is found in. Spans
   * of small blocks, some of which may live long, so keep to one end and large runs to the other.
   * @returns Its first page, or -1 where no free run is long enough.
   */
  take(pages: number, fromEnd: boolean = false): number {
    for (let bin = binOf(pages); bin < BINS; bin++) {
      for (let first = this.#bins[bin]!; first !== NONE; first = this.#next[first]!) {
        const length = this.#lengthAtStart[first]!;
        if (length < pages) continue;
        this.#unlink(first, length);
        const rest = length - pages;
        if (rest > 0) this.#link(fromEnd ? first : first + pages, rest);
        const taken = fromEnd ? first + rest : first;
        this.#used[taken] = pages;
        return taken;
      }
    }
    return NONE;
  }

  /** Gives back the run that begins at `first`; where none does, nothing. */
  give(first: number): void {
    const length = this.#used[first];
    if (length === undefined || length === 0) return;
    this.#used[first] = 0;
    this.#join(first, length);
  }

  /** @returns The length of the run in use that begins at a page, 0 if none does. */
  usedAt(first: number): number {
    return this.#used[first] ?? 0;
  }

  #join(first: number, length: number): void {
    const after = first + length;
    const next = after < this.#pages ? this.#lengthAtStart[after]! : 0;
    if (next > 0) this.#unlink(after, next);
    const before = first > 0 ? this.#lengthAtEnd[first - 1]! : 0;
    if (before > 0) this.#unlink(first - before, before);
    this.#link(first - before, before + length + next);
  }

  #link(first: number, length: number): void {
    const bin = binOf(length);
    const head = this.#bins[bin]!;
    this.#lengthAtStart[first] = length;
    this.#lengthAtEnd[first + length - 1] = length;
    this.#next[first] = head;
    this.#previous[first] = NONE;
    if (head !== NONE) this.#previous[head] = first;
    this.#bins[bin] = first;
    this.#free += length;
  }

  #unlink(first: number, length: number): void {
    const next = this.#next[first]!;
    const previous = this.#previous[first]!;
    if (next !== NONE) this.#previous[next] = previous;
    if (previous !== NONE) this.#next[previous] = next;
    else this.#bins[binOf(length)] = next;
    this.#lengthAtStart[first] = 0;
    this.#lengthAtEnd[first + length - 1] = 0;
    this.#free -= length;
  }
}

function binOf(length: number): number {
  return 31 - Math.clz32(length);
}

function enlarged(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length);
  larger.set(array);
  return larger;
}
