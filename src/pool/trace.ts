/**
 * Errors from workers, with the stack of the call joined to that of the throw.
 * Nothing is captured when a call is made, since that costs more than the call:
 * the error's second half is made when it is thrown, by an async function, and
 * engines then show who awaits it.
 *
 * @module
 */

/** Frames of the library itself, on either side, tell a user nothing. */
const HERE = pathOf(new URL("./", import.meta.url));
const WORKER = pathOf(new URL("../worker/", import.meta.url));
const JOINT = "    at multicore (in another thread, called from)";

/** Errors that are not a single call's: a signal's reason, or what ends a whole task or pool. */
const shared = new WeakSet<object>();

/** Says of an error that its stack is to stay as it is, since several calls may fail with it. */
export function shareError(error: unknown): void {
  if (typeof error === "object" && error !== null) shared.add(error);
}

/**
 * @param error What a task function threw.
 * @returns The same, its stack continued with the frames of whoever awaits this function's caller.
 */
export function joinStack(error: unknown): unknown {
  if (!(error instanceof Error) || typeof error.stack !== "string" || shared.has(error)) {
    return error;
  }
  const descriptor = Object.getOwnPropertyDescriptor(error, "stack");
  if (descriptor?.configurable === false) return error;
  const caller = framesOf(new Error().stack).filter((line) => !line.includes(HERE));
  const thrown = error.stack.split("\n").filter((line) => !line.includes(WORKER));
  Object.defineProperty(error, "stack", {
    value: [...thrown, ...(caller.length > 0 ? [JOINT, ...caller] : [])].join("\n"),
    configurable: true,
    writable: true,
    enumerable: false,
  });
  return error;
}

/**
 * Throws from where engines that trace promises can see who waits: they follow
 * the promises from a function that has awaited, once the waiting is in place.
 */
export async function raise(error: unknown): Promise<never> {
  // The promise that adopts this one does so two reactions from now.
  await undefined;
  await undefined;
  await undefined;
  throw joinStack(error);
}

/** What stands for a failure among results, until an async function throws it. */
export class Failure {
  readonly error: unknown;

  /** @param error What was thrown. */
  constructor(error: unknown) {
    this.error = error;
  }
}

/** For engines that trace only what is awaited directly: awaits, and throws from there. */
export async function unwrap<R>(outcome: Promise<R | Failure>): Promise<R> {
  const value = await outcome;
  if (value instanceof Failure) throw joinStack(value.error);
  return value;
}

function framesOf(stack: string | undefined): string[] {
  return (stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
}

/** A folder as stacks show it: Bun leaves out the scheme. */
function pathOf(folder: URL): string {
  return folder.href.replace(/^file:\/\//, "");
}
