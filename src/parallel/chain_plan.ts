/**
 * How the stages of a parallel iterator are divided among workers and host.
 *
 * Workers run all stages over ranges of items, each for itself. What depends on how
 * many values have passed before, in all ranges together, they can do only while that
 * is known: up to the first `filter` or `flatMap` it is the item's place. Behind that,
 * `take` and `drop` are left to the host, which sees the outputs in order; and whatever
 * follows, or looks at its index, begins a segment of its own, whose items are the
 * outputs of the one before.
 *
 * @module
 */
import {
  COLLECT,
  COUNT,
  DROP,
  FILTER,
  FLAT_MAP,
  MAP,
  type SentChain,
  type SentSink,
  type SentStage,
} from "../kernels/mod.ts";
import { mayUse } from "./parameters.ts";
import { sentFunction } from "./task_function.ts";

/** A stage as the user named it. */
export type Stage =
  | { readonly kind: "map" | "filter" | "flatMap"; readonly fn: object }
  | Bound;

/** A stage that counts. */
export interface Bound {
  readonly kind: "take" | "drop";
  readonly count: number;
}

/** What ends a chain. */
export interface Ending {
  readonly sink: SentSink;
  /** Whether it looks at the index of values. */
  readonly usesIndex: boolean;
  /** Whether it can be divided from the counting stages before it: it has a function to run. */
  readonly runs: boolean;
}

/** What workers do with the items of an input, and the host with the outputs. */
export interface Segment {
  readonly chain: SentChain;
  /** Items that need not even be looked at. */
  readonly skip: number;
  /** Items from there on that are needed at most. */
  readonly most: number;
  /** What the host does with the outputs, in order. */
  readonly bounds: readonly Bound[];
}

const CODES = { map: MAP, filter: FILTER, flatMap: FLAT_MAP } as const;

/** A segment in the making. */
class Draft {
  readonly stages: SentStage[] = [];
  /** Counting stages whose work is done by choosing the items. */
  readonly early: Bound[] = [];
  /** Counting stages that the host sees to. */
  readonly late: Bound[] = [];
  skip = 0;
  /** Whether it is known how many values have come to the next stage before. */
  #isExact = true;

  /** Whether a stage can follow in the same segment. */
  fits(usesIndex: boolean, runs: boolean): boolean {
    return (this.late.length === 0 || !runs) && (this.#isExact || !usesIndex);
  }

  add(stage: Stage): void {
    if ("fn" in stage) {
      this.stages.push([CODES[stage.kind], sentFunction(stage.fn)]);
      if (stage.kind !== "map") this.#isExact = false;
    } else if (!this.#isExact) this.late.push(stage);
    else {
      this.early.push(stage);
      if (stage.kind === "take") return;
      if (this.stages.length === 0) this.skip += stage.count;
      else this.stages.push([DROP, stage.count]);
    }
  }

  finish(sink: (most: number) => SentSink): Segment {
    const needed = neededFor(this.late);
    // Of items that are all left out none is looked at.
    const none = needed === 0 || this.skip === Infinity;
    const most = none ? 0 : Math.max(0, neededFor(this.early) - this.skip);
    return { chain: [this.stages, sink(needed)], skip: this.skip, most, bounds: this.late };
  }
}

/**
 * @param stages All stages.
 * @param ending What ends them.
 * @returns The segments, in order. Only the last one ends in what was asked for.
 */
export function planOf(stages: readonly Stage[], ending: Ending): Segment[] {
  const drafts: Draft[] = [];
  let draft = new Draft();
  const makeFit = (usesIndex: boolean, runs: boolean) => {
    if (draft.fits(usesIndex, runs)) return;
    drafts.push(draft);
    draft = new Draft();
  };
  for (const stage of stages) {
    if ("fn" in stage) makeFit(mayUse(stage.fn, 1), true);
    draft.add(stage);
  }
  makeFit(ending.usesIndex, ending.runs);
  const [kind] = ending.sink;
  const last = draft.finish((most) =>
    kind === COLLECT || kind === COUNT ? [kind, most] : ending.sink
  );
  const segments = [last];
  // What a segment takes is all that the one before has to give.
  for (const before of drafts.toReversed()) {
    const { skip, most } = segments[0]!;
    if (most !== Infinity) before.late.push({ kind: "take", count: skip + most });
    segments.unshift(before.finish((most) => [COLLECT, most]));
  }
  return segments;
}

/** @returns How many values these stages need at most, to give all that they will ever give. */
function neededFor(bounds: readonly Bound[]): number {
  let needed = Infinity;
  for (const { kind, count } of bounds.toReversed()) {
    if (kind === "take") needed = Math.min(needed, count);
    else if (needed > 0) needed += count;
  }
  return needed;
}

/** Counting stages over outputs that come in order. */
export class Bounds {
  readonly #bounds: { readonly kind: Bound["kind"]; left: number }[];

  /** @param bounds The stages. */
  constructor(bounds: readonly Bound[]) {
    this.#bounds = bounds.map(({ kind, count }) => ({ kind, left: count }));
  }

  /** Whether nothing can pass any more. */
  get full(): boolean {
    return this.#bounds.some(({ kind, left }) => kind === "take" && left === 0);
  }

  /**
   * @param length How many values have come.
   * @returns Which of them pass: from the first place to before the second.
   */
  pass(length: number): [from: number, to: number] {
    let from = 0;
    let to = length;
    for (const bound of this.#bounds) {
      const count = Math.min(bound.left, to - from);
      bound.left -= count;
      if (bound.kind === "drop") from += count;
      else to = from + count;
    }
    return [from, to];
  }
}
