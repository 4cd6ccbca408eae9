import type { Shapes } from "./types.ts";

/** So many keys in all are remembered; then those that were never numbered are dropped. */
const NODES_MAX = 4096;
/** Objects with more keys are taken for dictionaries: their keys are not remembered. */
const KEYS_MAX = 128;

/** No number yet. */
const UNNUMBERED = -1;
/** The table was full. */
const REFUSED = -2;

/** One key after others: the path from the root is a list of keys. */
export class ShapeNode {
  /** The list without its last key; `undefined` for the empty one. */
  readonly before: ShapeNode | undefined;
  /** The last key. */
  readonly last: string;
  /** The number of this list, negative where it has none. */
  id = UNNUMBERED;
  /** How often an object ended here before it was numbered. */
  seen = 0;
  /** The key that most recently came next. */
  key = "";
  /** Where that key leads. */
  next: ShapeNode | undefined = undefined;
  /** All keys that came next, where there is more than one. */
  others: Map<string, ShapeNode> | undefined = undefined;
  /** The keys up to here, once they were asked for. */
  #keys: readonly string[] | undefined = undefined;

  /**
   * @param before The list without its last key.
   * @param last The last key.
   */
  constructor(before: ShapeNode | undefined, last: string) {
    this.before = before;
    this.last = last;
  }

  /** The keys up to here. Nodes amid a list hold none: it would be held once for each key. */
  get keys(): readonly string[] {
    return this.#keys ??= keysOf(this);
  }

  /** @returns Where `key` leads, if it was seen before; not for the key in `key`. */
  find(key: string): ShapeNode | undefined {
    const found = this.others?.get(key);
    if (found !== undefined) {
      this.key = key;
      this.next = found;
    }
    return found;
  }

  /** Adds a key that `find` did not find. */
  add(key: string): ShapeNode {
    const node = new ShapeNode(this, key);
    if (this.next !== undefined) {
      this.others ??= new Map([[this.key, this.next]]);
      this.others.set(key, node);
    }
    this.key = key;
    this.next = node;
    return node;
  }
}

function keysOf(node: ShapeNode): string[] {
  const keys: string[] = [];
  for (let end = node; end.before !== undefined; end = end.before) keys.push(end.last);
  return keys.reverse();
}

/** The lists of keys that an encoder has met; lists met twice get a number. */
export class ShapeTree {
  /** Where each list begins. */
  root: ShapeNode = new ShapeNode(undefined, "");
  #nodes = 0;
  #limit = NODES_MAX;
  #numbered: ShapeNode[] = [];
  readonly #shapes: Shapes | undefined;

  /** @param shapes Gives the numbers; without it no list gets one. */
  constructor(shapes: Shapes | undefined) {
    this.#shapes = shapes;
  }

  /** @returns The number of the list that ends at `node`, or a negative number. */
  number(node: ShapeNode): number {
    if (node.id !== UNNUMBERED || this.#shapes === undefined) return node.id;
    if (node.seen++ === 0) return UNNUMBERED;
    const id = this.#shapes.intern([...node.keys]);
    if (id < 0) {
      node.id = REFUSED;
    } else {
      node.id = id;
      this.#numbered.push(node);
    }
    return node.id;
  }

  /** Remembers a list of keys that was met for the first time. */
  remember(keys: readonly string[]): void {
    if (this.#shapes === undefined || keys.length > KEYS_MAX) return;
    if (this.#nodes + keys.length > this.#limit) this.#forget();
    this.#insert(keys).seen = 1;
  }

  #insert(keys: readonly string[]): ShapeNode {
    let node = this.root;
    for (const key of keys) {
      let next = node.key === key ? node.next : node.find(key);
      if (next === undefined) {
        next = node.add(key);
        this.#nodes++;
      }
      node = next;
    }
    return node;
  }

  #forget(): void {
    const kept = this.#numbered;
    this.root = new ShapeNode(undefined, "");
    this.#nodes = 0;
    this.#numbered = [];
    for (const { keys, id } of kept) {
      const node = this.#insert(keys);
      node.id = id;
      this.#numbered.push(node);
    }
    // Next only when more keys are new than were kept: else each new key would cost the more,
    // the more lists have numbers.
    this.#limit = 2 * this.#nodes + NODES_MAX;
  }
}
