/**
 * What the demo prints.
 *
 * @module
 */
import process from "node:process";

/** Prints a line. */
export function print(line: string): void {
  console.log(line);
}

/** Prints what is wrong; the demo counts as failed. */
export function fail(line: string): void {
  console.error(line);
  process.exitCode = 1;
}

/** Prints that the sequential and the parallel way came to the same, or what differs. */
export function printAgreement(what: string, difference: string | undefined): void {
  if (difference === undefined) print(`   Both agree: ${what}`);
  else fail(`   They DIFFER in ${difference} (unless that has changed meanwhile)`);
}

/** Prints two times and their ratio; `state` says in which state the threads were. */
export function printTimes(sequential: number, parallel: number, calls: number, state = ""): void {
  print(
    `   Sequential ${ms(sequential)}, parallel ${ms(parallel)} in ${count(calls)} calls: ` +
      `${(sequential / parallel).toFixed(2)} times as fast${state && `, ${state}`}`,
  );
}

/** @returns The runtime and its version. */
export function runtimeName(): string {
  const { deno, bun, node } = process.versions;
  return deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`;
}

/** @returns Milliseconds as text. */
export const ms = (time: number): string => `${time.toFixed(time < 10 ? 1 : 0)} ms`;

/** @returns Milliseconds as microseconds in text. */
export const us = (time: number): string => `${(1000 * time).toFixed(2)} µs`;

/** @returns A whole number as text, its thousands apart. */
export const count = (n: number): string => n.toLocaleString("en");

/** @returns The middle one of some numbers. */
export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
}
