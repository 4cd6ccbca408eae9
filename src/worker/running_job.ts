/**
 * A job as its own function sees it, on the worker that runs it.
 *
 * @module
 */
import { PoolClosedError, TimeoutExceededError } from "../base/errors.ts";
import type { InnerJob } from "../dispatch/current_job.ts";
import {
  attemptOf,
  CLOSED,
  EXTRAS,
  flowOf,
  generationOf,
  reasonOf,
  SLOT_WORDS,
  slotOf,
  TIMED_OUT,
  WANTS_REPORTS,
} from "../transport/slot.ts";
import type { ServedLane } from "./served_lane.ts";

/** What jobs ask of their worker. */
export interface JobHost {
  /** The worker's place in the pool. */
  readonly index: number;
  /** Whether a job is still waited for. */
  isWanted(served: ServedLane, reference: number): boolean;
  /** Whether something else than a flow's chunks waits for this worker. */
  othersWait(served: ServedLane, flow: number): boolean;
  /** Sends what a job reports to its owner. */
  report(served: ServedLane, reference: number, value: unknown): void;
  /** A job wants to hear when nobody waits for it any more. */
  listen(job: RunningJob): void;
}

/** One running job. */
export class RunningJob implements InnerJob {
  readonly served: ServedLane;
  readonly reference: number;
  readonly traceId: string | undefined;
  readonly #host: JobHost;
  #extras: number;
  #controller: AbortController | undefined;
  /** Whether it has come to its end, or was let go: its slot may be another job's by now. */
  #isOver = false;
  /** Why it was given up, where its slot does not say so any more. */
  #reason = 0;

  /**
   * @param host Its worker.
   * @param served Its lane.
   * @param reference Its slot and generation.
   * @param traceId What it was submitted with.
   */
  constructor(
    host: JobHost,
    served: ServedLane,
    reference: number,
    traceId: string | undefined,
  ) {
    this.#host = host;
    this.served = served;
    this.reference = reference;
    this.traceId = traceId;
    this.#extras = this.#word();
  }

  get id(): string {
    const { owner } = this.served;
    return `${owner.life}-${slotOf(this.reference)}-${generationOf(this.reference)}`;
  }

  get attempt(): number {
    return attemptOf(this.#extras) + 1;
  }

  get worker(): number {
    return this.#host.index;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.isWanted) this.#host.listen(this);
      else if (!this.#isOver || this.#reason !== 0) this.abort();
    }
    return this.#controller.signal;
  }

  get othersWait(): boolean {
    return this.#host.othersWait(this.served, flowOf(this.#extras));
  }

  throwIfAborted(): void {
    if (!this.isWanted) this.signal.throwIfAborted();
  }

  report(value: unknown): void {
    if ((this.#extras & WANTS_REPORTS) === 0 || !this.isWanted) return;
    this.#host.report(this.served, this.reference, value);
  }

  /** Whether it is under way and somebody waits for it. */
  get isWanted(): boolean {
    return !this.#isOver && this.#host.isWanted(this.served, this.reference);
  }

  /** Tells it that nobody does. */
  abort(): void {
    const { signal } = this.#controller ?? {};
    if (signal?.aborted === false) this.#controller!.abort(reasonFor(this.#whyGivenUp()));
  }

  /** It is about to hand back its slot: keeps what that tells of it. */
  conclude(): void {
    if (this.isWanted) return;
    this.#reason = this.#whyGivenUp();
    this.abort();
  }

  /** It has handed back its slot: whatever it still does concerns nobody. */
  end(): void {
    this.#isOver = true;
  }

  #whyGivenUp(): number {
    return this.#reason || reasonOf(this.#word());
  }

  #word(): number {
    return this.served.lane.words[slotOf(this.reference) * SLOT_WORDS + EXTRAS]!;
  }
}

/**
 * Nobody waits for the job, and so for the error. Its stack would cost more than it
 * tells: with source maps the first one takes a tenth of a second, in which the
 * worker would be taken for one that does not come back.
 */
export function reasonFor(reason: number): unknown {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    switch (reason) {
      case TIMED_OUT:
        return new TimeoutExceededError("Cannot go on: the job's time is over");
      case CLOSED:
        return new PoolClosedError("Cannot go on: the pool was terminated");
    }
    return new DOMException("Cannot go on: the job was given up by its caller", "AbortError");
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
