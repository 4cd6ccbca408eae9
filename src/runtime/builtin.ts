/**
 * @param name The name of a module of Node's, which Deno and Bun have as well.
 * @returns The module; `undefined` in a browser, which loads the adapters but calls nothing in them.
 */
export function builtin<T>(name: string): T {
  return globalThis.process?.getBuiltinModule?.(name as "process") as T;
}
