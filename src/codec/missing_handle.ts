import { MulticoreError } from "../base/errors.ts";

/**
 * An encoding names an object that travels beside it, and that this thread has not
 * got (yet). Whoever decodes waits for it and decodes again.
 */
export class MissingHandleError extends MulticoreError {
  static {
    Object.defineProperty(this.prototype, "name", {
      value: "MissingHandleError",
      configurable: true,
      writable: true,
    });
  }
  /** The number that it has in the encoding. */
  readonly number: number;

  /** @param number The number that it has in the encoding. */
  constructor(number: number) {
    super(`Cannot decode the handle ${number}: what it stands for has not arrived`);
    this.number = number;
  }
}
