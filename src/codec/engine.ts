/**
 * Which family of engine runs this: only to choose between ways that give the
 * same result at different cost.
 *
 * @module
 */

/**
 * Whether this is V8: it shows native functions on one line, where other engines take
 * three; Bun, which does as V8, is known by its name. No error is made to tell them apart:
 * where one is made at the top of a module, V8 parses the module again, which takes 3 ms
 * of a worker's start in Deno.
 */
export const isV8: boolean = !("Bun" in globalThis) && !String(Math.max).includes("\n");
