import { registration } from "../base/code.ts";
import { brandOf } from "./brands.ts";
import { DeferringSession } from "./deferral.ts";
import { describe, nameOf } from "./describe.ts";
import { isDense, isOrdinary, isUnnamed } from "./elements.ts";
import { kindOfNumbers, NO_NUMBERS, writeNumbers } from "./numbers.ts";
import { MAP_KEY, MAP_VALUE, PROPERTY, SET_ENTRY } from "./path.ts";
import { type ShapeNode, ShapeTree } from "./shape_tree.ts";
import { type SpecialSink, writeBuiltIn, writeDerived, writeSpecial } from "./special_writer.ts";
import * as tags from "./tags.ts";
import type { CodecOptions } from "./types.ts";

const { getPrototypeOf, getOwnPropertySymbols } = Object;
const hasOwn = Object.prototype.hasOwnProperty;
const mapEntries = Map.prototype.entries;
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, "size")!.get as (
  this: Map<unknown, unknown>,
) => number;
const isEnumerable = Object.prototype.propertyIsEnumerable;

/** Shorter arrays of numbers take as little with a tag each. */
const PACK_MIN = 48;

/**
 * Writes structured values. Objects are numbered in the order in which they are
 * met; the decoder counts along.
 *
 * `begin` and `root` start an encoding, `value` writes the values, `finish` what
 * belongs behind them, and `clear` forgets them, whether it went well or not.
 */
export class ValueEncoder extends DeferringSession implements SpecialSink {
  readonly #shapes: ShapeTree;
  /** Whether `Object.prototype` has enumerable properties, which `for in` would show. */
  #inherits = false;

  /** @param options Room, identities, shapes. */
  constructor(options: CodecOptions) {
    super(options);
    this.#shapes = new ShapeTree(options.shapes);
  }

  /**
   * Prepares for values; `name` begins their paths. With `lenient`, properties of errors are
   * described that cannot be sent, or take more bytes than `most`.
   */
  root(name: string, lenient: boolean, most: number = Infinity): void {
    this.trail.begin(name);
    this.lenient = lenient;
    this.most = most;
    this.failed = false;
    this.#inherits = false;
    for (const _key in Object.prototype) this.#inherits = true;
  }

  /** Writes any value. */
  override value(value: unknown): void {
    if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.string(value);
    else if (typeof value === "object") {
      if (value === null) this.byte(tags.NULL);
      else this.#object(value);
    } else if (typeof value === "boolean") this.byte(value ? tags.TRUE : tags.FALSE);
    else if (value === undefined) this.byte(tags.UNDEFINED);
    else this.#other(value);
  }

  /** Writes what goes into a shell. */
  override contents(value: object, shell: number): void {
    if (shell === tags.SHELL_ARRAY) this.array(value as unknown[], false);
    else if (shell === tags.SHELL_MAP) this.map(value as Map<unknown, unknown>);
    else if (shell === tags.SHELL_SET) this.set(value as Set<unknown>);
    else this.body(value, shell >= tags.SHELL_INSTANCE || this.#inherits);
  }

  #object(value: object): void {
    const id = this.references.meet(value);
    if (id >= 0) {
      this.byte(tags.REFERENCE);
      this.length(id);
      return;
    }
    const deep = this.trail.depth + this.base >= tags.DEPTH;
    if (Array.isArray(value)) {
      const prototype = getPrototypeOf(value);
      if (prototype !== Array.prototype && writeDerived(this, value, prototype)) return;
      if (deep) return this.defer(value, tags.SHELL_ARRAY);
      return this.array(value);
    }
    const prototype = getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) {
      if (deep) return this.defer(value, tags.SHELL_OBJECT);
      const start = this.position - this.start;
      this.byte(tags.OBJECT);
      if (!this.body(value, this.#inherits)) {
        // Nothing was found in it: perhaps it is a built-in with a foreign prototype.
        const brand = brandOf(value);
        if (brand === "") return;
        this.position = this.start + start;
        writeBuiltIn(this, value, brand);
      }
      return;
    }
    writeSpecial(this, value, prototype, deep);
  }

