/**
 * Which family of engine runs this: only to choose between ways that give the
 * same result at different cost.
 *
 * @module
 */

const probe = new Error();

/**
 * Whether this is V8: its errors own neither a line, as those of JavaScriptCore do,
 * nor a line number, as those of SpiderMonkey. Nobody asks for their stack: that
 * would be formatted, which takes some 2 ms of a worker's start.
 */
export const isV8: boolean = !Object.hasOwn(probe, "line") && !Object.hasOwn(probe, "lineNumber");
