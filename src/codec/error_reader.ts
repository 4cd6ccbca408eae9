import { errorClass, KIND_DOM_EXCEPTION } from "./error_classes.ts";
import type { Reader } from "./reader.ts";

/** What an error is read from. */
export interface ErrorSource extends Reader {
  /** Reads the identity of a class; returns its prototype. */
  prototype(): object;
  /** Reads a string with its tag. */
  text(): string;
  /** Reads any value. */
  value(): unknown;
  /** Numbers an object, before its contents are read. */
  met<T extends object>(object: T): T;
}

/**
 * Reads what `writeError` wrote.
 *
 * @param source Where from; the tag is behind it.
 * @returns The error, with the properties that were sent and no others.
 */
export function readError(source: ErrorSource): Error {
  const kind = source.byte();
  const prototype = source.byte() === 1 ? source.prototype() : undefined;
  const type = errorClass(kind);
  let error: Error;
  if (kind === KIND_DOM_EXCEPTION && prototype === undefined) {
    const message = source.text();
    const name = source.text();
    error = typeof DOMException === "undefined"
      ? named(new Error(message), name)
      : new DOMException(message, name);
  } else {
    // Only a constructor makes a real error; its class is put on afterwards.
    error = withoutTrace(() =>
      type === DOMException_ ? new DOMException() : Reflect.construct(Error, [], type)
    );
    for (const key of Reflect.ownKeys(error)) Reflect.deleteProperty(error, key);
    const proto = prototype ?? type.prototype;
    if (Object.getPrototypeOf(error) !== proto) Object.setPrototypeOf(error, proto);
  }
  source.met(error);
  const count = source.uint32();
  for (let i = 0; i < count; i++) {
    const key = source.text();
    const enumerable = source.byte() === 1;
    const value = source.value();
    Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
  }
  return error;
}

const DOMException_ = (globalThis as { DOMException?: unknown }).DOMException;

/** Makes an error whose own stack nobody will see: to trace it is most of what it costs. */
function withoutTrace(make: () => Error): Error {
  const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
  // The program may have frozen it, or have put an accessor in its place.
  if (typeof limit?.value !== "number" || limit.writable !== true) return make();
  const limits = Error as { stackTraceLimit?: number };
  limits.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    limits.stackTraceLimit = limit.value;
  }
}

function named(error: Error, name: string): Error {
  Object.defineProperty(error, "name", { value: name, writable: true, configurable: true });
  return error;
}
