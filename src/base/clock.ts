/**
 * The time, for deadlines and durations.
 *
 * @module
 */

const { performance } = globalThis;

/**
 * Taken at the start: tests put clocks of their own in the global's place, which stand
 * still, and a thread would spin by them for ever. In Node it costs an eighth less, too.
 *
 * @returns Milliseconds, never fewer than before, from some moment on.
 */
export const now: () => number = performance.now.bind(performance);
