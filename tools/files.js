/**
 * Listing and writing trees of files.
 *
 * @module
 */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./process.js";

/**
 * Every file at or below these paths, sorted; a path that does not exist has
 * none. Packages and hidden folders are passed over.
 *
 * @param {string[]} paths From `root`, with slashes.
 * @param {string} [root]
 * @returns {string[]} From `root`, with slashes.
 */
export function listFiles(paths, root = ROOT) {
  return paths.flatMap((path) => {
    const full = join(root, path);
    if (!existsSync(full)) return [];
    if (!statSync(full).isDirectory()) return [path];
    const names = readdirSync(full)
      .filter((name) => name !== "node_modules" && !name.startsWith("."))
      .sort();
    return listFiles(names.map((name) => `${path}/${name}`), root);
  });
}

/**
 * Makes `folder` hold exactly these files. What is right already is left
 * alone, and the rest is replaced in one step, so that programs which run from
 * the folder meanwhile never meet half a file.
 *
 * @param {string} folder
 * @param {Map<string, string | Uint8Array>} files Path in the folder to content.
 */
export function writeTree(folder, files) {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    for (const path of listFiles([name], folder)) {
      if (!files.has(path)) rmSync(join(folder, path));
    }
  }
  for (const [path, content] of files) {
    const target = join(folder, path);
    const bytes = Buffer.from(content);
    if (existsSync(target) && readFileSync(target).equals(bytes)) continue;
    mkdirSync(dirname(target), { recursive: true });
    const draft = `${target}.${process.pid}.tmp`;
    writeFileSync(draft, bytes);
    renameSync(draft, target);
  }
}
