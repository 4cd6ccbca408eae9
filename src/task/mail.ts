/**
 * What the host and a worker send each other beside shared memory, on a line that each
 * of them looks at by itself: posted, then counted in shared memory, then the other one
 * is woken if it sleeps. The rules are in this folder's README.
 *
 * @module
 */
import type { Package } from "./handed.ts";
import type { Numbered } from "./moves.ts";
import type { Neighbour } from "./start.ts";

/** What every thread may have: memory, or a value that was encoded once. */
export type Shareable = SharedArrayBuffer | Package;

/** How a worker holds what has this number: the count of its announcements to it. */
export type Holding = readonly [number: number, epoch: number];

/** What the host sends a worker. */
export type ToWorker =
  /** Here is what has this number; to be held until it is asked for. */
  | { readonly kind: "shared"; readonly holding: Holding; readonly object: Shareable }
  /** Here is what the worker wanted, and what else its job names that is moved. */
  | { readonly kind: "moved"; readonly wanted: number; readonly objects: readonly Numbered[] }
  /** Nothing has the number that the worker wanted, or has it any more; or why it cannot be had. */
  | { readonly kind: "none"; readonly wanted: number; readonly reason?: string }
  /** Nobody else needs these: to be let go. */
  | { readonly kind: "release"; readonly holdings: readonly Holding[] }
  /** Another worker has begun its life; a worker that blocks hears of it as well. */
  | { readonly kind: "neighbour"; readonly neighbour: Neighbour }
  /** A job of the worker's own lane is done; its result names these, which have come before this. */
  | { readonly kind: "result"; readonly reference: number; readonly numbers: readonly number[] };

/** What a worker sends the host. */
export type ToHost =
  /** Here is what jobs of mine name. */
  | { readonly kind: "shared"; readonly objects: readonly Numbered<Shareable>[] }
  /** A job is done; its result names these. */
  | {
    readonly kind: "result";
    /** Whose job: the life of a worker, or 0. */
    readonly life: number;
    /** Its slot and generation. */
    readonly reference: number;
    /** All that it names, and of that what is new. */
    readonly numbers: readonly number[];
    readonly objects: readonly Numbered<Shareable>[];
    readonly moved: readonly Numbered[];
  }
  /** I have no more of these. */
  | { readonly kind: "released"; readonly holdings: readonly Holding[] }
  /** I need what has this number. */
  | { readonly kind: "want"; readonly number: number };

/** Numbers of different threads never meet: behind each stands the life of a worker, 0 for the host. */
const LIVES = 2 ** 20;

/** Gives one thread's numbers. */
export class Numbering {
  readonly #life: number;
  #count = 0;

  /** @param life Which life of a worker; 0 for the host. */
  constructor(life: number) {
    this.#life = life % LIVES;
  }

  /** @returns A number that nothing else has. */
  next(): number {
    return ++this.#count * LIVES + this.#life;
  }
}

/** @returns The life of the thread that gave a number. */
export const originOf = (number: number): number => number % LIVES;
