/**
 * What the workers of the command line import before all else.
 *
 * @module
 */
export { isFunction, runLines } from "./lines.ts";

// Standard output is for results: what the user's module logs must not get in between.
console.log = console.info = console.debug = console.error;
