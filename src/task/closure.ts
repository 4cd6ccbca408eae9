/**
 * Functions that travel by their source.
 *
 * @module
 */

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
 * @throws {TypeError} Where the function has no source of its own (built in, or bound).
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
    throw new TypeError(`Cannot make a closure of ${String(fn)}: it is not a function`);
  }
  const text = Function.prototype.toString.call(fn);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(text)) {
    throw new TypeError(
      `Cannot make a closure of ${
        fn.name || "this function"
      }: it is built in or bound and has no source`,
    );
  }
  for (const name of Object.keys(captured)) {
    if (/^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u.test(name)) continue;
    throw new TypeError(`Cannot capture ${JSON.stringify(name)}: it is no name of a variable`);
  }
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
  if (names.length === 0) return make();
  const call = (...args: unknown[]) => {
    const captured = args.pop() as Record<string, unknown>;
    return make(...names.map((name) => captured[name]))(...args);
  };
  // Whoever runs it is to know that it is asynchronous.
  return make() instanceof AsyncFunction ? async (...args) => await call(...args) : call;
}

const AsyncFunction = (async () => {}).constructor;

/** A method's source, `name() {}`, is no expression by itself: it becomes one inside an object. */
function asExpression(text: string, name: string): string {
  const isExpression =
    /^(async\s*)?(function\b|class\b|\(|[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*\s*=>)/u
      .test(text);
  return isExpression ? text : `({${text}})[${JSON.stringify(name)}]`;
}
