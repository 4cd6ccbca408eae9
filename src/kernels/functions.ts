/**
 * Functions of users inside the jobs of the library's own functions.
 *
 * @module
 */
import { jsonOfStrings } from "../base/json.ts";
import { closureFactory, type ClosureParts, madeFunction } from "../task/closure.ts";

/** A user's function as a chunk carries it: registered, or a closure's parts. */
export type SentFunction = AnyFunction | ClosureParts;

/** Any function. */
export type AnyFunction = (...args: unknown[]) => unknown;

/** Most closures that are kept compiled. */
const MOST = 256;

const factories = new Map<string, (...values: unknown[]) => AnyFunction>();

/** @returns What calls a function that came with a chunk. */
export function callable(sent: SentFunction): AnyFunction {
  if (typeof sent === "function") return sent;
  const { source, names, values } = sent;
  const key = jsonOfStrings([source, ...names]);
  let make = factories.get(key);
  if (make === undefined) {
    make = closureFactory(source, names);
    if (factories.size === MOST) factories.delete(factories.keys().next().value!);
    factories.set(key, make);
  }
  return madeFunction(make(...values), source);
}
