/**
 * Figures as people read them.
 *
 * @module
 */
import type { Row } from "../harness/results.ts";
import type { Summary } from "../harness/statistics.ts";

/** @returns A number with three digits that mean something. */
export function digits(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en");
  if (size >= 10) return value.toFixed(1);
  if (size >= 0.1) return value.toFixed(2);
  return value.toPrecision(2).includes("e") ? value.toExponential(0) : value.toPrecision(2);
}

/** @returns The median with half the distance of the quartiles. */
export function withSpread({ median, q1, q3 }: Summary): string {
  return `${digits(median)} ±${digits((q3 - q1) / 2)}`;
}

/**
 * @returns How often a contender's figure is ours: in the same turn, where they took
 * turns, otherwise by the medians. `undefined` where ours is nothing to divide by.
 */
export function ratioOf(row: Row, name: string, ours: string): Summary | undefined {
  const paired = row.ratios?.[name];
  if (paired !== undefined) return paired;
  const base = row.figures[ours]?.median;
  const figure = row.figures[name];
  if (figure === undefined || base === undefined || !(base > 0)) return undefined;
  return {
    median: figure.median / base,
    q1: figure.q1 / base,
    q3: figure.q3 / base,
    min: figure.min / base,
    max: figure.max / base,
    samples: figure.samples,
  };
}
