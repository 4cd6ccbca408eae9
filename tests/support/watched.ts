/**
 * Watched words as `sync/spinner.ts` uses them.
 *
 * @module
 */
import type { Watched } from "../../src/sync/spinner.ts";
import { words } from "../sync/threads.ts";

/** A word that says 0 while nothing has come. */
export function watchedWord(): Watched {
  return { words: words(1), at: 0, blank: 0, aim() {} };
}

/** @returns Whether it shows that something has come, since `aim` or before it. */
export function differs({ words, at, blank }: Watched): boolean {
  return words[at] !== blank;
}

/** @returns The same, after `aim`. */
export function shows(watched: Watched): boolean {
  watched.aim();
  return differs(watched);
}
