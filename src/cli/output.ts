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
 * Refuses what may not be overwritten, before anything is opened.
 *
 * @param path A path, or `-` for a stream.
 * @param options What may be overwritten.
 * @throws {Exit} Where it may not.
 */
export function checkOutput(path: string, { force, input }: OutputOptions): void {
  const there = path === "-" ? undefined : statSync(path, { throwIfNoEntry: false });
  if (there?.isFile() !== true) return; // others, such as /dev/null, cannot be overwritten
  if (there.ino === input?.ino && there.dev === input.dev) {
    throw misuse(`Cannot write ${path}: it is the input`);
  }
  if (!force) throw misuse(`Cannot write ${path}: it exists; overwrite it by --force`);
}

/**
 * @param path A path, or `-` for the stream.
 * @param stream Standard output or standard error.
 * @throws {Exit} Where it cannot be opened.
 */
export async function openOutput(path: string, stream: NodeJS.WriteStream): Promise<Output> {
  if (path === "-") return new StreamOutput(stream, stream === process.stdout);
  try {
    const file = await open(path, "w");
    return new FileOutput(path, file, (await file.stat()).isFile());
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
