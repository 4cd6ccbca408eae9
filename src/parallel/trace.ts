/**
 * Errors from workers, with the stack of the call joined to that of the throw.
 * Nothing is captured when a call is made, since that costs more than the call:
 * the error's second half is made when it is thrown, by an async function, and
 * engines then show who awaits it.
 *
 * @module
 */
import { MulticoreError, PoolClosedError } from "../base/errors.ts";
import { stackOf } from "../base/stack.ts";
import { isShared } from "../dispatch/shared_errors.ts";

/** Frames of the library itself, on either side, tell a user nothing. */
const isBundled = !import.meta.url.includes("/parallel/trace.");
// Of a bundle only the package's own files, not whatever lies beside them in one of a user's.
const HERE = paths(
  isBundled ? ["mod.js", "shared.js", "src/"] : ["./", "../pool/", "../dispatch/", "../kernels/"],
);
const WORKER = [...HERE, ...paths(isBundled ? ["worker.js"] : ["../worker/"])];
/** What calls task functions on workers: a job may run on top of another one, whose frames are below. */
const BOTTOM = /\bcallTaskFunction\b/;
const JOINT = "    at multicore (in another thread, called from)";

/** @returns Of a stack that was made here the frames of whoever has called the library, or awaits it. */
export function callerIn(stack: string | undefined): string[] {
  return ofOneJob(framesOf(stack)).filter((line) => !isIn(HERE, line));
}

/**
 * @param error What a task function threw.
 * @param caller Whom to continue its stack with: whoever awaits this function's caller, unless
 * it is known. To find that out takes longer than all the rest.
 * @returns The same error.
 */
export function joinStack(error: unknown, caller?: readonly string[]): unknown {
  if (!(error instanceof Error) || isShared(error)) return error;
  const stack = stackOf(error);
  if (typeof stack !== "string") return error;
  const descriptor = Object.getOwnPropertyDescriptor(error, "stack");
  if (descriptor?.configurable === false) return error;
  caller ??= callerIn(new Error().stack);
  const thrown = ofOneJob(stack.split("\n")).filter((line) => !isIn(WORKER, line));
  Object.defineProperty(error, "stack", {
    value: [...thrown, ...(caller.length > 0 ? [JOINT, ...caller] : [])].join("\n"),
    configurable: true,
    writable: true,
    enumerable: false,
  });
  return error;
}

/**
 * Lets the stack of a refusal begin with the call that was refused, where the
 * engine can: it shows ten frames, and those of the encoder fill them.
 *
 * @param error What the call threw, made for it alone.
 * @param below The library's outermost function on the way.
 * @returns The same error.
 */
export function fromCaller(error: unknown, below: (...args: never[]) => unknown): unknown {
  const { captureStackTrace } = Error as {
    captureStackTrace?: (error: object, below: unknown) => void;
  };
  if (error instanceof MulticoreError && !(error instanceof PoolClosedError)) {
    captureStackTrace?.(error, below);
  }
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

/** What another job has below in the same thread is left out; what was joined on stays. */
function ofOneJob(lines: string[]): string[] {
  const bottom = lines.findIndex((line) => BOTTOM.test(line));
  if (bottom < 0) return lines;
  const joint = lines.findIndex((line, i) => i > bottom && line.startsWith(JOINT));
  return [...lines.slice(0, bottom), ...(joint < 0 ? [] : lines.slice(joint))];
}

function framesOf(stack: string | undefined): string[] {
  return (stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
}

function isIn(places: readonly string[], line: string): boolean {
  return places.some((place) => line.includes(place));
}

/** Files and folders as stacks show them: Bun leaves out the scheme. */
function paths(relative: readonly string[]): string[] {
  return relative.map((path) => new URL(path, import.meta.url).href.replace(/^file:\/\//, ""));
}
