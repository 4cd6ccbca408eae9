/**
 * What the soak's jobs do.
 *
 * @module
 */
import process from "node:process";
import { currentJob, register, Task } from "../../mod.ts";
import { collect } from "../support/footprint.ts";

/** A payload that shows where it belongs: wrong bytes, or another job's, are seen. */
export interface Canary {
  readonly name: number;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly map: ReadonlyMap<number, Date>;
}

/** @returns The payload of a name, of some length. */
export function canary(name: number, length: number): Canary {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 509) bytes[i] = (name + i) & 255;
  const text = `canary ${name} ${"é".repeat(name % 40)}`;
  return { name, bytes, text, map: new Map([[name, new Date(name)]]) };
}

/** @returns What is wrong with a payload; `undefined` where nothing is. */
export function fault(given: Canary, name: number, length: number): string | undefined {
  if (given.name !== name) return `it is that of ${given.name}, not of ${name}`;
  if (given.bytes.length !== length) return `it has ${given.bytes.length} bytes, not ${length}`;
  for (let i = 0; i < length; i += 509) {
    if (given.bytes[i] !== ((name + i) & 255)) return `its byte ${i} is ${given.bytes[i]}`;
  }
  if (given.text !== `canary ${name} ${"é".repeat(name % 40)}`) return `its text is ${given.text}`;
  return given.map.get(name)?.getTime() === name ? undefined : "its map is another";
}

/** Checks a payload and makes another one. */
export function relay(given: Canary, name: number, length: number, next: number): Canary {
  const wrong = fault(given, name, length);
  if (wrong !== undefined) throw new Error(`Cannot relay ${name}: ${wrong}`);
  return canary(name + 1, next);
}

export async function relayLater(
  given: Canary,
  name: number,
  length: number,
  next: number,
  delay: number,
): Promise<Canary> {
  await new Promise((resolve) => setTimeout(resolve, delay));
  return relay(given, name, length, next);
}

/** Runs until nobody waits for it any more. */
export function runUntilAborted(): never {
  const job = currentJob();
  for (;;) job.throwIfAborted();
}

export async function waitUntilAborted(): Promise<string> {
  const { signal } = currentJob();
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve());
  });
  return "aborted";
}

export const crash = (code: number): never => process.exit(code);

/** Collects the garbage of the worker. */
export const collectHere = (): void => collect();

/** Crashes on its first attempts, then gives the number of the one that did not. */
export function crashBefore(attempt: number): number {
  const job = currentJob();
  if (job.attempt < attempt) process.exit(3);
  return job.attempt;
}

/** A tree of nested jobs. */
export function treeSync(depth: number, name: number): number {
  if (depth === 0) return name;
  const task = new Task<number>();
  task.run(treeSync, depth - 1, 2 * name);
  task.run(treeSync, depth - 1, 2 * name + 1);
  return task.getSync().reduce((sum, n) => sum + n, 0);
}

export async function tree(depth: number, name: number): Promise<number> {
  if (depth === 0) return name;
  const task = new Task<number>();
  task.run(tree, depth - 1, 2 * name);
  task.run(tree, depth - 1, 2 * name + 1);
  return (await task.get()).reduce((sum, n) => sum + n, 0);
}

/** @returns What both give. */
export function treeSum(depth: number, name: number): number {
  return depth === 0 ? name : treeSum(depth - 1, 2 * name) + treeSum(depth - 1, 2 * name + 1);
}

register(import.meta.url, {
  relay,
  relayLater,
  runUntilAborted,
  waitUntilAborted,
  crash,
  crashBefore,
  tree,
  treeSync,
  collectHere,
});
