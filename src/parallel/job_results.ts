/**
 * The results of a task's jobs, by their number.
 *
 * @module
 */
import { type GroupSettler, Span } from "../dispatch/span.ts";

/** Stands for the outcome of a job that has not ended. */
const PENDING = Symbol("pending");

/** What became of one job. */
export interface EndedJob {
  readonly index: number;
  readonly failed: boolean;
  readonly outcome: unknown;
}

/** The books of a task's jobs. */
export class JobResults implements GroupSettler {
  readonly span: Span = new Span();
  /** Results and what was thrown, by the jobs' numbers. */
  readonly outcomes: unknown[] = [];
  readonly #failures = new Set<number>();
  #firstFailure = Infinity;
  /** Jobs that have not ended. */
  pending = 0;
  /** Of these, jobs whose arguments are just being encoded. */
  submitting = 0;
  /** Called when none is pending any more. */
  whenDone: (() => void) | undefined;
  /** Numbers in the order in which jobs ended, once somebody asks. */
  #ended: number[] | undefined;
  #endedNext = 0;
  #whenEnded: (() => void)[] = [];
  /** Whether somebody waits, or has waited, for the end of one job, or of all. */
  isAwaited = false;

  /** Number of jobs so far. */
  get count(): number {
    return this.outcomes.length;
  }

  /** Whether any job failed. */
  get failed(): boolean {
    return this.#failures.size > 0;
  }

  /** What the first job that failed has thrown. */
  get firstError(): unknown {
    return this.outcomes[this.#firstFailure];
  }

  /** @returns The number of a new job, which is being submitted from now on. */
  begin(): number {
    // First what may find the stack full.
    const index = this.outcomes.push(PENDING) - 1;
    this.pending++;
    this.submitting++;
    return index;
  }

  /**
   * A job was not accepted. Its number stays in use where jobs were begun after it
   * (by a getter of its arguments, say); it counts as a failed job then.
   */
  takeBack(index: number, error: unknown): void {
    if (index !== this.outcomes.length - 1) return this.settle(index, true, error);
    this.outcomes.length = index;
    this.#endOne();
  }

  /** Notes what became of a job. */
  settle(index: number, failed: boolean, outcome: unknown): void {
    this.outcomes[index] = outcome;
    if (failed) {
      this.#failures.add(index);
      if (index < this.#firstFailure) this.#firstFailure = index;
    }
    this.#ended?.push(index);
    this.#endOne();
  }

  /** One is pending no more: tells those who wait. */
  #endOne(): void {
    this.pending--;
    if (this.#whenEnded.length > 0) {
      const waiting = this.#whenEnded;
      this.#whenEnded = [];
      for (const wake of waiting) wake();
    }
    if (this.pending === 0) this.whenDone?.();
  }

  /** @returns What became of each job, when all have ended. */
  settled<R>(): PromiseSettledResult<R>[] {
    return this.outcomes.map((outcome, index) =>
      this.#failures.has(index)
        ? { status: "rejected", reason: outcome }
        : { status: "fulfilled", value: outcome as R }
    );
  }

  /** @returns The next job to have ended, `undefined` when no more are pending. */
  async next(): Promise<EndedJob | undefined> {
    this.#ended ??= [...this.outcomes.keys()].filter((index) => this.outcomes[index] !== PENDING);
    while (this.#endedNext === this.#ended.length) {
      if (this.pending === 0) return undefined;
      this.isAwaited = true;
      await new Promise<void>((resolve) => this.#whenEnded.push(resolve));
    }
    const index = this.#ended[this.#endedNext++]!;
    const outcome = this.outcomes[index];
    this.outcomes[index] = undefined;
    return { index, failed: this.#failures.has(index), outcome };
  }
}
