/**
 * What takes part in a comparison.
 *
 * @module
 */
import type * as tasks from "../tasks.ts";

/** Name of one of the functions in tasks.ts. */
export type TaskName = keyof typeof tasks;

/** Runs one task function on a worker. */
export type Call = (value?: unknown) => Promise<unknown>;

/** A way of running functions on other threads. */
export interface Contender {
  /** As the tables show it. */
  readonly name: string;
  /** The npm package whose version is recorded. */
  readonly package?: string;
  /** How it is set up, where its documentation leaves a choice. */
  readonly settings: string;
  /**
   * Starts workers; need not wait for them.
   *
   * @param workers Number of workers.
   */
  start(workers: number): Promise<Running> | Running;
}

/** A contender whose workers have been started. */
export interface Running {
  /** Resolves when every worker has loaded, where the contender can tell. */
  readonly ready?: Promise<void>;
  /** @returns What calls this task function, prepared as far as it can be. */
  bind(task: TaskName): Call;
  /** Runs many calls at once; without it, `Promise.all` over single calls does. */
  bulk?(task: TaskName, values: readonly unknown[]): Promise<unknown[]>;
  /** As `bind`, with binary arguments lent rather than copied. */
  borrowing?(task: TaskName): Call;
  /** Stops the workers. */
  close(): Promise<void> | void;
}
