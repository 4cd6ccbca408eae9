/**
 * The errors that multicore itself raises. Errors thrown by a task function are
 * not wrapped in these: they arrive as themselves.
 *
 * Names are kept on the prototypes, since a minifier may rename the classes.
 *
 * @module
 */

/** The class that every error of this library extends. */
export class MulticoreError extends Error {
  static {
    nameErrors(this, "MulticoreError");
  }
}

/** A {@linkcode Task} was used after `get` had completed it. */
export class TaskCompleteError extends MulticoreError {
  static {
    nameErrors(this, "TaskCompleteError");
  }
}

/** A call, or a whole task, was not done within its `timeout`. */
export class TimeoutExceededError extends MulticoreError {
  static {
    nameErrors(this, "TimeoutExceededError");
  }
}

/** The pool's queue holds as many unsettled jobs as its `capacity` allows. */
export class QueueFullError extends MulticoreError {
  static {
    nameErrors(this, "QueueFullError");
  }
}

/** One value is larger than the shared memory may ever become. */
export class PayloadTooLargeError extends MulticoreError {
  static {
    nameErrors(this, "PayloadTooLargeError");
  }
  /** Size of the encoded value, in bytes; a lower bound where encoding stopped early. */
  readonly size: number;
  /** The limit that it passes, in bytes: the pool's `memory.max`. */
  readonly limit: number;

  /**
   * Says how large the value is.
   *
   * @param size Size of the value in bytes.
   * @param limit The limit in bytes.
   */
  constructor(size: number, limit: number) {
    super(
      `Cannot send a value of ${size} bytes: the limit is ${limit} bytes, ` +
        `set by the pool's option memory.max`,
    );
    this.size = size;
    this.limit = limit;
  }
}

/** A worker imported the module of a task function and did not find the function. */
export class TaskNotFoundError extends MulticoreError {
  static {
    nameErrors(this, "TaskNotFoundError");
  }
}

/** A function was handed to a pool that nobody had registered. */
export class UnregisteredFunctionError extends MulticoreError {
  static {
    nameErrors(this, "UnregisteredFunctionError");
  }
}

/** A value cannot be sent to another thread. */
export class NotSerializableError extends MulticoreError {
  static {
    nameErrors(this, "NotSerializableError");
  }
  /** Where the offending value is, for instance `args[0].user.socket`. */
  readonly path: string;

  /**
   * Says where the value is.
   *
   * @param path Where the value is, counted from the call's arguments or its result.
   * @param reason What the value is and why it cannot be sent.
   * @param options The error's cause, if it has one.
   */
  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`Cannot send ${path}: ${reason}`, options);
    this.path = path;
  }
}

/** A worker ended while it was running the job. */
export class WorkerCrashedError extends MulticoreError {
  static {
    nameErrors(this, "WorkerCrashedError");
  }
}

/** The pool was closed or terminated before the job was done. */
export class PoolClosedError extends MulticoreError {
  static {
    nameErrors(this, "PoolClosedError");
  }
}

function nameErrors(type: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(type.prototype, "name", {
    value: name,
    configurable: true,
    writable: true,
  });
}

/** @returns What a reason says: an error's message, or anything else that was thrown as text. */
export function messageFrom(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
