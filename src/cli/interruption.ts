/**
 * Ctrl-C, and being told to end.
 *
 * @module
 */
import process from "node:process";
import { Exit } from "./exit.ts";

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

/**
 * @returns A signal that fires when the process is told to end; its reason is the
 * {@linkcode Exit} to end with. Who does not want to wait for that says so twice.
 */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const [name, number] of Object.entries(SIGNALS)) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + number);
      controller.abort(new Exit(128 + number, ""));
    });
  }
  return controller.signal;
}
