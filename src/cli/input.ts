/**
 * Where lines come from.
 *
 * @module
 */
import { createReadStream, fstatSync, openSync, type Stats } from "node:fs";
import process from "node:process";
import type { Readable } from "node:stream";
import { Exit, FAILED, misuse, reason } from "./exit.ts";

/** An input that is open. */
export interface Input {
  /** Its bytes, read as they are asked for. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** What the system knows about the file; `undefined` for standard input. */
  readonly file: Stats | undefined;
}

const READ_AT_ONCE = 2 ** 18;

/**
 * @param path A path, or `-` for standard input.
 * @param signal Ends the reading.
 * @throws {Exit} Where it cannot be opened.
 */
export function openInput(path: string, signal: AbortSignal): Input {
  if (path === "-") {
    return { bytes: read(process.stdin, "standard input", signal), file: undefined };
  }
  try {
    const fd = openSync(path, "r");
    const file = fstatSync(fd);
    if (file.isDirectory()) throw misuse(`Cannot read ${path}: it is a folder`);
    const stream = createReadStream("", { fd, highWaterMark: READ_AT_ONCE });
    return { bytes: read(stream, path, signal), file };
  } catch (error) {
    throw error instanceof Exit ? error : misuse(`Cannot read ${path}: ${reason(error)}`);
  }
}

async function* read(
  stream: Readable,
  name: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // A read from a terminal may never end.
  signal.addEventListener("abort", () => void stream.destroy(), { once: true });
  try {
    yield* stream as AsyncIterable<Uint8Array>;
  } catch (error) {
    signal.throwIfAborted();
    throw new Exit(FAILED, `Cannot read ${name}: ${reason(error)}`, { cause: error });
  }
}
