/**
 * The error classes that both sides have, by number.
 *
 * @module
 */
import * as ours from "../base/errors.ts";
import { isNative, nameOf } from "./describe.ts";

type ErrorClass = abstract new (...args: never[]) => Error;

const globals = globalThis as unknown as Record<string, ErrorClass | undefined>;

// The order is part of the format.
const classes: readonly (ErrorClass | undefined)[] = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  AggregateError,
  globals.SuppressedError,
  globals.DOMException,
  ours.MulticoreError,
  ours.TaskCompleteError,
  ours.TimeoutExceededError,
  ours.QueueFullError,
  ours.PayloadTooLargeError,
  ours.TaskNotFoundError,
  ours.UnregisteredFunctionError,
  ours.NotSerializableError,
  ours.WorkerCrashedError,
  ours.PoolClosedError,
];

const kinds: ReadonlyMap<unknown, number> = new Map(
  classes.map((type, kind) => [type, kind] as const).filter(([type]) => type !== undefined),
);

const builtIn: ReadonlyMap<string, number> = new Map(
  [
    "Error",
    "EvalError",
    "RangeError",
    "ReferenceError",
    "SyntaxError",
    "TypeError",
    "URIError",
    "AggregateError",
    "SuppressedError",
    "DOMException",
  ].map((name, kind) => [name, kind]),
);

/** The number of `Error`. */
export const KIND_ERROR = 0;
/** The number of `DOMException`, which is built by its constructor only. */
export const KIND_DOM_EXCEPTION = 9;

/**
 * @param type A constructor, perhaps of another realm.
 * @returns Its number, or -1 where it is not one of those that both sides have.
 */
export function errorKind(type: unknown): number {
  const kind = kinds.get(type);
  if (kind !== undefined) return kind;
  const name = nameOf(type);
  if (!builtIn.has(name) || !isNative(type)) return -1;
  return builtIn.get(name)!;
}

/**
 * @param kind A number that {@linkcode errorKind} gave, here or elsewhere.
 * @returns The class; `Error` where this runtime lacks it.
 */
export function errorClass(kind: number): ErrorClass {
  return classes[kind] ?? Error;
}
