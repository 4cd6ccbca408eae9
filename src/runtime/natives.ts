/**
 * What Deno, Bun and Node do natively, each where that beats the language itself.
 *
 * @module
 */
import { type Natives, portableNatives } from "../base/natives.ts";
import { builtin } from "./builtin.ts";
import { keepFreedMemory } from "./freed_memory.ts";

/** What Buffer has over Uint8Array, and @types/node does not tell. */
interface TextMethods {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  ucs2Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, start: number, size: number): number;
  ucs2Write(this: Uint8Array, text: string, start: number, size: number): number;
}
const { Buffer } = builtin<Partial<typeof import("node:buffer")>>("node:buffer") ?? {};
const methods = (Buffer?.prototype ?? {}) as unknown as TextMethods;
const { latin1Slice, utf8Slice, ucs2Slice, latin1Write, ucs2Write } = methods;

const reader: Natives = {
  // What a loop appends is put together in JavaScriptCore when it is first used, which takes longer.
  fewCharacters: "Bun" in globalThis ? 1 : portableNatives.fewCharacters,
  latin1: (bytes, start, end) => latin1Slice.call(bytes, start, end),
  utf8: (bytes, start, end) => utf8Slice.call(bytes, start, end),
  utf16: (bytes, start, end) => ucs2Slice.call(bytes, start, end),
};

/**
 * What this thread's runtime does fastest. Deno writes text by a loop over its
 * characters, and slowly, takes 5 us to inspect an array, and clears new memory
 * whatever one does.
 */
export const natives: Natives = "Deno" in globalThis ? reader : {
  ...reader,
  writeLatin1: (text, bytes, start) => void latin1Write.call(bytes, text, start, text.length),
  writeUtf16: (text, bytes, start) => void ucs2Write.call(bytes, text, start, text.length * 2),
  isBare,
  ...("Bun" in globalThis ? {} : { copy }),
};

/** Node clears new memory, which takes a third of the time for a copy, unless it is asked like this. */
function copy(bytes: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> {
  keepFreedMemory(end - start, Buffer!.allocUnsafeSlow);
  const { buffer } = Buffer!.allocUnsafeSlow(end - start);
  const copied = new Uint8Array(buffer as ArrayBuffer);
  copied.set(bytes.subarray(start, end));
  return copied;
}

/** How an array is shown: nothing of its elements but their number. */
const SHOW = {
  breakLength: Infinity,
  colors: false,
  compact: true,
  customInspect: false,
  depth: 0,
  getters: false,
  maxArrayLength: 0,
  numericSeparator: false,
  showHidden: false,
  showProxy: false,
  sorted: false,
};

let util: typeof import("node:util") | undefined;
/** The same function for ever, and only where it is known to show names. */
let inspect: typeof import("node:util").inspect | undefined;

/**
 * The language has no way to list the named properties of an array but behind
 * its indices. `inspect` asks the engine for them alone.
 */
function isBare(array: readonly unknown[]): boolean {
  if (util === undefined) {
    util = builtin<typeof import("node:util")>("node:util");
    const named = Object.assign([0, 0], { name: 1 });
    if (util.inspect(named, SHOW) === "[ ... 2 more items, name: 1 ]") inspect = util.inspect;
  }
  // Of a proxy it would show what is behind it.
  if (inspect === undefined || array.length < 2 || util.types.isProxy(array)) return false;
  try {
    return inspect(array, SHOW) === `[ ... ${array.length} more items ]`;
  } catch {
    // A getter of Symbol.toStringTag threw, which is nobody's business here.
    return false;
  }
}
