/**
 * Which family of engine runs this: only to choose between ways that give the
 * same result at different cost.
 *
 * @module
 */

/**
 * Whether this is V8, which shows native functions on one line, as Bun alone does besides;
 * JavaScriptCore elsewhere and SpiderMonkey need three. An error would tell as well; but to
 * make one where a module begins, V8 parses all of the module again, which takes 3 ms of a
 * worker's start in Deno.
 */
export const isV8: boolean = !("Bun" in globalThis) && !String(Math.max).includes("\n");
