import { isInt32 } from "../base/integer.ts";
import { ITSELF, ONLY_VIEWS, ROW } from "./buffer_writer.ts";
import type { Reader } from "./reader.ts";
import {
  elementSize,
  KIND_UINT8,
  kindName,
  type ViewConstructor,
  viewConstructor,
} from "./views.ts";

/** One buffer of the table. */
class Row {
  /** Where its contents are, from the start of the encoding. */
  readonly offset: number;
  readonly size: number;
  /** The offset of its first byte in the buffer that it was cut from. */
  readonly low: number;
  readonly mode: number;
  /** A copy of all of it, once there is one. */
  copy: Uint8Array | undefined = undefined;
  /** The copy's buffer, once it was asked for. */
  buffer: ArrayBuffer | undefined = undefined;

  constructor(offset: number, size: number, low: number, mode: number) {
    this.offset = offset;
    this.size = size;
    this.low = low;
    this.mode = mode;
  }
}

/** The buffers behind one encoding's views; each is copied at most once. */
export class BufferReader {
  #rows: Row[] = [];
  #borrow = false;

  /** Reads the table from the end of the encoding, and ends the values before it. */
  begin(reader: Reader, borrow: boolean): void {
    this.#borrow = borrow;
    const { view, start, end } = reader;
    const room = end - start - 8;
    const count = room < 0 ? -1 : readWhole(view, end - 8);
    if (!Number.isInteger(count) || count < 0 || count * ROW > room) {
      reader.corrupt("the table of buffers is damaged");
    }
    const table = end - 8 - count * ROW;
    // Rows that overlap could make many large copies of few bytes.
    let last = 1;
    for (let i = 0; i < count; i++) {
      const at = table + i * ROW;
      const offset = readWhole(view, at);
      const size = readWhole(view, at + 8);
      const low = readWhole(view, at + 16);
      const mode = readWhole(view, at + 24);
      if (
        !isSize(offset) || !isSize(size) || !isSize(low) || offset % 8 !== 0 || offset < last ||
        start + offset + size > table || (mode < 0 && mode !== ONLY_VIEWS && mode !== ITSELF)
      ) reader.corrupt("the table of buffers is damaged");
      last = offset + size;
      this.#rows.push(new Row(offset, size, low, mode));
    }
    const first = this.#rows[0];
    reader.end = first === undefined ? table : start + first.offset;
  }

  /** Reads a buffer that is itself a value. */
  buffer(reader: Reader): ArrayBuffer {
    return this.#buffer(reader, this.#row(reader));
  }

  /** Reads a view. */
  view(reader: Reader): ArrayBufferView {
    const kind = reader.byte();
    const type = constructorOf(reader, kind);
    const row = this.#row(reader);
    const offset = reader.length() - row.low;
    const length = reader.length() - 1;
    const size = length < 0 ? 0 : length * elementSize(kind);
    if (offset < 0 || offset + size > row.size || offset % elementSize(kind) !== 0) {
      reader.corrupt("a view leaves its buffer");
    }
    if (length < 0) {
      if (row.mode < 0) reader.corrupt("a view follows a buffer of fixed length");
      return new type(this.#buffer(reader, row), offset);
    }
    if (this.#borrow && row.mode === ONLY_VIEWS) {
      const { bytes, start } = reader;
      return new type(bytes.buffer, bytes.byteOffset + start + row.offset + offset, length);
    }
    if (kind === KIND_UINT8 && size === row.size && row.copy === undefined && row.mode < 0) {
      return this.#copy(reader, row);
    }
    return new type(this.#buffer(reader, row), offset, length);
  }

  /** Forgets all, so that nothing is kept alive from here. */
  clear(): void {
    if (this.#rows.length > 0) this.#rows = [];
  }

  #row(reader: Reader): Row {
    const row = this.#rows[reader.length()];
    if (row === undefined) reader.corrupt("a buffer is missing");
    return row;
  }

  #copy(reader: Reader, row: Row): Uint8Array {
    const from = reader.start + row.offset;
    return row.copy ??= reader.copy(from, from + row.size);
  }

  #buffer(reader: Reader, row: Row): ArrayBuffer {
    if (row.buffer !== undefined) return row.buffer;
    if (row.mode >= 0) {
      const from = reader.start + row.offset;
      const options = { maxByteLength: row.mode };
      row.buffer = new (ArrayBuffer as ResizableConstructor)(row.size, options);
      new Uint8Array(row.buffer).set(reader.bytes.subarray(from, from + row.size));
    } else {
      row.buffer = this.#copy(reader, row).buffer as ArrayBuffer;
    }
    return row.buffer;
  }
}

/** Reads a double that is to be whole, as an integer of the engine's: positions are counted from it. */
function readWhole(view: DataView, at: number): number {
  const value = view.getFloat64(at, true);
  return isInt32(value) ? value | 0 : beyond(value);
}

/**
 * Of a call that was never made engines assume nothing, so that what `readWhole` returns is an
 * integer to them; with the value itself in its place it would be a double.
 */
function beyond(value: number): number {
  return value;
}

/**
 * Makes a view on a buffer that travelled beside the bytes.
 *
 * @param reader Where the rest was read.
 * @param kind The number of the view's kind.
 * @param buffer The buffer.
 * @param offset The view's first byte.
 * @param length Number of elements; less than 0 where it follows the buffer's length.
 */
export function makeView(
  reader: Reader,
  kind: number,
  buffer: unknown,
  offset: number,
  length: number,
): ArrayBufferView {
  const type = constructorOf(reader, kind);
  const isBuffer = buffer instanceof SharedArrayBuffer || buffer instanceof ArrayBuffer;
  if (!isBuffer) reader.corrupt("a view is on something that is no buffer");
  const size = length < 0 ? 0 : length * elementSize(kind);
  if (offset + size > buffer.byteLength || offset % elementSize(kind) !== 0) {
    reader.corrupt("a view leaves its buffer");
  }
  return length < 0 ? new type(buffer, offset) : new type(buffer, offset, length);
}

function constructorOf(reader: Reader, kind: number): ViewConstructor {
  const type = viewConstructor(kind);
  if (type === undefined) reader.corrupt(`this runtime has no ${kindName(kind)}`);
  return type;
}

type ResizableConstructor = new (size: number, options: { maxByteLength: number }) => ArrayBuffer;

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
