/**
 * What the benchmarks write down.
 *
 * @module
 */
import type { Summary } from "./statistics.ts";

/** One row of a table. */
export interface Row {
  /** Which family it belongs to, such as `calls`. */
  readonly family: string;
  /** Name within the family, which stays the same from run to run. */
  readonly id: string;
  /** What the table shows. */
  readonly title: string;
  /** What is measured: `µs` a call, `ms` and so on. */
  readonly unit: string;
  /** Whether more is better, as with a speed-up. */
  readonly moreIsBetter?: boolean;
  /** By contender. */
  readonly figures: Record<string, Summary>;
  /** Each one's figure by ours in the same turn; what is measured alone has none. */
  readonly ratios?: Record<string, Summary>;
  /** Why a contender has no figure. */
  readonly failures?: Record<string, string>;
}

/** Whether a contender runs in a runtime, and which one it is. */
export interface Presence {
  readonly version?: string;
  readonly settings?: string;
  /** Why it does not run here. */
  readonly reason?: string;
}

/** Everything measured in one runtime. */
export interface Results {
  readonly runtime: string;
  readonly version: string;
  readonly date: string;
  readonly revision: string;
  /** Whether it was a quick run, whose figures are rough. */
  readonly quick: boolean;
  readonly seconds: number;
  readonly machine: {
    readonly processor: string;
    readonly processors: number;
    readonly memory: number;
    readonly system: string;
    /** Load average before and after: other work on the machine spoils the figures. */
    readonly load: readonly [before: number, after: number];
  };
  readonly contenders: Record<string, Presence>;
  readonly rows: readonly Row[];
}
