import type { Writer } from "./writer.ts";
import type { ResizableBuffer } from "./views.ts";

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
class Window {
  readonly buffer: ArrayBuffer;
  low: number;
  high: number;
  mode = ONLY_VIEWS;

  constructor(buffer: ArrayBuffer, low: number, high: number) {
    this.buffer = buffer;
    this.low = low;
    this.high = high;
  }
}

/**
 * The buffers behind one encoding's views. Their contents are written behind all
 * values, each buffer once.
 */
export class BufferWriter {
  #windows: Window[] = [];
  readonly #indices: Map<ArrayBuffer, number> = new Map();

  /** How many buffers there are. */
  get count(): number {
    return this.#windows.length;
  }

  /**
   * Adds what a view covers.
   *
   * @returns The number of the buffer.
   */
  view(buffer: ArrayBuffer, offset: number, length: number): number {
    const resizable = (buffer as unknown as ResizableBuffer).resizable === true;
    const entire = resizable || buffer.byteLength <= ALWAYS_ENTIRE ||
      2 * length >= buffer.byteLength;
    // A window begins at a multiple of 8, for the sake of views with large elements.
    const low = entire ? 0 : offset - offset % 8;
    const high = entire ? buffer.byteLength : offset + length;
    const index = this.#indices.get(buffer);
    if (index === undefined) {
      const window = new Window(buffer, low, high);
      if (resizable) window.mode = (buffer as unknown as ResizableBuffer).maxByteLength;
      this.#indices.set(buffer, this.#windows.length);
      return this.#windows.push(window) - 1;
    }
    const window = this.#windows[index]!;
    if (low < window.low) window.low = low;
    if (high > window.high) window.high = high;
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
    while (this.#windows.length > count) this.#indices.delete(this.#windows.pop()!.buffer);
  }

  /**
   * Writes the contents, then the table.
   *
   * @throws {TypeError} Where a buffer was detached since it was met.
   */
  write(writer: Writer): void {
    const windows = this.#windows;
    const offsets: number[] = [];
    for (const { buffer, low, high } of windows) {
      writer.align();
      const size = high - low;
      const source = new Uint8Array(buffer, low, size);
      // One request for all that follows a large buffer spares a second copy of it.
      const rest = size + 8 + windows.length * (ROW + 8) + 8;
      if (writer.position + size > writer.limit) writer.room(rest);
      offsets.push(writer.position - writer.start);
      writer.bytes.set(source, writer.position);
      writer.position += size;
    }
    writer.align();
    for (let i = 0; i < windows.length; i++) {
      const { low, high, mode } = windows[i]!;
      writer.float64(offsets[i]!);
      writer.float64(high - low);
      writer.float64(low);
      writer.float64(mode);
    }
    writer.float64(windows.length);
  }

  /** Forgets all, so that nothing is kept alive from here. */
  clear(): void {
    if (this.#windows.length === 0) return;
    this.#windows = [];
    this.#indices.clear();
  }
}