  /**
   * Writes a list of keys and the values. With `inherits`, keys of the prototype
   * are skipped. Returns whether there were any keys.
   *
   * The values come first, in one pass together with the keys, since that is by
   * far the fastest way to read an object; the head is filled in afterwards.
   */
  body(value: object, inherits: boolean): boolean {
    if (getOwnPropertySymbols(value).length > 0) this.#checkSymbols(value);
    const { trail } = this;
    const depth = trail.depth;
    trail.depth = depth + 1;
    trail.kinds[depth] = PROPERTY;
    if (this.position + 4 > this.limit) this.room(4);
    const head = this.position - this.start;
    this.position += 4;
    let node: ShapeNode = this.#shapes.root;
    let rest: string[] | undefined;
    let key: string | undefined;
    try {
      for (key in value) {
        if (inherits && !hasOwn.call(value, key)) continue;
        if (rest !== undefined) {
          rest.push(key);
        } else {
          const next = node.key === key ? node.next : node.find(key);
          if (next === undefined) rest = [key];
          else node = next;
        }
        const item = (value as Record<string, unknown>)[key];
        if (typeof item === "number") this.number(item);
        else if (typeof item === "string") this.string(item);
        else {
          trail.keys[depth] = key;
          this.value(item);
        }
      }
    } catch (error) {
      if (!this.failed) {
        this.failed = true;
        trail.keys[depth] = key;
        // Without a key it was the object itself that threw, a proxy that would not list its keys.
        trail.depth = key === undefined ? depth : depth + 1;
      }
      throw error;
    }
    trail.depth = depth;
    if (rest === undefined) {
      const id = node.id >= 0 ? node.id : this.#shapes.number(node);
      if (id >= 0) {
        this.view.setUint32(this.start + head, id, true);
        return node.before !== undefined;
      }
    }
    this.#keys(head, node, rest);
    return rest !== undefined || node.before !== undefined;
  }

