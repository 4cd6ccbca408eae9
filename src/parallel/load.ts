/**
 * The load guard: whether going parallel is worth it just now.
 *
 * @module
 */
import type { Engine } from "../dispatch/engine.ts";
import { runtime } from "../runtime/mod.ts";
import { LoadMeter } from "../scheduling/load.ts";
import { currentEngine } from "./current.ts";

const meter = new LoadMeter(runtime, () => currentEngine()?.busy ?? 0);

/**
 * The one-minute load average that the guard reads: the system's, or, where there
 * is none to be had (Windows, browsers, Deno without `--allow-sys=loadavg`), an
 * estimate from the processor time of this process alone.
 *
 * @returns How many processors were wanted on average over the last minute.
 *
 * @example
 * ```ts
 * import { loadAverage } from "@multicore/multicore";
 *
 * console.log(loadAverage() >= 0); // true
 * ```
 */
export function loadAverage(): number {
  return meter.read();
}

/** @returns Whether the load is at most `maxLoadAverage` for each of an engine's workers. */
export function isWorthIt(maxLoadAverage: number | undefined, engine: Engine): boolean {
  return maxLoadAverage === undefined || loadAverage() <= maxLoadAverage * engine.size;
}
