/**
 * Incoming payloads of one other thread: decoded from slots and from that
 * thread's arena.
 *
 * @module
 */
import { MulticoreError } from "../base/errors.ts";
import { emptyList, isInt32 } from "../base/integer.ts";
import { Decoder } from "../codec/mod.ts";
import type { Shapes } from "../codec/mod.ts";
import { UNIT } from "../memory/returns.ts";
import type { Views } from "../memory/views.ts";
import { inlineOf } from "../transport/lane.ts";
import type { Lane } from "../transport/lane.ts";
import { REPORT_HEADER, reportLength } from "../transport/reports.ts";
import {
  ARGUMENTS_BLOCK,
  ARGUMENTS_KIND,
  ARGUMENTS_LENGTH,
  INLINE_BYTES,
  RESULT_BLOCK,
  RESULT_KIND,
  RESULT_LENGTH,
  SLOT_WORDS,
} from "../transport/slot.ts";
import type { PayloadContext } from "./outbox.ts";
import { BORROW, FAILED, FALSE, formOf, INLINE, NULL, NUMBERS, numbersOf } from "./payload_kind.ts";
import { BLOCK, TRUE, UNDEFINED } from "./payload_kind.ts";

/** Decodes what one thread has sent. */
export class Inbox {
  readonly #lane: Lane;
  readonly #views: Views;
  readonly #decoder: Decoder;

  /**
   * @param lane Where the slots are.
   * @param views This thread's views on the sender's arena.
   * @param shapes The sender's object shapes.
   * @param context What both ends know.
   */
  constructor(lane: Lane, views: Views, shapes: Shapes, context: PayloadContext) {
    this.#lane = lane;
    this.#views = views;
    this.#decoder = new Decoder({ shapes, ...context });
  }

  /**
   * @param slot A slot whose job this thread has claimed.
   * @returns Its arguments.
   */
  arguments(slot: number): unknown[] {
    const words = this.#lane.words;
    const base = slot * SLOT_WORDS;
    const kind = words[base + ARGUMENTS_KIND]!;
    if (formOf(kind) === NUMBERS) {
      return numbersIn(this.#lane.numbers, inlineOf(slot) >>> 3, numbersOf(kind));
    }
    const length = words[base + ARGUMENTS_LENGTH]! >>> 0;
    if (formOf(kind) === INLINE) {
      const start = this.#inline(slot, length);
      // Copied even where they were to be borrowed: the result will be written over them.
      return this.#decoder.arguments(
        this.#lane.bytes,
        this.#lane.view,
        start,
        start + length,
        false,
      );
    }
    const start = this.#block(words[base + ARGUMENTS_BLOCK]!, length);
    const { bytes, view } = this.#views;
    return this.#decoder.arguments(bytes, view, start, start + length, (kind & BORROW) !== 0);
  }

  /**
   * @param kind What they are.
   * @param bytes Arguments that were kept in private memory of their own.
   * @returns The arguments.
   */
  kept(kind: number, { buffer, byteOffset, length }: Uint8Array): unknown[] {
    if (formOf(kind) === NUMBERS) {
      const count = numbersOf(kind);
      return numbersIn(new Float64Array(buffer, byteOffset, count), 0, count);
    }
    const end = byteOffset + length;
    // Copied even where they were to be borrowed: a view's buffer would show all of the bytes.
    return this.#decoder.arguments(
      new Uint8Array(buffer),
      new DataView(buffer),
      byteOffset,
      end,
      false,
    );
  }

  /**
   * @param slot A slot whose job is done.
   * @returns Its result, or what was thrown; the kind word tells which.
   * @throws {MulticoreError} Where what stands there is none.
   */
  result(slot: number): unknown {
    const words = this.#lane.words;
    const base = slot * SLOT_WORDS;
    const kind = words[base + RESULT_KIND]!;
    switch (formOf(kind)) {
      case NUMBERS: {
        const value = this.#lane.numbers[inlineOf(slot) >>> 3]!;
        // Two statements, lest it be a double in either case.
        if (isInt32(value)) return value | 0;
        return value;
      }
      case UNDEFINED:
        return undefined;
      case TRUE:
        return true;
      case FALSE:
        return false;
      case NULL:
        return null;
      case INLINE: {
        const length = words[base + RESULT_LENGTH]! >>> 0;
        const start = this.#inline(slot, length);
        return this.#decode(this.#lane.bytes, this.#lane.view, start, start + length, kind);
      }
      case BLOCK: {
        const length = words[base + RESULT_LENGTH]! >>> 0;
        const start = this.#block(words[base + RESULT_BLOCK]!, length);
        return this.#decode(this.#views.bytes, this.#views.view, start, start + length, kind);
      }
    }
    throw new MulticoreError(`Cannot read a result of form ${formOf(kind)}`);
  }

  /** @returns The words of the sender's arena, if that reaches to an offset in bytes. */
  words(end: number): Int32Array | undefined {
    return this.#views.reaches(end) ? this.#views.words : undefined;
  }

  /**
   * @param block Byte offset of a report in the sender's arena, which reaches beyond its head.
   * @returns What was reported.
   */
  report(block: number): unknown {
    const start = block + REPORT_HEADER;
    const length = reportLength(this.#views.words, block);
    this.#views.cover(start + length);
    return this.#decoder.value(this.#views.bytes, this.#views.view, start, start + length);
  }

  #decode(bytes: Uint8Array, view: DataView, start: number, end: number, kind: number): unknown {
    return (kind & FAILED) !== 0
      ? this.#decoder.error(bytes, view, start, end)
      : this.#decoder.value(bytes, view, start, end);
  }

  #inline(slot: number, length: number): number {
    if (length > INLINE_BYTES) {
      throw new MulticoreError(
        `Cannot read ${length} bytes in a slot, which has room for ${INLINE_BYTES}`,
      );
    }
    return inlineOf(slot);
  }

  #block(block: number, length: number): number {
    const start = (block >>> 0) * UNIT;
    this.#views.cover(start + length);
    return start;
  }
}

/** Reads arguments that are numbers; mostly they are one or two integers. */
function numbersIn(source: Float64Array, first: number, count: number): unknown[] {
  if (count === 1 || count === 2) {
    const a = source[first]!;
    const b = source[first + count - 1]!;
    if (isInt32(a) && isInt32(b)) return count === 1 ? [a | 0] : [a | 0, b | 0];
  }
  const values = emptyList();
  for (let i = 0; i < count; i++) {
    const value = source[first + i]!;
    // Two statements, lest it be a double in either case.
    if (isInt32(value)) values.push(value | 0);
    else values.push(value);
  }
  return values;
}
