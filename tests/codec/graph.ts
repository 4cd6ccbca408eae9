/**
 * Compares two values as graphs: what is one object there must be one object here.
 *
 * @module
 */

/** @returns Where the two differ, or `undefined` where they are the same. */
export function difference(
  actual: unknown,
  expected: unknown,
  path = "value",
  seen: Map<unknown, unknown> = new Map(),
): string | undefined {
  if (typeof expected !== "object" || expected === null) {
    return Object.is(actual, expected) ? undefined : `${path} differs`;
  }
  if (typeof actual !== "object" || actual === null) return `${path} is no object`;
  if (seen.has(expected)) {
    return seen.get(expected) === actual ? undefined : `${path} is another object`;
  }
  if ([...seen.values()].includes(actual)) return `${path} is shared`;
  seen.set(expected, actual);
  if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) {
    return `${path} has another prototype`;
  }
  const inner = (a: unknown, b: unknown, step: string) => difference(a, b, path + step, seen);
  if (expected instanceof Date) return inner(Number(actual), Number(expected), ".time");
  if (expected instanceof RegExp) {
    const other = actual as RegExp;
    return inner(String(other), String(expected), ".text") ??
      inner(other.lastIndex, expected.lastIndex, ".lastIndex");
  }
  if (
    expected instanceof Number || expected instanceof String || expected instanceof Boolean ||
    expected instanceof BigInt
  ) return inner(actual.valueOf(), expected.valueOf(), ".valueOf()");
  if (expected instanceof ArrayBuffer) {
    const other = actual as ArrayBuffer;
    return inner(other.maxByteLength, expected.maxByteLength, ".maxByteLength") ??
      inner([...new Uint8Array(other)].join(), [...new Uint8Array(expected)].join(), ".bytes");
  }
  if (ArrayBuffer.isView(expected)) {
    const other = actual as ArrayBufferView;
    const bytes = (view: ArrayBufferView) =>
      [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)].join();
    return inner(bytes(other), bytes(expected), ".bytes");
  }
  if (expected instanceof Map) {
    return inner([...actual as Map<unknown, unknown>], [...expected], ".entries()");
  }
  if (expected instanceof Set) {
    return inner([...actual as Set<unknown>], [...expected], ".values()");
  }
  const keys = Object.keys(expected);
  const others = Object.keys(actual);
  if (keys.join("\0") !== others.join("\0")) return `${path} has the keys ${others}, not ${keys}`;
  if (Array.isArray(expected) && expected.length !== (actual as unknown[]).length) {
    return `${path} has the length ${(actual as unknown[]).length}`;
  }
  for (const key of keys) {
    const own = Object.getOwnPropertyDescriptor(actual, key)!;
    if (!own.writable || !own.configurable) return `${path}.${key} is no ordinary property`;
    const found = inner(own.value, (expected as Record<string, unknown>)[key], `.${key}`);
    if (found !== undefined) return found;
  }
  return undefined;
}
