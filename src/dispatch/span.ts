/**
 * Between which of all jobs that ever waited in a backlog those of one settler were.
 * So nobody has to look at all that wait, who may be a million, to find the few of
 * a settler that gives up, of which there may be as many.
 *
 * @module
 */

/** A stretch of a backlog, by the numbers that its jobs have in it. */
export class Span {
  /** Number of the first job; infinite while there was none. */
  first = Infinity;
  /** Number of the last one. */
  last = -1;

  /** Makes it as long as is needed for a job to be in it. */
  include(number: number): void {
    if (number < this.first) this.first = number;
    if (number > this.last) this.last = number;
  }
}
