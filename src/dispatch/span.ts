/**
 * Where in a backlog the jobs of one settler are, by the numbers that jobs have there.
 * So nobody has to look at all that wait, who may be a million, to find the few of
 * a settler that gives up, of which there may be as many.
 *
 * @module
 */

import type { Settler } from "./engine.ts";

/** A settler that lets it be known where its jobs are, since all of them may be given up together. */
export interface GroupSettler extends Settler {
  /** Kept by the backlog. */
  readonly span: Span;
}

/** @returns Where to look for a settler's jobs; `undefined` where that is not known. */
export function spanOf(settler: Settler): Span | undefined {
  return (settler as Partial<GroupSettler>).span;
}

/** So many consecutive numbers are told apart from the next ones. */
const STRETCH = 1024;

/** A set of stretches of a backlog. */
export class Span {
  /** Which ones, in ascending order. */
  readonly #stretches: number[] = [];

  /** Makes it large enough for a job to be in it; as a rule a later one than all before. */
  include(number: number): void {
    const stretches = this.#stretches;
    const stretch = Math.floor(number / STRETCH);
    const last = stretches.length - 1;
    if (last < 0 || stretches[last]! < stretch) return void stretches.push(stretch);
    if (stretches[last] === stretch) return;
    const at = this.#from(stretch);
    if (stretches[at] !== stretch) stretches.splice(at, 0, stretch);
  }

  /** Whether any job from one number on and before another may be in it. */
  meets(from: number, before: number): boolean {
    const next = this.#stretches[this.#from(Math.floor(from / STRETCH))];
    return next !== undefined && next * STRETCH < before;
  }

  /** @returns The place of the first stretch that is not before one. */
  #from(stretch: number): number {
    let low = 0;
    let high = this.#stretches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#stretches[middle]! < stretch) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
