/**
 * Which family of engine runs this: only to choose between ways that give the
 * same result at different cost.
 *
 * @module
 */

const probe = new Error();

/**
 * Whether this is V8: its errors own a stack and, unlike those of others, no line.
 * What the stack looks like tells nothing, since others write it in V8's way.
 */
export const isV8: boolean = Object.hasOwn(probe, "stack") && !Object.hasOwn(probe, "line");
