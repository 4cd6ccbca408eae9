/**
 * Which function or class is which export of which module. The books are kept on
 * the global object, so that two copies of this library in one thread (a bundle
 * and the worker's entry, for instance) know the same functions.
 *
 * @module
 */
import { show } from "../base/checks.ts";
import { isSourceless, nameInCode, registration } from "../base/code.ts";
import { UnregisteredFunctionError } from "../base/errors.ts";
import { nameOf, sourceOf } from "../codec/describe.ts";
import type { Identity } from "../codec/mod.ts";

const KEY = Symbol.for("multicore.registry");
/** What messages call a function without a name. */
const FUNCTION = "theFunction";

/** What a thread knows of registered functions. */
interface Books {
  readonly identities: WeakMap<object, Identity>;
  readonly members: Map<string, object>;
  /** Stand-ins for functions of modules that this thread has not imported. */
  readonly remotes: WeakSet<object>;
}

const books: Books = ((globalThis as { [KEY]?: Books })[KEY] ??= {
  identities: new WeakMap(),
  members: new Map(),
  remotes: new WeakSet(),
});

/**
 * Makes functions known as task functions, and classes as classes whose instances
 * may be sent: each is found again, in every worker, as an export of its module.
 *
 * @param module The module that exports them: `import.meta`, or its absolute URL.
 * @param members The functions and classes, under the names of their exports.
 * @throws {TypeError} Where the module is no absolute URL, the members are no object, or one
 * of them is no function.
 *
 * @example
 * ```ts
 * import { register } from "@multicore/multicore";
 *
 * export function double(n: number): number {
 *   return 2 * n;
 * }
 * register(import.meta.url, { double });
 * ```
 */
export function register(
  module: string | URL | { readonly url: string },
  // deno-lint-ignore ban-types
  members: Readonly<Record<string, Function>>,
): void {
  const url = moduleUrl(module, "register functions of", "pass import.meta.url");
  if (typeof members !== "object" || members === null || Array.isArray(members)) {
    throw new TypeError(
      `Cannot register ${describe(members)} as members of ${url}: ` +
        "pass an object of functions and classes under the names of their exports, such as { double }",
    );
  }
  for (const [name, member] of Object.entries(members)) {
    if (typeof member !== "function") {
      throw new TypeError(
        `Cannot register ${name} of ${url}: it is ${describe(member)}, not a function or class`,
      );
    }
  }
  for (const [name, member] of Object.entries(members)) {
    books.identities.set(member, { module: url, name });
    books.members.set(`${name} ${url}`, member);
  }
}

/**
 * @param module A module that workers can import.
 * @returns What names a function as an export of that module, which this thread need not import.
 */
export function nameRemote<F extends object>(
  module: string | URL,
): (name: string, standIn: (...args: unknown[]) => unknown) => F {
  const url = moduleUrl(
    module,
    "name functions of",
    "pass new URL(…, import.meta.url), or import.meta.resolve(…) for a package",
  );
  return (name, standIn) => {
    Object.defineProperty(standIn, "name", { value: name });
    books.identities.set(standIn, { module: url, name });
    books.remotes.add(standIn);
    return standIn as unknown as F;
  };
}

/** @returns Whether a function only stands for one of another module. */
export function isRemote(fn: object): boolean {
  return books.remotes.has(fn);
}

/** @returns The identity of a registered function or class. */
export function identify(value: object): Identity | undefined {
  return books.identities.get(value);
}

/** @returns What this thread has registered under an identity. */
export function registeredAs(module: string, name: string): object | undefined {
  return books.members.get(`${name} ${module}`);
}

/** @returns The error for a function that nobody has registered. */
export function unregistered(value: unknown): UnregisteredFunctionError | TypeError {
  if (typeof value !== "function") {
    return new TypeError(`Cannot run ${describe(value)}: it is not a function`);
  }
  const name = nameOf(value);
  const what = `Cannot run ${name || "an anonymous function"}`;
  return new UnregisteredFunctionError(
    isSourceless(sourceOf(value))
      ? `${what}: it is built in or bound, and workers do not know it. Export a function that ` +
        `calls it, and add there: ${registration("", FUNCTION)}; or send that one's source: ` +
        `closure(${FUNCTION})`
      : `${what}: workers do not know it. Export it from its module and add there: ` +
        `${registration(name, FUNCTION)}; or send its source: closure(${
          nameInCode(name, FUNCTION)
        })`,
  );
}

/** @returns The error for a closure that a pool does not take. */
export function refusedClosure(name: string, source: string): UnregisteredFunctionError {
  const what = name || JSON.stringify(source.slice(0, 40));
  return new UnregisteredFunctionError(
    `Cannot run closure ${what}: its pool was made with closures: false. ` +
      `Export it from a module and add there: ${registration(name, FUNCTION)}`,
  );
}

function moduleUrl(
  module: string | URL | { readonly url: string },
  action: string,
  wayOut: string,
): string {
  const hasUrl = typeof module === "object" && module !== null && "url" in module;
  const given = hasUrl ? module.url : module;
  if (given instanceof URL) return given.href;
  if (typeof given === "string" && URL.canParse(given)) return given;
  throw new TypeError(
    `Cannot ${action} ${describe(given)}: ${wayOut}, or another absolute URL`,
  );
}

function describe(value: unknown): string {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (typeof value === "function") return `function ${value.name || "without a name"}`;
  return isObject ? `an object (${show(value)})` : show(value);
}
