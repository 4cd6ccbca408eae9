/**
 * Where a value is, as a reader of the code would write it.
 *
 * @module
 */
import { isIdentifier } from "../base/code.ts";

/** A step by a property's name, or an index. */
export const PROPERTY = 0;
/** A step to the value behind a Map's key. */
export const MAP_VALUE = 1;
/** A step to a Map's key, by its place. */
export const MAP_KEY = 2;
/** A step to a Set's entry, by its place. */
export const SET_ENTRY = 3;

/** Paths with more steps than twice this many are shortened in the middle. */
const SHOWN = 32;

/** One value's way from the root: keys, and what each of them is. */
export class Trail {
  /** What the way starts at: `args`, `result` or `error`. */
  root = "";
  /** How many steps are taken. */
  depth = 0;
  /** The keys; what is behind `depth` is left over from before. */
  readonly keys: unknown[] = [];
  /** What the keys are. */
  readonly kinds: number[] = [];
  /** The way to where this one starts, where it does not start at the root. */
  origin: Origin | undefined = undefined;

  /** Starts anew. */
  begin(root: string): void {
    this.root = root;
    this.depth = 0;
    this.origin = undefined;
  }

  /** Forgets the keys, so that nothing is kept alive from here. */
  clear(): void {
    const { keys } = this;
    for (let i = 0; i < keys.length && keys[i] !== undefined; i++) keys[i] = undefined;
    this.origin = undefined;
  }

  /** Keeps the way so far, for something that is encoded later. */
  save(): Origin {
    return {
      before: this.origin,
      keys: this.keys.slice(0, this.depth),
      kinds: this.kinds.slice(0, this.depth),
    };
  }

  /** @returns The way in the language's own notation, for instance `args[0].user`. */
  toString(): string {
    const steps: string[] = [];
    let keys = this.keys.slice(0, this.depth);
    let kinds = this.kinds.slice(0, this.depth);
    for (let origin = this.origin;; origin = origin.before) {
      for (let i = keys.length - 1; i >= 0; i--) steps.push(step(keys[i], kinds[i]));
      if (origin === undefined) break;
      ({ keys, kinds } = origin);
    }
    steps.reverse();
    if (steps.length <= 2 * SHOWN) return this.root + steps.join("");
    const left = steps.slice(0, SHOWN).join("");
    const right = steps.slice(-SHOWN).join("");
    return `${this.root}${left}…(${steps.length - 2 * SHOWN} more)…${right}`;
  }
}

/** The way to something that is encoded later. */
export interface Origin {
  /** The way to where this one starts. */
  readonly before: Origin | undefined;
  /** The keys from there. */
  readonly keys: unknown[];
  /** What the keys are. */
  readonly kinds: number[];
}

function step(key: unknown, kind: number): string {
  if (kind === MAP_VALUE) return `.get(${quote(key)})`;
  if (kind === MAP_KEY) return `.keys()[${String(key)}]`;
  if (kind === SET_ENTRY) return `.values()[${String(key)}]`;
  if (typeof key === "number") return `[${key}]`;
  const name = String(key);
  return isIdentifier(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function quote(key: unknown): string {
  if (typeof key === "string") return JSON.stringify(key);
  if (typeof key === "bigint") return `${key}n`;
  if (typeof key === "function") return "function";
  return typeof key === "object" && key !== null ? "object" : String(key);
}
