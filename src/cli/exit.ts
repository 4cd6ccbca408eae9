/**
 * How the program ends.
 *
 * @module
 */

/** All lines were processed; or whoever read the output had enough of it. */
export const DONE = 0;
/** The run ended before its time: a line failed, or a file could not be read or written. */
export const FAILED = 1;
/** Nothing was run: the command makes no sense as it stands. */
export const USAGE = 2;
/** All lines were processed, and some failed, and were collected. */
export const COLLECTED = 3;

/** What ends the program, with the status that it ends with. */
export class Exit extends Error {
  /** The exit status. */
  readonly status: number;

  /**
   * @param status The exit status.
   * @param message What the user is told; nothing where empty.
   * @param options The cause, if there is one.
   */
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** @returns What ends a program whose command makes no sense. */
export function misuse(message: string): Exit {
  return new Exit(USAGE, message);
}

/** @returns What an error of a file or of a stream says, without its code and call. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return "there is no such file or folder";
    case "EACCES":
    case "EPERM":
      return "permission denied";
    case "EISDIR":
      return "it is a folder";
    case "ENOSPC":
      return "there is no space left on the device";
    default:
      return message;
  }
}
