/**
 * Finds the text files under a folder.
 *
 * @module
 */
import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A text file. */
export interface TextFile {
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
}

/** What is under a folder. */
export interface Listing {
  readonly files: TextFile[];
  /** How many files are not text. */
  readonly binary: number;
  /** How many files and folders could not be read. */
  readonly unreadable: number;
}

/** A file with a zero byte among its first ones is no text: the rule that Git has. */
const SNIFFED = 8000;

/** Source maps are numbers in the guise of letters. */
const SOURCE_MAP = ".map";

const buffer = new Uint8Array(1 << 16);

/**
 * Lists the text files under a folder. Hidden ones are left out, and links are
 * not followed, which could lead in circles. Each file is read once to its end,
 * so that whoever reads it first thereafter is not the one to wait for the disk.
 *
 * @param folder The folder.
 * @returns The files, large ones first: a large one begun last would leave all workers but one idle.
 * @throws Where the folder itself cannot be read.
 */
export function listTextFiles(folder: string): Listing {
  const files: TextFile[] = [];
  let binary = 0;
  let unreadable = 0;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    let entries;
    try {
      entries = readdirSync(next, { withFileTypes: true });
    } catch (error) {
      if (next === folder) throw error;
      unreadable++;
      continue;
    }
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      const path = join(next, entry.name);
      if (entry.isDirectory()) folders.push(path);
      if (!entry.isFile()) continue;
      if (entry.name.endsWith(SOURCE_MAP)) {
        binary++;
        continue;
      }
      try {
        const bytes = readText(path);
        if (bytes === undefined) binary++;
        else files.push({ path, bytes });
      } catch {
        unreadable++; // counted, and told of at the end
      }
    }
  }
  files.sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
  return { files, binary, unreadable };
}

/** @returns The file's size, `undefined` where it is no text. */
function readText(path: string): number | undefined {
  const file = openSync(path, "r");
  try {
    let size = 0;
    for (;;) {
      const count = readSync(file, buffer, 0, buffer.length, null);
      if (count === 0) return size;
      if (size === 0 && buffer.subarray(0, Math.min(count, SNIFFED)).includes(0)) return undefined;
      size += count;
    }
  } finally {
    closeSync(file);
  }
}

/** @returns The project's own folder, whether this is its source or the build for Node. */
export function projectFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "deno.json")) && dirname(folder) !== folder) {
    folder = dirname(folder);
  }
  return folder;
}
