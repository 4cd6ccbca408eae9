/**
 * Values that are encoded once and decoded once in each thread.
 *
 * @module
 */
import { Decoder, type Handles, MissingHandleError } from "../codec/mod.ts";
import type { Package } from "./handed.ts";
import type { PayloadContext } from "./outbox.ts";

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
    const { identities, text } = this.#context;
    const handles: Handles = {
      resolve(number) {
        const buffer = shared.handles[number];
        if (buffer === undefined) throw new MissingHandleError(number);
        return buffer;
      },
    };
    const bytes = new Uint8Array(shared.bytes);
    const view = new DataView(shared.bytes);
    const value = new Decoder({ identities, text, handles }).value(bytes, view, 0, bytes.length);
    opened.set(shared, value);
    return value;
  }
}