  /** Writes the keys behind the values. */
  #keys(head: number, node: ShapeNode, rest: string[] | undefined): void {
    const distance = this.position - this.start - head;
    if (distance >= tags.INLINE_KEYS) this.refuse("the object is too large");
    this.view.setUint32(this.start + head, tags.INLINE_KEYS + distance, true);
    const keys = rest === undefined ? node.keys : [...node.keys, ...rest];
    if (rest !== undefined) this.#shapes.remember(keys);
    this.length(keys.length);
    for (const key of keys) this.string(key);
  }

  #checkSymbols(value: object): void {
    for (const symbol of getOwnPropertySymbols(value)) {
      if (!isEnumerable.call(value, symbol)) continue;
      this.refuse(`it has a property whose key is ${String(symbol)}, and symbols cannot be sent`);
    }
  }

  /** Writes an array; one that exists already as a shell is not packed. */
  array(array: unknown[], packs: boolean = true): void {
    const length = array.length;
    if (packs && length >= PACK_MIN && this.#packed(array)) return;
    if (isDense(array, this.natives)) return this.#elements(array);
    this.byte(tags.KEYED_ARRAY);
    this.length(length);
    this.pairs(array as unknown as Record<string, unknown>, Object.keys(array));
  }

  /** Writes each element, or that there is none. */
  #elements(array: unknown[]): void {
    if (getOwnPropertySymbols(array).length > 0) this.#checkSymbols(array);
    const { trail } = this;
    const depth = trail.depth;
    trail.depth = depth + 1;
    trail.kinds[depth] = PROPERTY;
    const length = array.length;
    this.byte(tags.ARRAY);
    this.length(length);
    // Whether elements of a prototype may show where there are holes.
    const shines = this.#inherits || Array.prototype.length > 0;
    let i = 0;
    try {
      for (; i < length; i++) {
        const item = array[i];
        if ((item === undefined || shines) && !hasOwn.call(array, i)) this.byte(tags.HOLE);
        else if (typeof item === "number") this.number(item);
        else if (typeof item === "string") this.string(item);
        else {
          trail.keys[depth] = i;
          this.value(item);
        }
      }
    } catch (error) {
      if (!this.failed) {
        this.failed = true;
        trail.keys[depth] = i;
        trail.depth = depth + 1;
      }
      throw error;
    }
    trail.depth = depth;
  }

  /** Writes an array of numbers and nothing else; returns false, and undoes it, for others. */
  #packed(array: unknown[]): boolean {
    const start = this.position - this.start;
    try {
      const kind = kindOfNumbers(array);
      if (kind === NO_NUMBERS || this.#inherits || !isOrdinary(array)) return false;
      if (!isUnnamed(array, this.natives) || getOwnPropertySymbols(array).length > 0) return false;
      if (writeNumbers(this, array, kind)) return true;
    } catch (error) {
      if (this.refusedGrowth) throw error;
      // A getter threw: it is read again, and then it is known where it is.
    }
    this.position = this.start + start;
    return false;
  }

  /** Writes the properties with these keys, each key before its value. */
  pairs(value: Record<string, unknown>, keys: readonly string[]): void {
    if (getOwnPropertySymbols(value).length > 0) this.#checkSymbols(value);
    const { trail } = this;
    const depth = trail.depth;
    trail.depth = depth + 1;
    trail.kinds[depth] = PROPERTY;
    this.length(keys.length);
    for (const key of keys) {
      const index = Number(key);
      trail.keys[depth] = Array.isArray(value) && String(index >>> 0) === key ? index : key;
      trail.depth = depth + 1;
      this.string(key);
      const item = this.reading(() => value[key]);
      if (item === undefined && !hasOwn.call(value, key)) this.byte(tags.HOLE);
      else this.value(item);
    }
    trail.depth = depth;
  }

  /** Writes the entries of a Map. */
  map(map: Map<unknown, unknown>): void {
    const { trail } = this;
    const depth = trail.depth;
    trail.depth = depth + 1;
    const head = this.position - this.start;
    this.uint32(0);
    const size = mapSize.call(map);
    let count = 0;
    for (const [key, value] of mapEntries.call(map)) {
      // What a getter adds meanwhile is not sent.
      if (count === size) break;
      if (typeof key === "string") this.string(key);
      else {
        trail.kinds[depth] = MAP_KEY;
        trail.keys[depth] = count;
        this.value(key);
      }
      trail.kinds[depth] = MAP_VALUE;
      trail.keys[depth] = key;
      this.value(value);
      count++;
    }
    trail.depth = depth;
    this.view.setUint32(this.start + head, count, true);
  }

  /** Writes the entries of a Set. */
  set(set: Set<unknown>): void {
    const { trail } = this;
    const depth = trail.depth;
    trail.depth = depth + 1;
    trail.kinds[depth] = SET_ENTRY;
    const values = [...Set.prototype.values.call(set)];
    this.uint32(values.length);
    for (let i = 0; i < values.length; i++) {
      trail.keys[depth] = i;
      this.value(values[i]);
    }
    trail.depth = depth;
  }

  /** Writes a BigInt or a registered function; refuses symbols and other functions. */
  #other(value: unknown): void {
    if (typeof value === "bigint") return this.bigint(value);
    if (typeof value === "symbol") this.refuse(`${describe(value)}: symbols cannot be sent`);
    const known = this.identities.identify(value as object);
    if (known !== undefined) {
      this.byte(tags.EXPORT);
      return this.identity(value as object);
    }
    const line = registration(nameOf(value), "theFunction");
    this.refuse(
      `${describe(value)}, which is not registered: ${line} in the module that exports it; ` +
        "a closure can be called, but not sent as a value",
    );
  }
}
