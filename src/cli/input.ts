/**
 * Where lines come from.
 *
 * @module
 */
import type { Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import process from "node:process";
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
export async function openInput(path: string, signal: AbortSignal): Promise<Input> {
  if (path === "-") {
    // A read from a terminal may never end by itself.
    signal.addEventListener("abort", () => void process.stdin.destroy(), { once: true });
    return { bytes: checked(process.stdin, "standard input"), file: undefined };
  }
  let handle: FileHandle | undefined;
  let file: Stats;
  try {
    handle = await open(path);
    file = await handle.stat();
    if (file.isDirectory()) throw new Error("it is a folder");
  } catch (error) {
    await handle?.close();
    throw misuse(`Cannot read ${path}: ${reason(error)}`);
  }
  return { bytes: checked(contentOf(handle), path), file };
}

async function* contentOf(handle: FileHandle): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      const { bytesRead, buffer } = await handle.read(new Uint8Array(READ_AT_ONCE));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close(); // handles that are left to the garbage collector fail the program
  }
}

async function* checked(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw new Exit(FAILED, `Cannot read ${name}: ${reason(error)}`, { cause: error });
  }
}
