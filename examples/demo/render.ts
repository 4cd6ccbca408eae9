/**
 * Task functions of the demo's first part: trivial calls, and users to render.
 *
 * @module
 */
import { register } from "@multicore/multicore";
import { pbkdf2Sync } from "node:crypto";

/** Made once in every worker, as the module is imported there: no call has to carry it. */
export const users: readonly string[] = Array.from({ length: 100 }, (_, i) => `user ${i + 1}`);

/** The trivial call. */
export function asText(n: number): string {
  return String(n);
}

/**
 * Renders one user. The work in it is real: a key derived for a link, by as many
 * rounds as the caller says.
 */
export function render(user: string, rounds: number): string {
  const key = pbkdf2Sync(user, "a salt", rounds, 16, "sha256").toString("hex");
  return `<li><a href="/u/${key}">${user}</a></li>`;
}

/** Renders users `start` to `end`, without the last. */
export function renderRange(start: number, end: number, rounds: number): string {
  let page = "";
  for (const user of users.slice(start, end)) page += render(user, rounds);
  return page;
}

register(import.meta.url, { asText, renderRange });

/** @returns As many rounds as take this machine so many milliseconds. */
export function roundsFor(milliseconds: number): number {
  const sample = 20_000;
  render("warm up", sample);
  let best = Infinity;
  for (let i = 0; i < 5; i++) {
    const began = performance.now();
    render("sample", sample);
    best = Math.min(best, performance.now() - began);
  }
  return Math.max(1, Math.round(sample * milliseconds / best));
}
