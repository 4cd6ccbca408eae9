import { MulticoreError } from "../base/errors.ts";

/**
 * An encoding names a module that this thread has not imported yet. Whoever
 * decodes imports it and decodes again.
 */
export class MissingModuleError extends MulticoreError {
  static {
    Object.defineProperty(this.prototype, "name", {
      value: "MissingModuleError",
      configurable: true,
      writable: true,
    });
  }
  /** The specifier to import. */
  readonly module: string;

  /** @param module The specifier to import. */
  constructor(module: string) {
    super(`Cannot decode an export of ${module}: the module is not imported yet`);
    this.module = module;
  }
}
