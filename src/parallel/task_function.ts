/**
 * Users' functions as arguments of the library's own.
 *
 * @module
 */
import { MulticoreError } from "../base/errors.ts";
import type { Engine } from "../dispatch/engine.ts";
import type { SentFunction } from "../kernels/mod.ts";
import { closureParts } from "../task/closure.ts";
import { identify, refusedClosure, unregistered } from "../task/registry.ts";

/** What errors of the engine call the library's own functions. */
const OWN_NAME = /\w+ of multicore:kernels/;

/**
 * @param fn A user's function that was sent.
 * @returns How errors name it.
 */
export function nameOfSent(fn: SentFunction): string {
  if (typeof fn !== "function") return `closure ${JSON.stringify(fn.source.slice(0, 40))}`;
  const { module, name } = identify(fn)!;
  return `${name} of ${module}`;
}

/**
 * Lets an error of the engine name what the user has asked for, instead of the
 * library's own function that does it.
 *
 * @param error What a job has failed with, which may be anything.
 * @param name What is to be named.
 */
export function renameIn(error: unknown, name: string): void {
  if (!(error instanceof MulticoreError) || !OWN_NAME.test(error.message)) return;
  const { message, stack } = error;
  error.message = message.replace(OWN_NAME, () => name);
  if (stack !== undefined) error.stack = stack.replace(message, () => error.message);
}

/**
 * @param fn A registered function, one of a `remote` module, or a closure.
 * @returns What to send of it.
 * @throws {UnregisteredFunctionError | TypeError} Where it is none of these.
 */
export function sentFunction(fn: unknown): SentFunction {
  if (typeof fn !== "function") throw unregistered(fn);
  const parts = closureParts(fn);
  if (parts !== undefined) return parts;
  if (identify(fn) === undefined) throw unregistered(fn);
  return fn as SentFunction;
}

/**
 * @param engine What is to run it.
 * @param fn As for {@linkcode sentFunction}.
 * @returns What to send of it.
 * @throws {UnregisteredFunctionError | TypeError} Also where it is a closure and the engine takes none.
 */
export function sentTo(engine: Engine, fn: unknown): SentFunction {
  const sent = sentFunction(fn);
  if (typeof sent !== "function" && !engine.takesClosures) {
    throw refusedClosure((fn as { readonly name: string }).name, sent.source);
  }
  return sent;
}
