/**
 * First in, first out. An array's own `shift` moves all that is left, in V8 from some
 * ten thousand items on.
 *
 * @module
 */

/** From so many places in front on that are free, they may be given up. */
const MANY = 64;

/** A queue that takes and gives in constant time, and keeps nothing that has left it. */
export class Queue<T> {
  #items: (T | undefined)[] = [];
  /** Where the first one is. */
  #first = 0;

  /** How many there are. */
  get length(): number {
    return this.#items.length - this.#first;
  }

  /** Adds one behind the others. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the first one out; `undefined` where there is none. */
  shift(): T | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    // As many are moved as have left since the last time, at most.
    if (this.#first >= MANY && 2 * this.#first >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  /** Puts one back that was the first before. */
  putBack(item: T): void {
    if (this.#first > 0) this.#items[--this.#first] = item;
    else this.#items.unshift(item);
  }

  /** Takes all out. @returns These, the first one first. */
  takeAll(): T[] {
    const all = this.#items.slice(this.#first) as T[];
    this.#items = [];
    this.#first = 0;
    return all;
  }
}
