/**
 * Encoders and decoders over memory of the tests' choice.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  Decoder,
  Encoder,
  type Format,
  type Grow,
  type HandleNumbers,
  type Handles,
  type Identity,
  MissingModuleError,
  type Shapes,
} from "../../src/codec/mod.ts";
import { type Natives, portableNatives } from "../../src/base/natives.ts";
import { natives } from "../../src/runtime/natives.ts";

const buffers = Buffer.prototype as unknown as Record<
  "latin1Slice" | "utf8Slice" | "ucs2Slice" | "latin1Write" | "ucs2Write",
  (this: Uint8Array, ...args: unknown[]) => never
>;

/** What Bun and Node get; Deno gets no more than what reads. */
export const bufferText: Natives = {
  fewCharacters: natives.fewCharacters,
  latin1: (bytes, start, end) => buffers.latin1Slice.call(bytes, start, end),
  utf8: (bytes, start, end) => buffers.utf8Slice.call(bytes, start, end),
  utf16: (bytes, start, end) => buffers.ucs2Slice.call(bytes, start, end),
  writeLatin1: (text, bytes, start) => buffers.latin1Write.call(bytes, text, start, text.length),
  writeUtf16: (text, bytes, start) => buffers.ucs2Write.call(bytes, text, start, text.length * 2),
  ...natives.isBare === undefined ? {} : { isBare: natives.isBare },
  ...natives.copy === undefined ? {} : { copy: natives.copy },
};

/** What {@linkcode Codec} is made of. */
export interface HarnessOptions {
  /** The size of the first region. */
  first?: number;
  /** Whether growing gives what is asked for and no more, so that it grows all the time. */
  exact?: boolean;
  /** More than this is refused. */
  max?: number;
  /** Whether shapes get numbers. */
  shapes?: boolean;
  /** Whether text is read without `node:buffer`. */
  portable?: boolean;
  /** What travels beside the bytes. */
  handles?: HandleNumbers & Handles;
}

/** An encoder and a decoder over one growable shared buffer. */
export class Codec {
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  readonly shared: SharedArrayBuffer;
  readonly modules = new Map<string, Map<string, unknown>>();
  readonly names = new Map<unknown, Identity>();
  readonly lists: string[][] = [];
  readonly missing = new Set<string>();
  grown = 0;
  #next = 8;
  readonly #first: number;

  constructor(options: HarnessOptions = {}) {
    const { first = 64, exact = false, max = 2 ** 30, shapes = true, portable = false } = options;
    this.#first = first;
    this.shared = new SharedArrayBuffer(1 << 16, { maxByteLength: 2 ** 30 });
    const grow: Grow = (_used, needed) => {
      if (needed > max) throw new RangeError(`no room for ${needed}`);
      this.grown++;
      return this.region(exact ? needed : needed * 2);
    };
    const identities = {
      identify: (value: object) => this.names.get(value),
      resolve: (module: string, name: string) => {
        if (this.missing.has(module)) throw new MissingModuleError(module);
        return this.modules.get(module)?.get(name);
      },
    };
    const natives = portable ? portableNatives : bufferText;
    const common = { identities, natives, ...shapes ? { shapes: this.shapes() } : {} };
    this.encoder = new Encoder({ grow, ...common });
    this.encoder.handles = options.handles;
    this.decoder = new Decoder({ ...common, ...options.handles && { handles: options.handles } });
  }

  /** Shapes as a thread would share them, without the thread. */
  shapes(): Shapes {
    return {
      intern: (keys) => {
        const known = this.lists.findIndex((list) => list.join("\0") === keys.join("\0"));
        return known >= 0 && this.lists[known]!.length === keys.length
          ? known
          : this.lists.push(keys) - 1;
      },
      keys: (id) => {
        const list = this.lists[id];
        if (list === undefined) throw new RangeError(`no shape ${id}`);
        return list;
      },
    };
  }

  /** Registers exports of a module. */
  register(module: string, exports: Record<string, unknown>): void {
    const known = this.modules.get(module) ?? new Map<string, unknown>();
    this.modules.set(module, known);
    for (const [name, value] of Object.entries(exports)) {
      known.set(name, value);
      this.names.set(value, { module, name });
    }
  }

  /** A region of exactly `size` bytes, somewhere else than the one before. */
  region(size: number): { bytes: Uint8Array; view: DataView; start: number; end: number } {
    let start = this.#next;
    if (start + size > this.shared.byteLength) {
      if (start + size > this.shared.maxByteLength) start = 8;
      const needed = Math.max(this.shared.byteLength, start + size + 65536);
      this.shared.grow(Math.min(needed, this.shared.maxByteLength));
    }
    this.#next = Math.ceil((start + size) / 8) * 8 + 8;
    if (this.#next > 2 ** 27) this.#next = 8;
    const length = this.shared.byteLength;
    return {
      bytes: new Uint8Array(this.shared, 0, length),
      view: new DataView(this.shared, 0, length),
      start,
      end: start + size,
    };
  }

  /** Begins an encoding. */
  begin(): void {
    const { bytes, view, start, end } = this.region(this.#first);
    this.encoder.begin(bytes, view, start, end);
  }

  /** The bytes that were just encoded, copied. */
  encoded(): Uint8Array {
    const { bytes, start, position } = this.encoder;
    return bytes.slice(start, position);
  }

  /** There and back as arguments. */
  arguments(args: unknown[], format: Format = "structured", borrow = false): unknown[] {
    this.begin();
    const { encoder } = this;
    encoder.arguments(format, args);
    return this.decoder.arguments(
      encoder.bytes,
      encoder.view,
      encoder.start,
      encoder.position,
      borrow,
    );
  }

  /** There and back as a result. */
  value<T>(value: T, format: Format = "structured"): T {
    this.begin();
    const { encoder } = this;
    encoder.value(format, value);
    const { bytes, view, start, position } = encoder;
    return this.decoder.value(bytes, view, start, position) as T;
  }

  /** There and back as something thrown. */
  error(error: unknown): unknown {
    this.begin();
    const { encoder } = this;
    encoder.error(error);
    return this.decoder.error(encoder.bytes, encoder.view, encoder.start, encoder.position);
  }
}
