/**
 * Task functions of a module that this thread never imports.
 *
 * @module
 */
import { nameRemote } from "../task/registry.ts";
import { callOn } from "./call.ts";
import { requireEngine } from "./current.ts";

/**
 * The functions that a module exports, as task functions: each gives a promise
 * of what it returns there.
 *
 * @typeParam M The module's type, `typeof import("./users.ts")`. Type parameters of generic
 * functions are lost on the way.
 */
export type Remote<M> = {
  readonly [
    // deno-lint-ignore no-explicit-any
    K in keyof M as M[K] extends (...args: any[]) => any ? K : never
  ]: M[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>>
    : never;
};

/**
 * Makes task functions of a module without importing it here: for modules whose
 * import costs much, or has effects that only workers should have, and for
 * packages whose functions nobody has registered.
 *
 * @typeParam M The module's type, `typeof import("./users.ts")`.
 * @param module Its absolute URL, or whatever else workers can import: `npm:`, `jsr:`, `https:` where
 * the runtime has them; for a package, in any runtime, `import.meta.resolve("its-name")`.
 * @returns An object whose members are the module's functions. Calling one runs it
 * on the default pool; other pools run it by `pool.run(functions.name, …)`. Whether
 * the module does export it shows when the first worker imports it.
 * @throws {TypeError} Where the module is no absolute URL.
 *
 * @example
 * ```ts
 * // greetings.ts
 * export const greet = (name: string): string => `Hello, ${name}!`;
 * ```
 *
 * @example
 * ```ts
 * import { Pool, remote } from "@multicore/multicore";
 *
 * const greetings = remote<typeof import("./greetings.ts")>(
 *   new URL("./greetings.ts", import.meta.url),
 * );
 * await using pool = new Pool({ workers: 1 });
 * console.log(await pool.run(greetings.greet, "Ada")); // Hello, Ada!
 * ```
 */
export function remote<M>(module: string | URL): Remote<M> {
  const functions = new Map<string, unknown>();
  const make = nameRemote(module);
  const get = (_target: object, name: string | symbol): unknown => {
    // Whoever shows them all, in an error, say, must run none of them.
    if (name === Symbol.toPrimitive) return () => `remote(${module})`;
    // Nothing with a method `then` may be taken for a promise.
    if (typeof name === "symbol" || name === "then") return undefined;
    let fn = functions.get(name);
    if (fn === undefined) {
      fn = make(name, (...args) => {
        try {
          return callOn(requireEngine(`run ${name}`), fn, args, undefined);
        } catch (error) {
          return Promise.reject(error);
        }
      });
      functions.set(name, fn);
    }
    return fn;
  };
  return new Proxy(Object.create(null), { get }) as Remote<M>;
}
