/**
 * The library's own JSON.
 *
 * @module
 */

/**
 * @param strings Any strings.
 * @returns The JSON of a list of them. What a program gives as `toJSON` to all objects has no say
 * in it, as it has where `JSON.stringify` is handed an array.
 */
export function jsonOfStrings(strings: readonly string[]): string {
  return `[${strings.map((string) => JSON.stringify(string)).join()}]`;
}
