/**
 * How a task function is called.
 *
 * @module
 */
import type { TaskFunction } from "./served_lane.ts";

/** @returns The trace behind a job's arguments: the format "bytes" has bytes alone. */
export function traceIn(value: unknown): string {
  return typeof value === "string" ? value : new TextDecoder().decode(value as Uint8Array);
}

/** Its name stands in stacks: what is below it is another job's, or the library's (`parallel/trace.ts`). */
export function callTaskFunction(fn: TaskFunction, args: unknown[]): unknown {
  // No tail call: engines that have them leave out the frame.
  let value: unknown;
  switch (args.length) {
    case 0:
      value = fn();
      break;
    case 1:
      value = fn(args[0]);
      break;
    case 2:
      value = fn(args[0], args[1]);
      break;
    default:
      value = fn(...args);
  }
  return value;
}
