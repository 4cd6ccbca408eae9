/**
 * Values for many jobs: encoded once, decoded once in each worker.
 *
 * @module
 */
import { runtime } from "../runtime/mod.ts";
import { Handed } from "../task/handed.ts";
import { Modules } from "../task/modules.ts";
import { makePackage } from "../task/packages.ts";

/**
 * Encodes a value once, for any number of calls on any number of pools. Each worker
 * decodes it once, and gives every job the same object: jobs must not change it, since
 * whichever comes next on that worker sees what they did. Workers let go of it when nobody
 * here has what this returns any more, and no job that was given it is unsettled.
 *
 * @param value The value, as it is now. SharedArrayBuffers may be in it.
 * @returns What stands for the value in a call: as an argument, or as a part of one. It is
 * nothing else: do not look into it. Primitives stand for themselves.
 * @throws {NotSerializableError} Where it cannot be sent; paths begin with `value`.
 *
 * @example
 * ```ts
 * import { closure, Pool, share } from "@multicore/multicore";
 *
 * await using pool = new Pool({ workers: 2 });
 * const prices = share(new Map(Array.from({ length: 1000 }, (_, i) => [`item ${i}`, i])));
 * const price = closure((all: Map<string, number>, name: string) => all.get(name));
 * const names = ["item 7", "item 70", "item 700"];
 * console.log(await Promise.all(names.map((name) => pool.run(price, prices, name)))); // [7, 70, 700]
 * ```
 */
export function share<T>(value: T): T {
  const isObject = typeof value === "object" && value !== null || typeof value === "function";
  if (!isObject && typeof value !== "symbol") return value;
  const context = { identities: new Modules(), natives: runtime.natives };
  return new Handed({ package: makePackage(context, value, "value") }) as T;
}
