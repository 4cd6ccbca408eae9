import { NotSerializableError } from "../base/errors.ts";
import { describe, messageOf } from "./describe.ts";
import { writeByteArrays, writeJson, writeStrings } from "./plain_formats.ts";
import { HAS_BUFFERS, STRUCTURED } from "./tags.ts";
import type { CodecOptions, Format, HandleNumbers } from "./types.ts";
import { ValueEncoder } from "./value_encoder.ts";

/** The most bytes of an error's property: fewer and fewer where all of it has too many. */
const MOST = [Infinity, 4096, 500, 60];

/**
 * Turns values into bytes.
 *
 * - `begin` names the memory, then one of `arguments`, `value` and `error` writes.
 * - What cannot be sent is refused with a `NotSerializableError` that names the
 *   path to it; nothing is silently changed or dropped.
 * - After a refusal, or when `grow` throws, the encoder can be used again.
 * - No value is kept alive once it is written.
 *
 * @example
 * ```ts ignore
 * encoder.begin(bytes, view, 0, bytes.length);
 * encoder.arguments("structured", [1, { id: 2 }]);
 * const length = encoder.position - encoder.start;
 * ```
 */
export class Encoder {
  readonly #out: ValueEncoder;
  #busy = false;
  /** Why the last attempt to write an error has failed. */
  #refusal: unknown;

  /** @param options What gives room, names functions and numbers shapes. */
  constructor(options: CodecOptions) {
    this.#out = new ValueEncoder(options);
  }

  /** What numbers objects that travel beside the bytes, from now on; without it they are refused. */
  set handles(handles: HandleNumbers | undefined) {
    this.#out.handles = handles;
  }

  /** The buffer in which the encoding ended. */
  get bytes(): Uint8Array {
    return this.#out.bytes;
  }

  /** The same buffer. */
  get view(): DataView {
    return this.#out.view;
  }

  /** Where the encoding begins in it. */
  get start(): number {
    return this.#out.start;
  }

  /** Where the encoding ends in it. */
  get position(): number {
    return this.#out.position;
  }

  /**
   * Starts an encoding.
   *
   * @param bytes The whole buffer.
   * @param view The same buffer.
   * @param start Where the encoding begins in it; a multiple of 8.
   * @param end Where the room ends.
   * @throws {Error} Where the encoder is in use: a getter that it reads encodes, too.
   */
  begin(bytes: Uint8Array, view: DataView, start: number, end: number): void {
    if (this.#busy) {
      throw new Error(
        "Cannot encode: the encoder is reading a value, a getter of which encodes another",
      );
    }
    this.#out.begin(bytes, view, start, end);
  }

  /**
   * Writes the arguments of a call.
   *
   * @param format How to write them.
   * @param args The arguments.
   * @throws {NotSerializableError} Naming the path, for instance `args[0].user`.
   */
  arguments(format: Format, args: readonly unknown[]): void {
    this.#busy = true;
    try {
      if (format === "structured") this.#structured(args);
      else if (format === "json") writeJson(this.#out, "args", args);
      else if (format === "string") writeStrings(this.#out, args, argument);
      else if (format === "bytes") writeByteArrays(this.#out, args, argument);
      else throw new TypeError(`Cannot encode: there is no format ${String(format)}`);
    } finally {
      this.#busy = false;
    }
  }

  /**
   * Writes one value.
   *
   * @param format How to write it.
   * @param value The value.
   * @param root What paths to it begin with.
   * @throws {NotSerializableError} Naming the path, for instance `result.user`.
   */
  value(format: Format, value: unknown, root: string = "result"): void {
    this.#busy = true;
    try {
      if (format === "structured") this.#one(root, value, false);
      else if (format === "json") writeJson(this.#out, root, value);
      else if (format === "string") writeStrings(this.#out, [value], () => root);
      else if (format === "bytes") writeByteArrays(this.#out, [value], () => root);
      else throw new TypeError(`Cannot encode: there is no format ${String(format)}`);
    } finally {
      this.#busy = false;
    }
  }

  /**
   * Writes what was thrown. Properties of errors that cannot be sent, or for which
   * `grow` gives no room, become strings that describe them; a message and a stack
   * are cut. Where nothing of it can be sent, a `NotSerializableError` is written in
   * its place.
   *
   * @param error What was thrown: anything.
   * @throws What `grow` throws where there is no room even then, and nothing else.
   */
  error(error: unknown): void {
    this.#busy = true;
    try {
      if (this.#attempt(error, false) || this.#attemptLenient(error)) return;
      if (!this.#out.refusedGrowth && this.#attemptLenient(replacement(error, this.#refusal))) {
        return;
      }
      throw this.#refusal;
    } finally {
      this.#refusal = undefined;
      this.#busy = false;
    }
  }

  /** Writes what of a value can be sent; less and less of it for as long as there is no room. */
  #attemptLenient(value: unknown): boolean {
    return MOST.some((most, i) =>
      (i === 0 || this.#out.refusedGrowth) && this.#attempt(value, true, most)
    );
  }

  /** Writes one value from the start; returns false where it was refused. */
  #attempt(value: unknown, lenient: boolean, most: number = Infinity): boolean {
    const out = this.#out;
    out.position = out.start;
    out.refusedGrowth = false;
    try {
      this.#one("error", value, lenient, most);
      return true;
    } catch (refusal) {
      this.#refusal = refusal;
      return false;
    }
  }

  #one(root: string, value: unknown, lenient: boolean, most: number = Infinity): void {
    const out = this.#out;
    out.root(root, lenient, most);
    try {
      out.byte(STRUCTURED);
      out.value(value);
      if (out.finish()) out.bytes[out.start] = STRUCTURED | HAS_BUFFERS;
    } catch (error) {
      throw out.explain(error);
    } finally {
      out.clear();
    }
  }

  #structured(args: readonly unknown[]): void {
    const out = this.#out;
    const { trail } = out;
    out.root("args", false);
    try {
      out.byte(STRUCTURED);
      out.length(args.length);
      trail.kinds[0] = 0;
      trail.depth = 1;
      for (let i = 0; i < args.length; i++) {
        trail.keys[0] = i;
        out.value(args[i]);
      }
      if (out.finish()) out.bytes[out.start] = STRUCTURED | HAS_BUFFERS;
    } catch (error) {
      throw out.explain(error);
    } finally {
      out.clear();
    }
  }
}

function argument(index: number): string {
  return `args[${index}]`;
}

/** What is sent in place of something thrown that was refused. */
function replacement(error: unknown, refusal: unknown): NotSerializableError {
  let what: string;
  try {
    what = error instanceof Error ? messageOf(error) : describe(error);
  } catch {
    // A proxy, or a conversion that throws.
    what = "something that cannot be described";
  }
  const path = refusal instanceof NotSerializableError ? refusal.path : "error";
  return new NotSerializableError(path, `what was thrown was ${what}`, { cause: refusal });
}
