/**
 * What a line says, and how a result is said in one. Whatever would be lost on the
 * way is refused.
 *
 * @module
 */

/** How a line is read or written: a JSON value, or the text as it is. */
export type Format = "json" | "text";

/**
 * @param line A line, without its line break.
 * @param format How to read it.
 * @returns The function's argument.
 * @throws {SyntaxError} Where it is no JSON.
 */
export function parseLine(line: string, format: Format): unknown {
  return format === "json" ? JSON.parse(line) : line;
}

/**
 * @param result What the function has returned.
 * @param format How to write it.
 * @returns The line, without a line break.
 * @throws {TypeError} Where the line would not say what the result is.
 */
export function writeLine(result: unknown, format: Format): string {
  if (format === "text") return textLine(result);
  if (result === undefined) return "null"; // a line in is a line out
  const line = JSON.stringify(result); // first: it refuses cycles
  checkJson(result, "");
  return line;
}

function textLine(result: unknown): string {
  if (typeof result !== "string") {
    throw new TypeError(
      `Cannot write ${describe(result)} as text: return a string, or write JSON (--output-format)`,
    );
  }
  if (/[\r\n]/.test(result)) {
    throw new TypeError("Cannot write a text with a line break as one line: write JSON instead");
  }
  if (!result.isWellFormed()) {
    throw new TypeError("Cannot write a text with a lone surrogate: UTF-8 has none");
  }
  return result;
}

/**
 * Refuses what `JSON.stringify` turns into something else without a word. It may leave
 * out properties that are `undefined`: reading them gives `undefined` all the same.
 */
function checkJson(value: unknown, path: string): void {
  switch (typeof value) {
    case "number":
      if (!Number.isFinite(value)) throw lost(value, path);
      return;
    case "undefined":
    case "function":
    case "symbol":
      throw lost(value, path);
    case "object":
      if (value !== null) checkObject(value, path);
  }
}

function checkObject(value: object, path: string): void {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) checkJson(value[i], `${path}[${i}]`);
  } else if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw lost(value, path);
  } else if (isContainer(value)) {
    throw lost(value, path);
  } else if (typeof (value as { toJSON?: unknown }).toJSON !== "function") {
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) checkJson(member, `${path}.${key}`);
    }
  }
}

/** Whether JSON drops what an object is about, and writes `{}` or the like. */
function isContainer(value: object): boolean {
  return value instanceof Map || value instanceof Set || value instanceof WeakMap ||
    value instanceof WeakSet || value instanceof Promise || value instanceof RegExp ||
    value instanceof Error || value instanceof ArrayBuffer || ArrayBuffer.isView(value) ||
    (globalThis.SharedArrayBuffer !== undefined && value instanceof SharedArrayBuffer);
}

function lost(value: unknown, path: string): TypeError {
  return new TypeError(`Cannot write result${path} as JSON: it is ${describe(value)}`);
}

function describe(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Date) return "an invalid Date";
  return `an object of ${value.constructor?.name ?? "no class"}`;
}
