/**
 * Checks of what users pass: each throws an error that names the option, the
 * value, and what it must be.
 *
 * @module
 */

/** @throws {TypeError} Where an object has an option that nobody knows. */
export function checkKnown(
  what: string,
  options: object | undefined,
  known: readonly string[],
): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`Cannot use ${show(options)} as options of ${what}: pass an object`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const choice = known.length === 0 ? "it takes none" : `there are only ${known.join(", ")}`;
      throw new TypeError(`Cannot use option ${name} of ${what}: ${choice}`);
    }
  }
}

/** @throws {TypeError} Where a value is no signal. */
export function abortSignal(value: unknown): void {
  if (value instanceof AbortSignal) return;
  throw new TypeError(`Cannot use signal ${show(value)}: it must be an AbortSignal`);
}

/** @throws {RangeError} Where a time is not one. */
export function duration(name: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0)) {
    throw new RangeError(
      `Cannot use ${name} ${show(value)}: it must be a number of milliseconds, at least 0`,
    );
  }
  return value;
}

/** @returns The value, checked. */
export function flag(name: string, value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`Cannot use ${name} ${show(value)}: it must be true or false`);
}

/** @returns The value, checked. */
export function callback<F>(name: string, value: F): F {
  if (typeof value === "function") return value;
  throw new TypeError(`Cannot use ${name} ${show(value)}: it must be a function`);
}

/** @returns The value, checked. */
export function text(name: string, value: string): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Cannot use ${name} ${show(value)}: it must be a string`);
}

/** @returns The value, checked. */
export function list<T>(name: string, value: readonly T[]): readonly T[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`Cannot use ${name} ${show(value)}: it must be an array`);
}

/** @returns The value, checked. */
export function integer(
  name: string,
  value: number,
  least: number,
  most: number,
): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(
      `Cannot use ${name} ${show(value)}: it must be an integer from ${least} to ${most}`,
    );
  }
  return value;
}

/** @returns The value, checked. */
export function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new TypeError(
      `Cannot use ${name} ${show(value)}: it must be one of ${allowed.join(", ")}`,
    );
  }
}

/** @returns How errors show a value; this never throws. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  try {
    return Array.isArray(value) ? `[${value}]` : String(value);
  } catch {
    // It has no prototype, or a conversion of its own that throws.
    return "something that cannot be shown";
  }
}
