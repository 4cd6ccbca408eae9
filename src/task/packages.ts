/**
 * Values that are encoded once and decoded once in each thread.
 *
 * @module
 */
import { Decoder, type HandleNumbers, type Handles, MissingHandleError } from "../codec/mod.ts";
import { handingOf, isPort, type Package } from "./handed.ts";
import { Outbox, type PayloadContext } from "./outbox.ts";

/** What was in the packages that this thread has opened, whoever has. */
const opened = new WeakMap<Package, unknown>();

/** Opens packages; each once, for as long as somebody has it. */
export class Packages {
  readonly #context: PayloadContext;

  /** @param context What both ends know. */
  constructor(context: PayloadContext) {
    this.#context = context;
  }

  /**
   * @param shared A package.
   * @returns The value in it, always the same object.
   * @throws {MissingModuleError} Where a module must be imported first.
   */
  open(shared: Package): unknown {
    const known = opened.get(shared);
    if (known !== undefined) return known;
    const { identities, natives } = this.#context;
    const handles: Handles = {
      resolve(number) {
        const buffer = shared.handles[number];
        if (buffer === undefined) throw new MissingHandleError(number);
        return buffer;
      },
    };
    const bytes = new Uint8Array(shared.bytes);
    const view = new DataView(shared.bytes);
    const value = new Decoder({ identities, natives, handles }).value(bytes, view, 0, bytes.length);
    opened.set(shared, value);
    return value;
  }
}

/**
 * Encodes a value for any number of threads.
 *
 * @param context What both ends know.
 * @param value The value.
 * @param root What paths to it begin with.
 * @throws {NotSerializableError} Where it cannot be sent.
 */
export function makePackage(context: PayloadContext, value: unknown, root: string): Package {
  const handles = new Map<SharedArrayBuffer, number>();
  const outbox = new Outbox(undefined, undefined, context, undefined, numbersOf(handles));
  outbox.toScratch().value("structured", value, root);
  const encoded = outbox.bytes!;
  const bytes = new SharedArrayBuffer(encoded.length);
  new Uint8Array(bytes).set(encoded);
  return { bytes, handles: [...handles.keys()] };
}

/** Numbers the only things that may be in a package and are no bytes. */
function numbersOf(handles: Map<SharedArrayBuffer, number>): HandleNumbers {
  return {
    takesBuffers: false,
    travelOf(value) {
      if (value instanceof SharedArrayBuffer) {
        const number = handles.get(value) ?? handles.size;
        handles.set(value, number);
        return number;
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
