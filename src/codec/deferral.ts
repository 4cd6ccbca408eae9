import { NotSerializableError } from "../base/errors.ts";
import { constructorOf, describe, describeBriefly, messageOf } from "./describe.ts";
import { type Origin, PROPERTY } from "./path.ts";
import { type Checkpoint, Session } from "./session.ts";
import * as tags from "./tags.ts";

/** A container that was met too deep: its contents are still to be written. */
interface Deferred {
  readonly value: object;
  readonly shell: number;
  readonly origin: Origin;
}

/** Properties of errors that are cut, rather than described, where they are too large. */
const CUT = new Set(["message", "stack", "name"]);
/** How many of their characters stay. */
const CUT_TO = 500;

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
  /** Where that is so, the most bytes of a property; those with buffers are too large if it is finite. */
  most = Infinity;
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
    if (this.lenient) this.#sealed(key, read);
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
  #sealed(key: string, read: () => unknown): void {
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
      if (typeof value !== "object" && typeof value !== "function") this.value(value);
      else {
        this.byte(tags.SEALED);
        this.value(value);
        if (this.#deferred.length > deferred) this.#flushSealed(deferred);
      }
      if (this.most !== Infinity) this.#checkSize(checkpoint);
    } catch (error) {
      const tooLarge = this.refusedGrowth;
      // Else it is what stands before it that takes too much.
      if (tooLarge && this.asked - checkpoint.used <= this.most) throw error;
      this.refusedGrowth = false;
      // While the trail still leads there; of a property that is read and not too large.
      const refusal = known && !tooLarge ? this.explain(error) : undefined;
      this.rewind(checkpoint);
      this.#deferred.length = deferred;
      trail.depth = depth;
      trail.origin = origin;
      this.base = base;
      this.#seals = seals;
      if (tooLarge) this.string(this.#inBrief(key, value));
      else if (known) this.string(this.#unsendable(value, refusal));
      else this.string(this.brief(`[threw ${messageOf(error)}]`));
    }
  }

  /** What is sent of a property, to which the trail leads, that cannot be sent itself. */
  #unsendable(value: unknown, refusal: unknown): string {
    const what = `${describe(value)}: cannot be sent`;
    const path = refusal instanceof NotSerializableError ? refusal.path : "";
    const isInside = path !== "" && path !== this.trail.toString();
    const text = isInside ? `[${what}, because of ${path}]` : `[${what}]`;
    return text.length <= this.most ? text : this.brief(`[${what}]`);
  }

  /** Throws, as where there is no more room, if more was written since than a property may have. */
  #checkSize({ used, buffers }: Checkpoint): void {
    const end = this.position - this.start;
    if (end - used <= this.most && this.buffers.count === buffers) return;
    this.refusedGrowth = true;
    this.asked = Infinity;
    throw new RangeError("Cannot encode a property: it is too large");
  }

  /** What is sent of a property that is too large. */
  #inBrief(key: string, value: unknown): string {
    if (typeof value === "string" && CUT.has(key)) return cut(value);
    return `[${describeBriefly(value)}: too large to be sent]`;
  }

  /** Text of an error's that is no property: cut where properties may not be large. */
  brief(text: string): string {
    return text.length > this.most ? cut(text) : text;
  }

  #flushSealed(from: number): void {
    const { trail } = this;
    if (++this.#seals > SEALS_MAX) this.refuse("it is nested too deeply");
    const { depth, origin } = trail;
    const keys = trail.keys.slice(0, depth);
    const kinds = trail.kinds.slice(0, depth);
    const base = this.base;
    this.base = base + depth;
    try {
      this.#flush(from);
    } catch (error) {
      // While the trail still leads there.
      throw this.explain(error);
    } finally {
      for (let i = 0; i < depth; i++) {
        trail.keys[i] = keys[i];
        trail.kinds[i] = kinds[i]!;
      }
    }
    this.base = base;
    this.#seals--;
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

function cut(text: string): string {
  if (text.length <= CUT_TO) return text;
  return `${text.slice(0, CUT_TO)}… [${CUT_TO} of ${text.length} characters]`;
}
