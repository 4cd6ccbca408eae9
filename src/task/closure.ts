/**
 * Functions that travel by their source.
 *
 * @module
 */

import { show } from "../base/checks.ts";
import { isSourceless, isVariableName } from "../base/code.ts";

/** What a closure is made of. */
export interface ClosureParts {
  /** The function's source text. */
  readonly source: string;
  /** Names of the captured values. */
  readonly names: readonly string[];
  /** The captured values, in the same order. */
  readonly values: readonly unknown[];
}

const KEY = Symbol.for("multicore.closure");

const GAP = "(?:\\s|/\\*[^]*?\\*/|//[^\\n]*\\n)*";
/** How the sources of getters and setters begin; `get() {}` and `getter() {}` are methods. */
const ACCESSOR = new RegExp(`^[gs]et(?![\\p{ID_Continue}$])${GAP}(?![\\s(=/])`, "u");
/** How the sources of private methods begin. */
const PRIVATE = new RegExp(`^(?:async${GAP})?(?:\\*${GAP})?#`);

let forbidden = false;

/** From now on this thread compiles no closure. */
export function forbidClosures(): void {
  forbidden = true;
}

/**
 * Makes a task function of a function that no module exports, by its source. It
 * sees its arguments, the values named in `captured`, and globals; not the scope
 * that it was written in.
 *
 * @param fn The function; its own source must be valid by itself.
 * @param captured Values that the source names; they are sent with each call.
 * @returns A function that a pool can run, and that can be called here as well.
 * @throws {TypeError} Where the function has no source of its own (built in, or bound), or one
 * that says nothing by itself (getters, setters, private methods); or where what is captured is
 * no object, or has a name that is none of a variable.
 *
 * @example
 * ```ts
 * import { closure, Pool } from "@multicore/multicore";
 *
 * const factor = 3;
 * await using pool = new Pool({ workers: 1 });
 * console.log(await pool.run(closure((n: number) => n * factor, { factor }), 14)); // 42
 * ```
 */
// deno-lint-ignore no-explicit-any
export function closure<F extends (...args: any[]) => any>(
  fn: F,
  captured: object = {},
): F {
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot make a closure of ${show(fn)}: it is not a function`);
  }
  const text = Function.prototype.toString.call(fn);
  checkSource(text, fn.name);
  checkCaptured(captured);
  const parts: ClosureParts = {
    source: asExpression(text, fn.name),
    names: Object.keys(captured),
    values: Object.values(captured),
  };
  const local = ((...args: unknown[]) => fn(...args)) as F;
  Object.defineProperty(local, "name", { value: fn.name });
  Object.defineProperty(local, KEY, { value: parts });
  return local;
}

function checkSource(text: string, name: string): void {
  const refuse = (why: string) => {
    throw new TypeError(`Cannot make a closure of ${name || "this function"}: ${why}`);
  };
  if (isSourceless(text)) {
    refuse("it is built in or bound and has no source");
  }
  if (ACCESSOR.test(text)) {
    refuse("the source of a getter or setter is no function by itself; pass an arrow function");
  }
  if (PRIVATE.test(text)) {
    refuse(
      "the source of a private method means nothing outside its class; pass an arrow function",
    );
  }
}

function checkCaptured(captured: unknown): void {
  if (typeof captured !== "object" || captured === null || Array.isArray(captured)) {
    const what = typeof captured === "function" ? "a function" : show(captured);
    throw new TypeError(
      `Cannot capture ${what}: pass an object of values under the names that the function's ` +
        "source has for them, such as { factor }",
    );
  }
  for (const name of Object.keys(captured)) {
    if (isVariableName(name)) continue;
    throw new TypeError(
      `Cannot capture ${JSON.stringify(name)}: it is no name of a variable; ` +
        "capture the value under one, and use that in the function",
    );
  }
}

/** @returns What a function that {@linkcode closure} made consists of; `undefined` for any other. */
export function closureParts(fn: object): ClosureParts | undefined {
  return (fn as { [KEY]?: ClosureParts })[KEY];
}

/** @returns A closure's arguments with its captured values, if any, which travel behind them. */
export function withCaptured(fn: object, args: readonly unknown[]): readonly unknown[] {
  const { names, values } = closureParts(fn)!;
  if (names.length === 0) return args;
  return [...args, Object.fromEntries(names.map((name, i) => [name, values[i]]))];
}

/**
 * Makes what makes a closure's function of its captured values. It runs code from a
 * string: where the host forbids that, it throws the host's error.
 *
 * @returns A function of the captured values, in the order of their names.
 */
export function closureFactory(
  source: string,
  names: readonly string[],
): (...values: unknown[]) => (...args: unknown[]) => unknown {
  if (forbidden) throw new EvalError("Cannot compile a closure: this thread's pool takes none");
  return new Function(...names, `"use strict"; return (${source});`) as ReturnType<
    typeof closureFactory
  >;
}

/**
 * Makes the function of a closure; see {@linkcode closureFactory}.
 *
 * @returns A function of the closure's arguments and, behind them, its captured values, if any.
 */
export function compileClosure(
  source: string,
  names: readonly string[],
): (...args: unknown[]) => unknown {
  const make = closureFactory(source, names);
  if (names.length === 0) return madeFunction(make(), source);
  const call = (...args: unknown[]) => {
    const captured = args.pop() as Record<string, unknown>;
    return madeFunction(make(...names.map((name) => captured[name])), source)(...args);
  };
  // Whoever runs it is to know that it is asynchronous.
  return make() instanceof AsyncFunction ? async (...args) => await call(...args) : call;
}

/**
 * @param made What a closure's source has given.
 * @param source The source.
 * @returns The same.
 * @throws {TypeError} Where it is no function: a method's name may be another one where its source
 * is evaluated by itself.
 */
export function madeFunction<F>(made: F, source: string): F {
  if (typeof made === "function") return made;
  throw new TypeError(
    `Cannot run closure ${JSON.stringify(source.slice(0, 40))}: its source is no function by ` +
      "itself; pass an arrow function",
  );
}

const AsyncFunction = (async () => {}).constructor;

/** A method's source, `name() {}`, is no expression by itself: it becomes one inside an object. */
function asExpression(text: string, name: string): string {
  const isExpression =
    /^(async\s*)?(function\b|class\b|\(|[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*\s*=>)/u
      .test(text);
  return isExpression ? text : `({${text}})[${JSON.stringify(name)}]`;
}
