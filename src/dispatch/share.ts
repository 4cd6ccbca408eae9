/**
 * Values for many jobs: encoded once, decoded once in each worker.
 *
 * @module
 */
import type { HandleNumbers } from "../codec/mod.ts";
import { runtime } from "../runtime/mod.ts";
import { Handed, handingOf, isPort } from "../task/handed.ts";
import { Modules } from "../task/modules.ts";
import { Outbox } from "../task/outbox.ts";

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
  const buffers: SharedArrayBuffer[] = [];
  const context = { identities: new Modules(), text: runtime.text };
  const outbox = new Outbox(undefined, undefined, context, undefined, numbersOf(buffers));
  outbox.toScratch().value("structured", value, "value");
  const encoded = outbox.bytes!;
  const bytes = new SharedArrayBuffer(encoded.length);
  new Uint8Array(bytes).set(encoded);
  return new Handed({ package: { bytes, handles: buffers } }) as T;
}

/** Numbers the only things that may be in a package and are no bytes. */
function numbersOf(buffers: SharedArrayBuffer[]): HandleNumbers {
  return {
    takesBuffers: false,
    travelOf(value) {
      if (value instanceof SharedArrayBuffer) {
        const index = buffers.indexOf(value);
        return index >= 0 ? index : buffers.push(value) - 1;
      }
      if (isPort(value)) return "a MessagePort can be moved to one job only, not shared by many";
      const handing = handingOf(value);
      if (handing === undefined) return undefined;
      if ("package" in handing) {
        return "it was shared by itself already; pass it to the call beside this";
      }
      return "what is moved can be moved to one job only, not shared by many";
    },
  };
}
