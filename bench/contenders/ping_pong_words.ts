/**
 * The words that the two threads share, each in a cache line of its own.
 *
 * @module
 */

/** Counts the games; the worker sleeps on it. */
export const GO = 0;
/** Rounds of the game, -1 to end. */
export const ROUNDS = 1;
/** The host's last number. */
export const PING = 32;
/** The worker's last number. */
export const PONG = 64;
/** Number of words. */
export const WORDS = 96;
