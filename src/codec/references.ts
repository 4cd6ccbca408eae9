/** Up to this many objects a search through a list is faster than a Map. */
const LIST_MAX = 32;
/** A list that grew longer than this is thrown away rather than emptied. */
const KEEP_MAX = 256;

/** Numbers the objects of one encoding in the order in which they are met. */
export class References {
  /** How many have been met. */
  count = 0;
  #met: (object | undefined)[] = [];
  readonly #ids: Map<object, number> = new Map();

  /**
   * @param value An object.
   * @returns Its number where it was met before; otherwise -1, and it has the next number now.
   */
  meet(value: object): number {
    const count = this.count;
    const met = this.#met;
    if (count < LIST_MAX) {
      for (let i = 0; i < count; i++) if (met[i] === value) return i;
    } else {
      if (count === LIST_MAX && this.#ids.size === 0) this.#index();
      const id = this.#ids.get(value);
      if (id !== undefined) return id;
      this.#ids.set(value, count);
    }
    met[count] = value;
    this.count = count + 1;
    return -1;
  }

  /** Forgets all that were met after the first `count`. */
  rewind(count: number): void {
    while (this.count > count) {
      const last = this.#met[--this.count] as object;
      this.#met[this.count] = undefined;
      this.#ids.delete(last);
    }
    if (this.count <= LIST_MAX) this.#ids.clear();
  }

  /** Forgets all, so that nothing is kept alive from here. */
  clear(): void {
    if (this.count > KEEP_MAX) this.#met = [];
    else for (let i = 0; i < this.count; i++) this.#met[i] = undefined;
    // The Map is filled by the search for one more, which may have found it.
    if (this.count >= LIST_MAX) this.#ids.clear();
    this.count = 0;
  }

  #index(): void {
    for (let i = 0; i < this.count; i++) this.#ids.set(this.#met[i] as object, i);
  }
}
