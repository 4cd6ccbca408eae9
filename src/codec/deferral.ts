import { constructorOf, describe, messageOf } from "./describe.ts";
import { type Origin, PROPERTY } from "./path.ts";
import { Session } from "./session.ts";
import * as tags from "./tags.ts";

/** A container that was met too deep: its contents are still to be written. */
interface Deferred {
  readonly value: object;
  readonly shell: number;
  readonly origin: Origin;
}

/** Sealed values may contain deferred contents in this many levels. */
const SEALS_MAX = 16;

/**
 * Writes containers that are nested too deeply as shells, and their contents
 * behind everything else. A property of an error may be *sealed*: its deferred
 * contents come at once behind it, so that all of it can still be undone.
 */
export abstract class DeferringSession extends Session {
  /** Whether errors replace properties that cannot be sent, rather than refuse. */
  lenient = false;
  /** How deep the sealed value is in which the trail now starts. */
  base = 0;
  #deferred: Deferred[] = [];
  #seals = 0;

  /** Writes any value. */
  abstract value(value: unknown): void;

  /** Writes what goes into a shell. */
  abstract contents(value: object, shell: number): void;

  /** Forgets every value. */
  override clear(): void {
    super.clear();
    if (this.#deferred.length > 0) this.#deferred = [];
    this.base = 0;
    this.#seals = 0;
  }

  /** Writes what was deferred and the buffers; returns whether there are buffers. */
  finish(): boolean {
    if (this.#deferred.length > 0) this.#flush(0);
    if (this.buffers.count === 0) return false;
    try {
      this.buffers.write(this);
    } catch (error) {
      if (this.refusedGrowth) throw error;
      this.trail.depth = 0;
      this.refuse("a buffer in it was detached while it was encoded", error);
    }
    return true;
  }

  /** Writes a property of an error; where that is lenient, a description if need be. */
  property(key: string, read: () => unknown): void {
    const { trail } = this;
    const depth = trail.depth;
    trail.keys[depth] = key;
    trail.kinds[depth] = PROPERTY;
    trail.depth = depth + 1;
    if (this.lenient) this.#sealed(read);
    else this.value(this.reading(read));
    trail.depth = depth;
  }

  /** Reads a property to which the trail leads. */
  reading(read: () => unknown): unknown {
    try {
      return read();
    } catch (error) {
      this.failed = true;
      throw error;
    }
  }

  /** Writes a value and what it defers, or else, all of it undone, a description. */
  #sealed(read: () => unknown): void {
    const checkpoint = this.checkpoint();
    const deferred = this.#deferred.length;
    const { trail } = this;
    const { depth, origin } = trail;
    const base = this.base;
    const seals = this.#seals;
    let value: unknown;
    let known = false;
    try {
      value = read();
      known = true;
      if (typeof value !== "object" && typeof value !== "function") return this.value(value);
      this.byte(tags.SEALED);
      this.value(value);
      if (this.#deferred.length > deferred) this.#flushSealed(deferred);
    } catch (error) {
      if (this.refusedGrowth) throw error;
      this.rewind(checkpoint);
      this.#deferred.length = deferred;
      trail.depth = depth;
      trail.origin = origin;
      this.base = base;
      this.#seals = seals;
      this.string(known ? `[${describe(value)}: cannot be sent]` : `[threw ${messageOf(error)}]`);
    }
  }

  #flushSealed(from: number): void {
    const { trail } = this;
    if (++this.#seals > SEALS_MAX) this.refuse("it is nested too deeply");
    const { depth, origin } = trail;
    const keys = trail.keys.slice(0, depth);
    const kinds = trail.kinds.slice(0, depth);
    const base = this.base;
    this.base = base + depth;
    this.#flush(from);
    this.base = base;
    this.#seals--;
    for (let i = 0; i < depth; i++) {
      trail.keys[i] = keys[i];
      trail.kinds[i] = kinds[i]!;
    }
    trail.depth = depth;
    trail.origin = origin;
  }

  /** Writes the contents of the containers that were deferred, and of those deferred meanwhile. */
  #flush(from: number): void {
    const list = this.#deferred;
    for (let i = from; i < list.length; i++) {
      const { value, shell, origin } = list[i]!;
      this.trail.origin = origin;
      this.trail.depth = 0;
      this.contents(value, shell);
      (list as (Deferred | undefined)[])[i] = undefined;
    }
    list.length = from;
  }

  /** Writes an empty shell; the contents come later. */
  defer(value: object, shell: number): void {
    this.byte(tags.LATER);
    this.byte(shell);
    if (shell === tags.SHELL_INSTANCE) this.identity(constructorOf(value) as object);
    this.#deferred.push({ value, shell, origin: this.trail.save() });
  }
}
