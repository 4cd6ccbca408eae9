/**
 * Things that are due at some time, the earliest first.
 *
 * @module
 */

/** What a {@linkcode DeadlineHeap} holds. */
export interface Due {
  /** When it is due. */
  deadline: number;
  /** Its place in the heap, -1 while it is in none. The heap's own. */
  place: number;
}

/** A binary heap whose items know their places, so that any can be taken out early. */
export class DeadlineHeap<T extends Due> {
  readonly #items: T[] = [];

  /** The item that is due first. */
  get first(): T | undefined {
    return this.#items[0];
  }

  /** Adds an item that is in no heap. */
  add(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Takes an item out, if it is in. */
  remove(item: T): void {
    const place = item.place;
    if (place < 0) return;
    item.place = -1;
    const last = this.#items.pop()!;
    if (last === item) return;
    if (place > 0 && last.deadline < this.#items[(place - 1) >> 1]!.deadline) {
      this.#rise(last, place);
    } else this.#sink(last, place);
  }

  #rise(item: T, place: number): void {
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#items[parent]!;
      if (above.deadline <= item.deadline) break;
      this.#put(above, place);
      place = parent;
    }
    this.#put(item, place);
  }

  #sink(item: T, place: number): void {
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#items.length) break;
      if (
        child + 1 < this.#items.length &&
        this.#items[child + 1]!.deadline < this.#items[child]!.deadline
      ) {
        child++;
      }
      const below = this.#items[child]!;
      if (below.deadline >= item.deadline) break;
      this.#put(below, place);
      place = child;
    }
    this.#put(item, place);
  }

  #put(item: T, place: number): void {
    this.#items[place] = item;
    item.place = place;
  }
}
