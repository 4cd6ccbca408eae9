/**
 * The wait between two looks of a spinning thread.
 *
 * @module
 */

const hint = (Atomics as { pause?: (iterations?: number) => void }).pause;

/** Tells the processor that this thread spins; does nothing where the runtime has no such hint. */
export const pause: () => void = typeof hint === "function" ? () => hint() : () => {};
