/**
 * Moving instead of copying.
 *
 * @module
 */
import { show } from "../base/checks.ts";
import { Handed, isPort } from "./handed.ts";

/** What can be moved: an ArrayBuffer, or a MessagePort of whichever kind the runtime has. */
export type Movable =
  | ArrayBufferLike
  | { postMessage(message: unknown): void; start(): void; close(): void };

/**
 * Hands a value over with some buffers and ports in it moved instead of copied: this
 * thread cannot use them any more once the call was accepted, or the result sent. Buffers
 * that a copy brings over faster than a move are copied, and given up all the same.
 *
 * @param value An argument, a part of one, or what a task function returns.
 * @param list The ArrayBuffers and MessagePorts in it that are to be moved.
 * @returns What stands for the value in a call or as a result. It is nothing else: do not look
 * into it.
 * @throws {TypeError} Where something in the list cannot be moved, or is in it twice.
 *
 * @example
 * ```ts
 * import { closure, Pool, transfer } from "@multicore/multicore";
 *
 * await using pool = new Pool({ workers: 1 });
 * const last = closure((bytes: Uint8Array) => bytes.at(-1));
 * const bytes = new Uint8Array(2 ** 24).fill(7);
 * console.log(await pool.run(last, transfer(bytes, [bytes.buffer]))); // 7
 * console.log(bytes.length); // 0
 * ```
 */
export function transfer<T>(value: T, list: readonly Movable[]): T {
  if (!Array.isArray(list)) {
    throw new TypeError(`Cannot transfer ${show(list)}: pass an array of what is to be moved`);
  }
  const seen = new Set<unknown>();
  for (let i = 0; i < list.length; i++) {
    const item: unknown = list[i];
    const reason = seen.has(item) ? "it is in the list twice" : whyNot(item);
    if (reason !== undefined) throw new TypeError(`Cannot transfer list[${i}]: ${reason}`);
    seen.add(item);
  }
  return new Handed({ value, list: [...list] }) as T;
}

function whyNot(item: unknown): string | undefined {
  if (isPort(item)) return undefined;
  if (item instanceof ArrayBuffer) {
    return isDetached(item) ? "it is a buffer that was moved already" : undefined;
  }
  if (item instanceof SharedArrayBuffer) {
    return "it is a SharedArrayBuffer, which all threads have together; pass it as it is";
  }
  if (ArrayBuffer.isView(item)) return "it is a view; list its buffer";
  return `${show(item)} is neither an ArrayBuffer nor a MessagePort`;
}

function isDetached(buffer: ArrayBuffer): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    // Nothing can be made of what was moved away.
    return true;
  }
}
