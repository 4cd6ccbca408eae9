/** Runs the tests of a file, one after another, and reports each. */
import { tests } from "/-/node_test.js";
import { soon } from "/tests/support/gate.js";

/** Milliseconds for one test, unless it says otherwise. */
const TIMEOUT = 60_000;

/**
 * @param {string} file
 * @param {(outcome: object) => unknown} report
 */
export async function runFile(file, report) {
  try {
    await import(`/${file}`);
  } catch (error) {
    report({ error: textOf(error) });
  }
  for (const test of tests) {
    let skipped = test.options.skip;
    let error;
    const context = { skip: (reason) => void (skipped = reason) };
    if (!skipped) {
      try {
        await soon(test.run(context), "the test", test.options.timeout ?? TIMEOUT);
      } catch (thrown) {
        error = textOf(thrown);
      }
    }
    report({ name: test.name, skipped: Boolean(skipped), error });
  }
  report({ end: true });
}

/** With all that it was caused by. */
function textOf(error) {
  if (!(error instanceof Error)) return `Thrown: ${String(error)}`;
  const causes = [error.cause, ...(error.errors ?? [])].filter((cause) => cause !== undefined);
  return [error.stack ?? error.message, ...causes.map(textOf)].join("\nCaused by: ");
}

if (typeof DedicatedWorkerGlobalScope !== "undefined") {
  addEventListener("message", ({ data }) => runFile(data, (outcome) => postMessage(outcome)), {
    once: true,
  });
}
