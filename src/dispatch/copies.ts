/**
 * Copies of values as they are made between threads, for jobs that stay on one, so
 * that a program means the same wherever its jobs run.
 *
 * @module
 */
import { Decoder, ENCODE_ANEW } from "../codec/mod.ts";
import type { Format } from "../codec/mod.ts";
import { BYTES_ALONE, NOTHING_BESIDE, Outbox, type PayloadContext } from "../task/outbox.ts";
import { Parcel } from "../task/parcel.ts";
import { LocalHandles } from "./local_handles.ts";

/** Copies arguments, results, reports and what was thrown. */
export class Copies {
  readonly #context: PayloadContext;
  readonly #handles: LocalHandles;
  readonly #decoder: Decoder;

  /** @param context What both ends of payloads know. */
  constructor({ identities, natives }: PayloadContext) {
    this.#context = { identities, natives };
    this.#handles = new LocalHandles(this.#context);
    this.#decoder = new Decoder({ identities, natives, handles: this.#handles });
  }

  /** @returns Arguments, copied. */
  arguments(format: Format, args: readonly unknown[]): unknown[] {
    return this.#there(
      (outbox) => outbox.arguments(format, args),
      ([bytes, view, start, end]) => this.#decoder.arguments(bytes, view, start, end, false),
    );
  }

  /**
   * @param format How it is encoded.
   * @param value A result.
   * @returns The value, copied.
   */
  value(format: Format, value: unknown): unknown {
    if (
      format === "structured" && (typeof value !== "object" || value === null) &&
      typeof value !== "function" && typeof value !== "symbol"
    ) {
      return value;
    }
    return this.#there(
      (outbox) => outbox.value(format, value),
      ([bytes, view, start, end]) => this.#decoder.value(bytes, view, start, end),
    );
  }

  /** @returns What a job reports, copied: bytes alone can be. */
  report(value: unknown): unknown {
    const outbox = new Outbox(undefined, undefined, this.#context, undefined, NOTHING_BESIDE);
    outbox.toScratch().value("structured", value, "report");
    return this.#decoder.value(...rangeOf(outbox.bytes!));
  }

  /** @returns What was thrown, copied. */
  error(error: unknown): unknown {
    return this.#there(
      (outbox) => outbox.error(error),
      ([bytes, view, start, end]) => this.#decoder.error(bytes, view, start, end),
    );
  }

  /** Encodes something, and decodes it. Each gets an outbox of its own: getters may come back here. */
  #there<T>(encode: (outbox: Outbox) => void, decode: (range: Range) => T): T {
    const outbox = new Outbox(undefined, undefined, this.#context, undefined, BYTES_ALONE);
    try {
      encode(outbox.toScratch());
    } catch (error) {
      if (error !== ENCODE_ANEW) throw error;
      return this.#thereWith(outbox, encode, decode);
    }
    return decode(rangeOf(outbox.bytes!));
  }

  /** The same, of what needs more than bytes. */
  #thereWith<T>(
    outbox: Outbox,
    encode: (outbox: Outbox) => void,
    decode: (range: Range) => T,
  ): T {
    const parcel = new Parcel(this.#handles);
    this.#handles.begin();
    try {
      outbox.encodeWith(parcel, () => encode(outbox.toScratch()));
      parcel.commit();
      return decode(rangeOf(outbox.bytes!));
    } finally {
      this.#handles.end();
    }
  }
}

type Range = readonly [bytes: Uint8Array, view: DataView, start: number, end: number];

/** Where some bytes are, as decoders want it. */
function rangeOf(bytes: Uint8Array): Range {
  const { buffer, byteOffset, length } = bytes;
  return [new Uint8Array(buffer), new DataView(buffer), byteOffset, byteOffset + length];
}
