/**
 * A list of byte records that only grows, written by one thread and read by all.
 * Function names and object shapes travel this way: once, and then by number.
 *
 * @module
 */

/** Word: number of records. Its store publishes them. */
const COUNT = 0;
const HEADER_BYTES = 64;

/** The writing and the reading end of a log in one growable buffer. */
export class AppendLog {
  readonly #buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  #written = HEADER_BYTES;
  #read = HEADER_BYTES;
  #records = 0;

  /** @param buffer Growable shared memory, zeroed; {@linkcode AppendLog.create} makes one. */
  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer;
    this.#words = new Int32Array(buffer, 0, HEADER_BYTES / 4);
  }

  /** @returns Memory for a log that can hold `max` bytes. */
  static create(max: number): SharedArrayBuffer {
    return new SharedArrayBuffer(HEADER_BYTES, { maxByteLength: HEADER_BYTES + max });
  }

  /**
   * Writer: adds a record.
   *
   * @param record Its bytes.
   * @returns Whether there was room for it.
   */
  append(record: Uint8Array): boolean {
    const end = this.#written + 4 + ((record.length + 3) & ~3);
    if (end > this.#buffer.maxByteLength) return false;
    if (end > this.#buffer.byteLength) {
      this.#buffer.grow(
        Math.min(this.#buffer.maxByteLength, Math.max(end, 2 * this.#buffer.byteLength)),
      );
    }
    new Int32Array(this.#buffer, this.#written, 1)[0] = record.length;
    new Uint8Array(this.#buffer, this.#written + 4, record.length).set(record);
    this.#written = end;
    // Publishes the record and its length: a reader sees the count only after both.
    Atomics.add(this.#words, COUNT, 1);
    return true;
  }

  /** Reader: @returns The next record that it has not read yet, copied, or `undefined`. */
  next(): Uint8Array | undefined {
    if (this.#records === Atomics.load(this.#words, COUNT)) return undefined;
    const length = new Int32Array(this.#buffer, this.#read, 1)[0]!;
    const record = new Uint8Array(this.#buffer, this.#read + 4, length).slice();
    this.#read += 4 + ((length + 3) & ~3);
    this.#records++;
    return record;
  }
}
