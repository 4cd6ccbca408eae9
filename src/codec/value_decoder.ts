import { emptyList } from "../base/integer.ts";
import { BufferReader } from "./buffer_reader.ts";
import { readNumbers } from "./numbers.ts";
import { Reader } from "./reader.ts";
import { readSpecial, type SpecialSource } from "./special_reader.ts";
import * as tags from "./tags.ts";
import type { CodecOptions, Handles, Identities, Shapes } from "./types.ts";

/** Lists longer than this are thrown away after use rather than emptied. */
const KEEP_MAX = 256;
/** An array that claims more than this without elements gets no memory for them. */
const DENSE_MAX = 1 << 16;

/** A list of keys that came by number. */
interface Shape {
  readonly keys: readonly string[];
  /** Whether each key may simply be assigned. */
  readonly safe: boolean;
}

/** Reads structured values: the mirror image of `ValueEncoder`. */
export class ValueDecoder extends Reader implements SpecialSource {
  readonly #identities: Identities;
  readonly #shapes: Shapes | undefined;
  /** What travels beside the bytes, where something may. */
  readonly handles: Handles | undefined;
  readonly #known: (Shape | undefined)[] = [];
  readonly #buffers: BufferReader = new BufferReader();
  #met: (object | undefined)[] = [];
  #count = 0;
  #exports: unknown[] = [];
  #deferred: object[] = [];
  #depth = 0;

  /** @param options Identities, shapes, text. */
  constructor(options: Omit<CodecOptions, "grow">) {
    super(options.natives);
    this.#identities = options.identities;
    this.#shapes = options.shapes;
    this.handles = options.handles;
  }

  /** Reads the table of buffers, where there is one. */
  table(borrow: boolean): void {
    this.#buffers.begin(this, borrow);
  }

