import { MulticoreError } from "../base/errors.ts";
import { emptyList } from "../base/integer.ts";
import { JSON_UNDEFINED, JSON_VALUE } from "./plain_formats.ts";
import { BYTES, HAS_BUFFERS, JSON_TEXT, STRINGS, STRUCTURED } from "./tags.ts";
import type { CodecOptions } from "./types.ts";
import { ValueDecoder } from "./value_decoder.ts";

/**
 * Turns bytes back into values.
 *
 * - Reads nothing outside the bytes that it is given, allocates nothing whose size
 *   the bytes do not bear out, and ends.
 * - Bytes that no encoder wrote make it throw a `MulticoreError`.
 * - `MissingModuleError` passes through: import the module and decode again.
 * - No value is kept alive once it is read.
 *
 * @example
 * ```ts ignore
 * const args = decoder.arguments(bytes, view, 0, length, false);
 * ```
 */
export class Decoder {
  readonly #in: ValueDecoder;

  /** @param options What names functions, numbers shapes and reads text. */
  constructor(options: Omit<CodecOptions, "grow">) {
    this.#in = new ValueDecoder(options);
  }

  /**
   * Reads the arguments of a call.
   *
   * @param bytes The whole buffer.
   * @param view The same buffer.
   * @param start Where the encoding begins in it; a multiple of 8.
   * @param end Where the encoding ends.
   * @param borrow Whether views come as views on `bytes` rather than on copies. A
   * buffer that is itself among the arguments, or that can be resized, is copied.
   * @throws {MissingModuleError} Where a module must be imported first.
   * @throws {MulticoreError} For bytes that cannot be decoded.
   */
  arguments(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    borrow: boolean,
  ): unknown[] {
    const source = this.#in;
    source.begin(bytes, view, start, end);
    try {
      const format = source.byte();
      if (format === (STRUCTURED | HAS_BUFFERS)) source.table(borrow);
      else if (format !== STRUCTURED) return this.#plain(format, borrow);
      const count = source.count(1);
      const values = emptyList();
      for (let i = 0; i < count; i++) values.push(source.value());
      source.finish();
      return values;
    } catch (error) {
      throw explain(error);
    } finally {
      source.clear();
    }
  }

  /**
   * Reads one value; the parameters are those of {@linkcode Decoder.arguments}.
   *
   * @throws {MissingModuleError} Where a module must be imported first.
   * @throws {MulticoreError} For bytes that cannot be decoded.
   */
  value(
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    borrow: boolean = false,
  ): unknown {
    const source = this.#in;
    source.begin(bytes, view, start, end);
    try {
      const format = source.byte();
      if (format === (STRUCTURED | HAS_BUFFERS)) source.table(borrow);
      else if (format === JSON_TEXT) return this.#json();
      else if (format !== STRUCTURED) return this.#plain(format, borrow)[0];
      const value = source.value();
      source.finish();
      return value;
    } catch (error) {
      throw explain(error);
    } finally {
      source.clear();
    }
  }

  /**
   * Reads what was thrown; the parameters are those of {@linkcode Decoder.arguments}.
   *
   * @throws {MissingModuleError} Where a module must be imported first.
   * @throws {MulticoreError} For bytes that cannot be decoded.
   */
  error(bytes: Uint8Array, view: DataView, start: number, end: number): unknown {
    return this.value(bytes, view, start, end, false);
  }

  #plain(format: number, borrow: boolean): unknown[] {
    const source: ValueDecoder = this.#in;
    if (format === JSON_TEXT) {
      const values = this.#json();
      return Array.isArray(values) ? values : source.corrupt("the arguments are no array");
    }
    if (format !== STRINGS && format !== BYTES) source.corrupt(`${format} is no format`);
    const count = source.count(1);
    const values: unknown[] = [];
    for (let i = 0; i < count; i++) {
      values.push(format === STRINGS ? source.text() : this.#bytes(borrow));
    }
    return values;
  }

  #json(): unknown {
    const flag = this.#in.byte();
    if (flag === JSON_UNDEFINED) return undefined;
    if (flag !== JSON_VALUE) this.#in.corrupt("a JSON text is missing");
    return JSON.parse(this.#in.text());
  }

  #bytes(borrow: boolean): Uint8Array {
    const source = this.#in;
    const size = source.length();
    source.align();
    source.need(size);
    const from = source.position;
    source.position = from + size;
    if (!borrow) return source.copy(from, from + size);
    return new Uint8Array(source.bytes.buffer, source.bytes.byteOffset + from, size);
  }
}

/** Errors of the runtime's own parsers say nothing of where they come from. */
function explain(error: unknown): unknown {
  if (error instanceof MulticoreError || !(error instanceof Error)) return error;
  return new MulticoreError(`Cannot decode: ${error.message}`, { cause: error });
}
