/**
 * The task functions that each worker runs by itself, once: the pool's `setup` and
 * `teardown`.
 *
 * @module
 */
import type { Natives } from "../base/natives.ts";
import { compileClosure } from "../task/closure.ts";
import type { Modules } from "../task/modules.ts";
import { encodeErrorAlone } from "../task/outbox.ts";
import { Packages } from "../task/packages.ts";
import type { HookRecord } from "../task/start.ts";

/** Runs them. */
export class Hooks {
  readonly #modules: Modules;
  readonly #context: { readonly identities: Modules; readonly natives: Natives };

  /**
   * @param modules This thread's modules.
   * @param natives The runtime's fast ways.
   */
  constructor(modules: Modules, natives: Natives) {
    this.#modules = modules;
    this.#context = { identities: modules, natives };
  }

  /**
   * @param hook The function; without one, nothing is done.
   * @param args Its arguments.
   * @returns What it returns, awaited.
   * @throws What it throws, or why it cannot be found.
   */
  async run(hook: HookRecord | undefined, ...args: unknown[]): Promise<unknown> {
    if (hook === undefined) return undefined;
    const { fn, captured } = hook;
    if ("module" in fn) {
      return (await this.#modules.loadFunction(fn.module, fn.name))(...args);
    }
    const given = captured === undefined ? [] : [new Packages(this.#context).open(captured)];
    return compileClosure(fn.source, fn.names)(...args, ...given);
  }

  /** @returns An error, for the host. */
  encode(error: unknown): Uint8Array {
    return encodeErrorAlone(this.#context, error);
  }
}
