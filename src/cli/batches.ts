/**
 * Cuts the input into batches of whole lines. Bytes are neither decoded nor counted
 * here: this thread feeds all the others.
 *
 * @module
 */
import { Exit, FAILED } from "./exit.ts";

/** Where to cut. */
export interface BatchSize {
  /**
   * @param block Whole lines.
   * @param from Where the batch begins in it.
   * @returns Where the batch ends: behind a line break, or at the end of the block.
   */
  cut(block: Uint8Array, from: number): number;
}

/** The longest line: strings of twice its length are too long for some engines. */
const LONGEST_LINE = 2 ** 28;
const NEWLINE = 10;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Gives the lines that are there without waiting for more, so that slow input is
 * processed as it comes.
 *
 * @param input The bytes, in pieces of any size.
 * @param size Where to cut.
 * @throws {Exit} Where a line is too long.
 */
export async function* batches(
  input: AsyncIterable<Uint8Array>,
  size: BatchSize,
): AsyncGenerator<Uint8Array> {
  let unfinished: Uint8Array[] = []; // pieces of a line that goes on
  let length = 0;
  let first = true;
  const take = (piece: Uint8Array): Uint8Array => {
    const block = joined(unfinished, piece);
    const marked = first && BYTE_ORDER_MARK.every((byte, index) => block[index] === byte);
    first = false;
    return marked ? block.subarray(BYTE_ORDER_MARK.length) : block;
  };
  for await (const chunk of input) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      const block = take(chunk.subarray(0, end));
      unfinished = [];
      length = 0;
      for (let from = 0; from < block.length;) {
        const to = size.cut(block, from);
        yield block.subarray(from, to);
        from = to;
      }
    }
    if (end === chunk.length) continue;
    unfinished.push(chunk.subarray(end));
    length += chunk.length - end;
    if (length > LONGEST_LINE) {
      throw new Exit(FAILED, `Cannot read the input: a line is over ${LONGEST_LINE} bytes long`);
    }
  }
  const last = take(new Uint8Array());
  if (last.length > 0) yield last;
}

function joined(pieces: readonly Uint8Array[], last: Uint8Array): Uint8Array {
  if (pieces.length === 0) return last;
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, last.length));
  let at = 0;
  for (const piece of [...pieces, last]) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
