/**
 * A pool whose jobs need not end.
 *
 * @module
 */
import { Pool } from "../../mod.ts";

/** A pool that `await using` stops at once, where a test leaves jobs behind or fails. */
export class BriefPool extends Pool {
  override [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }
}
