/**
 * Where the workers' entry is: told by the top of the library, beside which it lies.
 *
 * @module
 */

/** The URL of the workers' entry. */
export const workerEntry: URL = new URL("../../worker.ts", import.meta.url);
