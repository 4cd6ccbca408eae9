import { stackOf } from "../base/stack.ts";
import { constructorOf } from "./describe.ts";
import { errorClass, errorKind, KIND_DOM_EXCEPTION, KIND_ERROR } from "./error_classes.ts";
import { ERROR } from "./tags.ts";
import type { Identities } from "./types.ts";
import type { Writer } from "./writer.ts";

/** What an error's properties are written to. */
export interface ErrorSink extends Writer {
  /** Writes the identity of a function that is registered. */
  identity(registered: object): void;
  /** Writes one property; `read` may throw. */
  property(key: string, read: () => unknown): void;
  /** Cuts text where there is little room. */
  brief(text: string): string;
}

const isEnumerable = Object.prototype.propertyIsEnumerable;

/** Properties that are sent even where they are not enumerable. */
const HIDDEN = ["message", "stack", "cause", "errors", "error", "suppressed", "code", "name"];

/**
 * Writes an error: its class, then its properties, each with its key and whether
 * it is enumerable.
 *
 * @param sink Where to.
 * @param error The error.
 * @param identities Knows the registered classes.
 */
export function writeError(sink: ErrorSink, error: Error, identities: Identities): void {
  const { kind, registered } = classOf(error, identities);
  const platform = kind === KIND_DOM_EXCEPTION && registered === undefined;
  sink.byte(ERROR);
  sink.byte(kind);
  sink.byte(registered === undefined ? 0 : 1);
  if (registered !== undefined) sink.identity(registered);
  if (platform) {
    sink.string(sink.brief(String(error.message)));
    sink.string(sink.brief(String(error.name)));
  }
  const head = sink.position - sink.start;
  sink.uint32(0);
  let count = 0;
  const write = (key: string, enumerable: boolean) => {
    sink.string(key);
    sink.byte(enumerable ? 1 : 0);
    sink.property(key, () => (error as unknown as Record<string, unknown>)[key]);
    count++;
  };
  for (const key of HIDDEN) {
    if (platform && (key === "message" || key === "name")) continue;
    // V8 formats the stack of which it is to give the descriptor, and that may throw: it reads
    // the message and the name.
    if (Object.hasOwn(error, key)) {
      if (!isEnumerable.call(error, key)) write(key, false);
    } else if (key === "stack" && typeof stackOf(error) === "string") {
      // Some engines keep the stack behind an accessor of the prototype.
      write(key, false);
    } else if (key === "name" && registered === undefined && isRenamed(error, kind)) {
      write(key, false);
    }
  }
  for (const key of Object.keys(error)) write(key, true);
  sink.view.setUint32(sink.start + head, count, true);
}

function isRenamed(error: Error, kind: number): boolean {
  try {
    return error.name !== errorClass(kind).prototype.name;
  } catch {
    // A getter threw: the class's own name has to do.
    return false;
  }
}

/** The nearest class that the other side has: which, and of which kind of error it is. */
function classOf(
  error: Error,
  identities: Identities,
): { kind: number; registered: object | undefined } {
  let registered: object | undefined;
  for (
    let prototype = Object.getPrototypeOf(error);
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    if (!Object.hasOwn(prototype, "constructor")) continue;
    const type = constructorOf(Object.create(prototype));
    const kind = errorKind(type);
    if (kind >= 0) return { kind, registered };
    if (typeof type === "function" && identities.identify(type) !== undefined) {
      registered ??= type;
    }
  }
  return { kind: KIND_ERROR, registered };
}
