import { References } from "./references.ts";
import type { ResizableBuffer } from "./views.ts";
import type { Writer } from "./writer.ts";

/** In the table: this buffer may be lent, all that is seen of it are views. */
export const ONLY_VIEWS = -1;
/** In the table: the buffer itself is among the values. */
export const ITSELF = -2;
/** The size of one row of the table in bytes. */
export const ROW = 32;

/**
 * Buffers up to this size in bytes are sent entire, as structured clone sends
 * all. Of a larger one, of which a view covers less than half, only what its views
 * cover is sent: a piece of a large array is what is meant then, a thousand times
 * perhaps, and not the array.
 */
const ALWAYS_ENTIRE = 16384;

/** What is sent of one buffer. */
interface Window {
  /** Nothing between two encodings, so that nothing is kept alive from here. */
  buffer: ArrayBuffer | undefined;
  low: number;
  high: number;
  mode: number;
  /** Where its contents are, from the start of the encoding. */
  offset: number;
}

/** Of more buffers than this in one encoding the records are not used again. */
const KEEP_MAX = 256;

/**
 * The buffers behind one encoding's views. Their contents are written behind all
 * values, each buffer once.
 */
export class BufferWriter {
  #windows: Window[] = [];
  readonly #buffers: References = new References();
  /** How many buffers there are. */
  count = 0;

  /**
   * Adds what a view covers.
   *
   * @returns The number of the buffer.
   */
  view(buffer: ArrayBuffer, offset: number, length: number): number {
    const resizable = (buffer as unknown as ResizableBuffer).resizable === true;
    const total = buffer.byteLength;
    const entire = resizable || total <= ALWAYS_ENTIRE || 2 * length >= total;
    // A window begins at a multiple of 8, for the sake of views with large elements.
    const low = entire ? 0 : offset - offset % 8;
    const high = entire ? total : offset + length;
    const index = this.#buffers.meet(buffer);
    this.count = this.#buffers.count;
    if (index < 0) {
      const mode = resizable ? (buffer as unknown as ResizableBuffer).maxByteLength : ONLY_VIEWS;
      return this.#add(buffer, low, high, mode);
    }
    const window = this.#windows[index]!;
    if (low < window.low) window.low = low;
    if (high > window.high) window.high = high;
    return index;
  }

  #add(buffer: ArrayBuffer, low: number, high: number, mode: number): number {
    const index = this.#buffers.count - 1;
    const window = this.#windows[index];
    if (window === undefined) {
      this.#windows.push({ buffer, low, high, mode, offset: 0 });
    } else {
      window.buffer = buffer;
      window.low = low;
      window.high = high;
      window.mode = mode;
    }
    return index;
  }

  /**
   * Adds a buffer that is itself among the values.
   *
   * @returns The number of the buffer.
   */
  whole(buffer: ArrayBuffer): number {
    const index = this.view(buffer, 0, buffer.byteLength);
    const window = this.#windows[index]!;
    if (window.mode === ONLY_VIEWS) window.mode = ITSELF;
    return index;
  }

  /** Forgets those after the first `count`. */
  rewind(count: number): void {
    this.#forget(count);
    this.#buffers.rewind(count);
    this.count = this.#buffers.count;
  }

  /**
   * Writes the contents, then the table.
   *
   * @throws {TypeError} Where a buffer was detached since it was met.
   */
  write(writer: Writer): void {
    const windows = this.#windows;
    const count = this.count;
    for (let i = 0; i < count; i++) {
      const window = windows[i]!;
      writer.align();
      const size = window.high - window.low;
      const source = new Uint8Array(window.buffer!, window.low, size);
      // One request for all that follows a large buffer spares a second copy of it.
      const rest = size + 8 + count * (ROW + 8) + 8;
      if (writer.position + size > writer.limit) writer.room(rest);
      window.offset = writer.position - writer.start;
      writer.bytes.set(source, writer.position);
      writer.position += size;
    }
    writer.align();
    const size = count * ROW + 8;
    if (writer.position + size > writer.limit) writer.room(size);
    const { view } = writer;
    let at = writer.position;
    for (let i = 0; i < count; i++, at += ROW) {
      const { offset, low, high, mode } = windows[i]!;
      view.setFloat64(at, offset, true);
      view.setFloat64(at + 8, high - low, true);
      view.setFloat64(at + 16, low, true);
      view.setFloat64(at + 24, mode, true);
    }
    view.setFloat64(at, count, true);
    writer.position = at + 8;
  }

  /** Forgets all, so that nothing is kept alive from here. */
  clear(): void {
    if (this.count > KEEP_MAX) this.#windows = [];
    else this.#forget(0);
    this.#buffers.clear();
    this.count = 0;
  }

  /** The last one that was met has no window yet, where the stack was full just then. */
  #forget(from: number): void {
    const end = Math.min(this.count, this.#windows.length);
    for (let i = from; i < end; i++) this.#windows[i]!.buffer = undefined;
  }
}