  /** Reads what was deferred, and checks that nothing is left. */
  finish(): void {
    if (this.#deferred.length > 0) this.#fill(0);
  }

  /** Forgets every value, so that nothing is kept alive from here. */
  clear(): void {
    const count = this.#count;
    if (count > KEEP_MAX) this.#met = [];
    else for (let i = 0; i < count; i++) this.#met[i] = undefined;
    this.#count = 0;
    this.#depth = 0;
    this.stretch = "";
    this.#buffers.clear();
    if (this.#exports.length > 0) this.#exports = [];
    if (this.#deferred.length > 0) this.#deferred = [];
  }

  /** Numbers an object, before its contents are read. */
  met<T extends object>(object: T): T {
    this.#met[this.#count++] = object;
    return object;
  }

  /** Reads any value. */
  value(): unknown {
    if (this.position >= this.end) this.corrupt("a value is missing");
    const tag = this.bytes[this.position++]!;
    if (tag >= tags.SMALL) return tag - tags.SMALL_ZERO;
    if (tag >= tags.SHORT) return this.latin1(tag - tags.SHORT);
    if (tag === tags.INT32) return this.int32();
    if (tag === tags.FLOAT64) return this.float64();
    if (tag === tags.OBJECT) return this.body(this.met({}));
    return this.#other(tag);
  }

  /** Reads a string with its tag. */
  text(): string {
    const tag = this.byte();
    if (tag >= tags.SHORT && tag < tags.SMALL) return this.latin1(tag - tags.SHORT);
    if (tag === tags.LATIN1) return this.latin1(this.uint32());
    if (tag === tags.UTF8) return this.utf8(this.uint32());
    if (tag === tags.UTF16) return this.utf16(this.uint32());
    return this.corrupt("a string is missing");
  }

  /** Reads the identity of a class; returns its prototype. */
  prototype(): object {
    const type = this.export();
    const prototype = typeof type === "function" ? type.prototype : undefined;
    if (typeof prototype !== "object" || prototype === null) {
      this.corrupt("what an instance belongs to is no class");
    }
    return prototype;
  }

  #other(tag: number): unknown {
    switch (tag) {
      case tags.UNDEFINED:
        return undefined;
      case tags.NULL:
        return null;
      case tags.FALSE:
        return false;
      case tags.TRUE:
        return true;
      case tags.LATIN1:
        return this.latin1(this.uint32());
      case tags.UTF8:
        return this.utf8(this.uint32());
      case tags.UTF16:
        return this.utf16(this.uint32());
      case tags.REFERENCE:
        return this.#reference();
      case tags.ARRAY: {
        const length = this.count(1);
        return this.#elements(this.met(this.#listFor(length)), length);
      }
      case tags.KEYED_ARRAY:
        return this.#keyed(this.met(emptyList()));
      case tags.NUMBERS:
        return this.met(readNumbers(this));
      case tags.MAP:
        return this.#map(this.met(new Map()));
      case tags.SET:
        return this.#set(this.met(new Set()));
      case tags.DATE:
        return this.met(new Date(this.float64()));
      case tags.BUFFER:
        return this.met(this.#buffers.buffer(this));
      case tags.VIEW:
        return this.met(this.#buffers.view(this));
      case tags.LATER:
        return this.#later();
      case tags.SEALED:
        return this.#sealed();
      default: {
        this.#enter();
        const special = readSpecial(this, tag);
        this.#depth--;
        return special;
      }
    }
  }

  #enter(): void {
    // The encoder nests no deeper: without this, damaged bytes could use up the stack.
    if (++this.#depth > tags.DEPTH_LIMIT * 2) this.corrupt("values are nested too deeply");
  }

  #reference(): object {
    const object = this.#met[this.length()];
    return object ?? this.corrupt("a reference leads nowhere");
  }

  /**
   * Reads an object body into an object. Where that is not plain, its class may have
   * setters, which must not be called: properties are defined, not assigned.
   */
  body(object: object, plain: boolean = true): object {
    this.#enter();
    const start = this.position;
    const head = this.uint32();
    const target = object as Record<string, unknown>;
    if (head < tags.INLINE_KEYS) {
      const { keys, safe } = this.#known[head] ?? this.#learn(head);
      if (safe && plain) {
        for (let i = 0; i < keys.length; i++) target[keys[i]!] = this.value();
      } else {
        for (let i = 0; i < keys.length; i++) this.#property(target, keys[i]!);
      }
    } else {
      // By bits, not by subtraction: what goes over 2 ** 31 in JavaScriptCore gives a double, a
      // position that is one stays one, and optimized code leaves off where it reads an integer.
      this.#inline(target, start + (head & (tags.INLINE_KEYS - 1)));
    }
    this.#depth--;
    return object;
  }

  /** Reads values and then their keys, which are at `at`. */
  #inline(target: object, at: number): void {
    const first = this.position;
    if (at < first || at > this.end) this.corrupt("the keys are missing");
    this.position = at;
    const count = this.count(1);
    const keys: string[] = [];
    for (let i = 0; i < count; i++) keys.push(this.text());
    const behind = this.position;
    this.position = first;
    for (let i = 0; i < count; i++) this.#property(target, keys[i]!);
    if (this.position !== at) this.corrupt("the values do not end at the keys");
    this.position = behind;
  }

  /** Reads a value and makes it a property, whatever the key. */
  #property(target: object, key: string): void {
    if (this.position < this.end && this.bytes[this.position] === tags.HOLE) {
      this.position++;
      return;
    }
    define(target, key, this.value());
  }

  #learn(id: number): Shape {
    let keys: readonly string[] | undefined;
    try {
      keys = this.#shapes?.keys(id);
    } catch {
      // The table refuses a number that it never gave: so do we, below.
    }
    if (keys === undefined) this.corrupt(`nothing is known of the shape ${id}`);
    const safe = keys.every((key) => key !== "__proto__");
    return this.#known[id] = { keys, safe };
  }

