/**
 * Functions of a package, which nobody has registered and this thread never imports: `marked`
 * makes HTML of the Markdown files in a folder, of this repository's documents unless told otherwise.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import process from "node:process";
import { Pool, remote } from "@multicore/multicore";

// Workers import what the name means here: a file in Bun and Node, `npm:` in Deno.
const marked = remote<typeof import("marked")>(import.meta.resolve("marked"));
// It is overloaded; this is the form that is meant.
const parse = marked.parse as (text: string) => Promise<string>;

const folder = process.argv[2] ?? "docs";
async function* documents(): AsyncGenerator<string> {
  for (const name of await readdir(folder)) {
    if (name.endsWith(".md")) yield await readFile(`${folder}/${name}`, "utf8");
  }
}

await using pool = new Pool();
const pages = await pool.map(parse, documents());
const headings = pages.flatMap((page) => page.match(/<h[1-6]/g) ?? []);
console.log(`${pages.length} documents with ${headings.length} headings`);
