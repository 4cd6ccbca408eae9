/**
 * Where results go: whole lines, one write after another.
 *
 * @module
 */
import { type Stats, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import process from "node:process";
import type { Writable } from "node:stream";
import { DONE, Exit, FAILED, misuse, reason } from "./exit.ts";

/** What takes lines. */
export interface Output {
  /**
   * Writes lines; resolves when the system has them all.
   *
   * @throws {Exit} Where it cannot take them, or nobody reads any more.
   */
  write(lines: Uint8Array): Promise<void>;
  /** Writes nothing more. */
  close(): Promise<void>;
}

/** How to open an output. */
export interface OutputOptions {
  /** Whether a file that exists may be overwritten. */
  readonly force: boolean;
  /** The input's file, which may not be overwritten in any case. */
  readonly input: Stats | undefined;
}

/**
 * @param path A path, or `-` for the stream.
 * @param stream Standard output or standard error.
 * @param options What may be overwritten.
 * @throws {Exit} Where it cannot be opened, or may not be overwritten.
 */
export async function openOutput(
  path: string,
  stream: NodeJS.WriteStream,
  options: OutputOptions,
): Promise<Output> {
  if (path === "-") return new StreamOutput(stream, stream === process.stdout);
  const there = statSync(path, { throwIfNoEntry: false });
  const regular = there?.isFile() ?? true; // others, such as /dev/null, cannot be overwritten
  const { input, force } = options;
  if (there && input && there.ino === input.ino && there.dev === input.dev && regular) {
    throw misuse(`Cannot write ${path}: it is the input`);
  }
  if (there && regular && !force) {
    throw misuse(`Cannot write ${path}: it exists; overwrite it by --force`);
  }
  try {
    return new FileOutput(path, await open(path, regular && !force ? "wx" : "w"), regular);
  } catch (error) {
    throw misuse(`Cannot write ${path}: ${reason(error)}`);
  }
}

class FileOutput implements Output {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #regular: boolean;
  /** Bytes of the lines that are written whole. */
  #whole = 0;

  constructor(path: string, file: FileHandle, regular: boolean) {
    this.#path = path;
    this.#file = file;
    this.#regular = regular;
  }

  async write(lines: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < lines.length;) {
        at += (await this.#file.write(lines, at, lines.length - at)).bytesWritten;
      }
    } catch (error) {
      if (this.#regular) await this.#file.truncate(this.#whole).catch(() => {});
      throw unwritten(this.#path, error);
    }
    this.#whole += lines.length;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

class StreamOutput implements Output {
  readonly #stream: Writable;
  readonly #name: string;

  constructor(stream: Writable, standard: boolean) {
    this.#stream = stream;
    this.#name = standard ? "standard output" : "standard error";
    stream.on("error", () => {}); // `write` tells
  }

  write(lines: Uint8Array): Promise<void> {
    if (lines.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#stream.write(lines, (error) => {
        if (error) reject(unwritten(this.#name, error));
        else resolve();
      });
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function unwritten(name: string, error: unknown): Exit {
  // `head` and the like have had enough.
  if ((error as NodeJS.ErrnoException).code === "EPIPE") return new Exit(DONE, "");
  return new Exit(FAILED, `Cannot write ${name}: ${reason(error)}`, { cause: error });
}
