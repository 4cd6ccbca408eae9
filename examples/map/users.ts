/**
 * A function to run over lines, by the command line:
 *
 * ```sh
 * deno run -A src/cli/main.ts map examples/map/users.ts#render --input examples/map/users.jsonl
 * ```
 *
 * It need not know the library.
 *
 * @module
 */

/** What a line of users.jsonl says. */
interface User {
  readonly name: string;
  readonly site?: string;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", '"': "&quot;" };

function escape(text: string): string {
  return text.replace(/[&<"]/g, (character) => ESCAPES[character]!);
}

/** A list item for a user. */
export function render({ name, site }: User): string {
  const text = escape(name);
  return site ? `<li><a href="${escape(site)}">${text}</a></li>` : `<li>${text}</li>`;
}