  /** Makes the list for the elements that begin here. Engines remember for each place what its lists held. */
  #listFor(length: number): unknown[] {
    const first = length > 0 ? this.bytes[this.position]! : tags.HOLE;
    if (first >= tags.SMALL || first === tags.INT32) return emptyList();
    if (first === tags.FLOAT64) return [];
    return [];
  }

  #elements(array: unknown[], length: number): unknown[] {
    this.#enter();
    for (let i = 0; i < length; i++) {
      if (this.bytes[this.position] === tags.HOLE && this.position < this.end) {
        this.position++;
        continue;
      }
      // Two statements, lest a whole number be a double because others are.
      const integer = this.#integer();
      if (integer !== undefined) array[i] = integer;
      else array[i] = this.value();
    }
    if (array.length !== length) array.length = length;
    this.#depth--;
    return array;
  }

  /** Reads an integer of the engine's, where one follows. */
  #integer(): number | undefined {
    if (this.position >= this.end) return undefined;
    const tag = this.bytes[this.position]!;
    if (tag >= tags.SMALL) {
      this.position++;
      return tag - tags.SMALL_ZERO;
    }
    if (tag !== tags.INT32) return undefined;
    this.position++;
    return this.int32();
  }

  /** Reads an array of which most elements are missing, or that has named properties. */
  #keyed(array: unknown[]): unknown[] {
    this.#enter();
    const length = this.length();
    if (length > 0xffffffff) this.corrupt("an array is too long");
    if (length > DENSE_MAX) {
      // An element far out makes the engine keep a table of elements, not a list.
      array[0xfffffffe] = undefined;
      delete array[0xfffffffe];
    }
    array.length = length;
    this.pairs(array, length);
    this.#depth--;
    return array;
  }

  /** Reads keys, each with its value. */
  pairs(target: object, length: number): void {
    const count = this.count(2);
    for (let i = 0; i < count; i++) {
      const key = this.text();
      if (key === "length" || (length >= 0 && isIndex(key) && Number(key) >= length)) {
        this.corrupt("an array has an element behind its end");
      }
      this.#property(target, key);
    }
  }

  #map(map: Map<unknown, unknown>): Map<unknown, unknown> {
    this.#enter();
    const count = this.uint32();
    for (let i = 0; i < count; i++) {
      const key = this.value();
      map.set(key, this.value());
    }
    this.#depth--;
    return map;
  }

  #set(set: Set<unknown>): Set<unknown> {
    this.#enter();
    const count = this.uint32();
    for (let i = 0; i < count; i++) set.add(this.value());
    this.#depth--;
    return set;
  }

  /** Reads an export: in full at first, then by number. */
  export(): unknown {
    const index = this.length();
    if (index < this.#exports.length) return this.#exports[index];
    if (index > this.#exports.length) this.corrupt("an identity is missing");
    const module = this.text();
    const name = this.text();
    const value = this.#identities.resolve(module, name);
    // Damaged bytes could name a module's own state, which #derived would change.
    if (typeof value !== "function") this.corrupt(`${name} of ${module} is no function or class`);
    this.#exports.push(value);
    return value;
  }

  /** Makes an empty container that is filled later. */
  #later(): object {
    const shell = this.byte();
    let object: object;
    if (shell === tags.SHELL_ARRAY) object = emptyList();
    else if (shell === tags.SHELL_MAP) object = new Map();
    else if (shell === tags.SHELL_SET) object = new Set();
    else if (shell === tags.SHELL_INSTANCE) object = Object.create(this.prototype());
    else if (shell === tags.SHELL_OBJECT || shell === tags.SHELL_INHERITING) object = {};
    else this.corrupt("a container of no known kind");
    this.#deferred.push(object);
    return this.met(object);
  }

  #sealed(): unknown {
    this.#enter();
    const from = this.#deferred.length;
    const value = this.value();
    if (this.#deferred.length > from) this.#fill(from);
    this.#depth--;
    return value;
  }

  #fill(from: number): void {
    const list = this.#deferred;
    for (let i = from; i < list.length; i++) {
      const object = list[i]!;
      if (Array.isArray(object)) {
        const tag = this.byte();
        if (tag === tags.ARRAY) this.#elements(object, this.count(1));
        else if (tag === tags.KEYED_ARRAY) this.#keyed(object);
        else this.corrupt("an array is missing");
      } else if (object instanceof Map) this.#map(object);
      else if (object instanceof Set) this.#set(object);
      else this.body(object, false);
    }
    list.length = from;
  }
}

function define(target: object, key: string, value: unknown): void {
  const property: PropertyDescriptor = {
    // The value comes below: where it stands here, V8 makes a double of a whole number once
    // another object from here has held a fraction.
    value: null,
    enumerable: true,
    writable: true,
    configurable: true,
  };
  property.value = value;
  Object.defineProperty(target, key, property);
}

function isIndex(key: string): boolean {
  return String(Number(key) >>> 0) === key && key !== "4294967295";
}
