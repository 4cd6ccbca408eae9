/**
 * Values that follow a program through its promises, where the runtime keeps them:
 * `AsyncLocalStorage`, which Deno, Bun and Node have and browsers do not.
 *
 * @module
 */
import { builtin } from "./builtin.ts";

/** A value that belongs to a piece of asynchronous code. */
export interface AsyncStorage<T> {
  /** The value that belongs to the code that asks. */
  getStore(): T | undefined;
  /** Runs a function, and whatever it awaits, with a value. */
  run<R>(value: T, fn: () => R): R;
  /** Gives a value to the code that is running, and to whatever it goes on to. */
  enterWith(value: T | undefined): void;
}

const hooks = () => builtin<typeof import("node:async_hooks") | undefined>("node:async_hooks");

/** @returns A new storage; `undefined` where the runtime has none. */
export function asyncStorage<T>(): AsyncStorage<T> | undefined {
  const { AsyncLocalStorage } = hooks() ?? {};
  return AsyncLocalStorage && new AsyncLocalStorage() as AsyncStorage<T>;
}

/** @returns The function, to be called from anywhere with the caller's values of all storages. */
export function withContext<F extends (...args: never[]) => unknown>(fn: F): F {
  const { AsyncResource } = hooks() ?? {};
  return AsyncResource === undefined ? fn : AsyncResource.bind(fn as () => void) as unknown as F;
}
