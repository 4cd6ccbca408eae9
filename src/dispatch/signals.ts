/**
 * Jobs that abort signals concern: one listener for each signal, however many
 * jobs it concerns, since a listener costs more than a job.
 *
 * @module
 */
import type { SpecialJob } from "./special_job.ts";

/** The jobs of one signal. */
interface Watched {
  readonly jobs: Set<SpecialJob>;
  readonly onAbort: () => void;
}

/** Tells which jobs are aborted. */
export class Signals {
  readonly #watched = new Map<AbortSignal, Watched>();
  readonly #aborted: (jobs: SpecialJob[], reason: unknown) => void;

  /** @param aborted Called with a signal's jobs, in the order of their submission. */
  constructor(aborted: (jobs: SpecialJob[], reason: unknown) => void) {
    this.#aborted = aborted;
  }

  /** Begins to look at a job's signal, if it has one. */
  watch(job: SpecialJob): void {
    const signal = job.options.signal;
    if (signal === undefined) return;
    let watched = this.#watched.get(signal);
    if (watched === undefined) {
      const jobs = new Set<SpecialJob>();
      const onAbort = () => {
        this.#watched.delete(signal);
        this.#aborted([...jobs], signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#watched.set(signal, watched = { jobs, onAbort });
    }
    watched.jobs.add(job);
  }

  /** A job has settled. */
  forget(job: SpecialJob): void {
    const signal = job.options.signal;
    const watched = signal && this.#watched.get(signal);
    if (!watched) return;
    watched.jobs.delete(job);
    if (watched.jobs.size > 0) return;
    signal.removeEventListener("abort", watched.onAbort);
    this.#watched.delete(signal);
  }
}
