/**
 * Modules that this thread has imported for task functions and for classes of
 * values. Each is imported once.
 *
 * @module
 */
import { TaskNotFoundError } from "../base/errors.ts";
import type { Identities } from "../codec/mod.ts";
import { MissingModuleError } from "../codec/mod.ts";
import { identify, registeredAs } from "./registry.ts";

/**
 * Specifiers of the library's own task functions (`src/kernels`), which every worker
 * has registered before its first job: there is nothing to import.
 */
export const OWN_SCHEME = "multicore:";

type Namespace = Readonly<Record<string, unknown>>;

/** What a thread knows by module and export. */
export class Modules implements Identities {
  readonly #loaded = new Map<string, Namespace>();
  readonly #loading = new Map<string, Promise<Namespace>>();

  /** @returns The identity of a registered function or class. */
  identify(value: object): ReturnType<Identities["identify"]> {
    return identify(value);
  }

  /**
   * @param module An absolute specifier.
   * @param name An export.
   * @returns What the module exports by that name.
   * @throws {MissingModuleError} Where this thread has not imported the module yet.
   * @throws {TaskNotFoundError} Where the module exports no function or class by that name.
   */
  resolve(module: string, name: string): unknown {
    const registered = registeredAs(module, name);
    if (registered !== undefined) return registered;
    const namespace = this.#loaded.get(module);
    if (namespace === undefined) throw new MissingModuleError(module);
    const member = Object.hasOwn(namespace, name) ? namespace[name] : undefined;
    if (typeof member !== "function") throw notExported(module, name, namespace);
    return member;
  }

  /**
   * Imports a module, once.
   *
   * @throws {TaskNotFoundError} Where it cannot be imported, with the reason as its cause.
   */
  async load(module: string): Promise<void> {
    let loading = this.#loading.get(module);
    if (loading === undefined) {
      loading = import(module) as Promise<Namespace>;
      this.#loading.set(module, loading);
    }
    try {
      this.#loaded.set(module, await loading);
    } catch (cause) {
      this.#loading.delete(module);
      throw new TaskNotFoundError(
        `Cannot import ${module}: ${(cause as Error)?.message ?? String(cause)}`,
        { cause },
      );
    }
  }

  /** @returns A task function of a module that this thread has imported; else `undefined`. */
  // deno-lint-ignore ban-types
  find(module: string, name: string): Function | undefined {
    // deno-lint-ignore ban-types
    if (module.startsWith(OWN_SCHEME)) return registeredAs(module, name) as Function;
    const namespace = this.#loaded.get(module);
    const member = namespace !== undefined && Object.hasOwn(namespace, name)
      ? namespace[name]
      : undefined;
    return typeof member === "function" ? member : undefined;
  }

  /**
   * Imports a module and takes a task function from it.
   *
   * @throws {TaskNotFoundError} Where there is no such function; the message says what there is.
   */
  // deno-lint-ignore ban-types
  async loadFunction(module: string, name: string): Promise<Function> {
    if (module.startsWith(OWN_SCHEME)) return this.find(module, name) ?? raiseUnknown(name);
    await this.load(module);
    const namespace = this.#loaded.get(module)!;
    const member = Object.hasOwn(namespace, name) ? namespace[name] : undefined;
    if (typeof member !== "function") throw notExported(module, name, namespace);
    return member;
  }
}

function raiseUnknown(name: string): never {
  throw new TaskNotFoundError(
    `Cannot find ${name} of the library's own functions: this thread has another version of it`,
  );
}

function notExported(module: string, name: string, namespace: Namespace): TaskNotFoundError {
  const what = Object.hasOwn(namespace, name) ? "is no function" : "is not exported";
  const names = Object.keys(namespace);
  const exported = names.length === 0 ? "nothing" : names.join(", ");
  return new TaskNotFoundError(
    `Cannot find task function ${name}: it ${what} there; ${module} exports ${exported}`,
  );
}
