/**
 * Jobs that were accepted while no slot was free, or no room for their
 * arguments: first in, first out, in private memory; a worker that runs its own
 * takes the newest.
 *
 * They are kept in a list of segments. Jobs may leave from anywhere, and the
 * memory is to be bounded by those that wait:
 *
 * - A segment that all jobs have left leaves the list at once; the last one stays
 *   and begins anew.
 * - Two neighbours whose jobs would fill at most half of a segment, by number and
 *   by bytes, become one. The oldest segment has no part in this: it empties by
 *   itself, and jobs that go on in their turn are never copied.
 *
 * So of any two neighbours, but for those at the ends, a quarter of the places or
 * of the bytes is in use. Joining costs each job a constant: it makes one segment
 * of two and leaves half of that free, and a segment is begun only once the one
 * before is full.
 *
 * @module
 */
import type { Settler } from "./engine.ts";
import { Segment } from "./segment.ts";
import { spanOf } from "./span.ts";
import { SlotlessJob } from "./slotless.ts";
import type { SpecialJob } from "./special_job.ts";

/** A job that was taken out of a backlog, and will not be run. */
export interface WithdrawnJob {
  /** Who waits for it. */
  readonly settler: Settler;
  /** The number to tell it under. */
  readonly index: number;
  /** What more is to be remembered of it. */
  readonly special: SpecialJob | undefined;
}

/** The waiting jobs of one submission ring. */
export class Backlog {
  #head: Segment | undefined;
  /** Where jobs go in; the only segment that may be empty. */
  #tail: Segment | undefined;
  /** Jobs that ever came, each of which has its number by that. */
  #came = 0;
  /** Jobs in it. */
  length = 0;

  /** Bytes of memory that are kept for jobs. */
  get size(): number {
    let size = 0;
    for (let segment = this.#head; segment !== undefined; segment = segment.next) {
      size += segment.size;
    }
    return size;
  }

  /** Adds a job; its encoded arguments are copied. */
  push(
    fn: number,
    kind: number,
    bytes: Uint8Array,
    settler: Settler,
    index: number,
    special: SpecialJob | undefined,
  ): void {
    const tail = this.#tail;
    const segment = tail?.hasRoom(bytes.length) ? tail : this.#begin();
    const place = segment.add(fn, kind, bytes, settler, index, special);
    if (special !== undefined) this.#tellPlace(special, segment, place);
    spanOf(settler)?.include(this.#came);
    this.#came++;
    this.length++;
  }

  /** The segment whose `first` is the oldest job; `undefined` where there is none. */
  get oldest(): Segment | undefined {
    if (this.length === 0) return undefined;
    const head = this.#head!;
    head.skipToOldest();
    return head;
  }

  /** Takes the youngest job out, for this thread to run; `undefined` where there is none. */
  takeNewest(): SlotlessJob | undefined {
    if (this.length === 0) return undefined;
    if (this.#tail!.live === 0) this.#unlink(this.#tail!);
    const segment = this.#tail!;
    const place = segment.trim();
    const job = new SlotlessJob(
      segment.functions[place]!,
      segment.kinds[place]!,
      segment.bytesAt(place),
      segment.settlers[place]!,
      segment.indexes[place]!,
      segment.specials[place],
    );
    this.drop(segment, place);
    return job;
  }

  /** Takes a job out, whether it goes on or was cancelled; other jobs may move to other segments. */
  drop(segment: Segment, place: number): void {
    segment.drop(place);
    this.length--;
    if (segment.live > 0 && segment === this.#head) return;
    this.#tidy(segment);
  }

  /** Takes all jobs of a settler out, or of all settlers. @returns These, the oldest first. */
  withdraw(whose: Settler | undefined): WithdrawnJob[] {
    const span = whose && spanOf(whose);
    const withdrawn: WithdrawnJob[] = [];
    let anyBefore = false;
    let next: Segment | undefined;
    for (let segment = this.#head; segment !== undefined; segment = next) {
      next = segment.next;
      const mayHaveAny = span === undefined || span.meets(segment.born, next?.born ?? Infinity);
      if (mayHaveAny) this.#withdrawFrom(segment, whose, withdrawn);
      // The one behind may be joined with what is left of this one.
      if (mayHaveAny || anyBefore) {
        if (segment.live === 0) this.#clear(segment);
        else this.#joinPrevious(segment);
      }
      anyBefore = mayHaveAny;
    }
    this.length -= withdrawn.length;
    return withdrawn;
  }

  #withdrawFrom(segment: Segment, whose: Settler | undefined, withdrawn: WithdrawnJob[]): void {
    for (let place = segment.first; place < segment.end; place++) {
      const settler = segment.settlers[place];
      if (settler === undefined || (whose !== undefined && settler !== whose)) continue;
      const special = segment.specials[place];
      withdrawn.push({ settler, index: segment.indexes[place]!, special });
      if (special !== undefined) special.dropFromBacklog = undefined;
      segment.drop(place);
    }
  }

  /** Notes where a job waits, for whoever gives it up. */
  #tellPlace(special: SpecialJob, segment: Segment, place: number): void {
    special.waits(() => this.drop(segment, place));
  }

  #begin(): Segment {
    const segment = new Segment(this.#came);
    segment.previous = this.#tail;
    if (this.#tail === undefined) this.#head = segment;
    else this.#tail.next = segment;
    return this.#tail = segment;
  }

  /** Keeps the rules above, after a job has left a segment. */
  #tidy(segment: Segment): void {
    if (segment.live === 0) return this.#clear(segment);
    const { next } = this.#joinPrevious(segment);
    if (next !== undefined) this.#joinPrevious(next);
  }

  #clear(segment: Segment): void {
    if (segment === this.#tail) segment.reset();
    else this.#unlink(segment);
  }

  /** Makes one segment of two where both are thin. @returns The one that has its jobs now. */
  #joinPrevious(segment: Segment): Segment {
    const { previous } = segment;
    if (previous === undefined || previous === this.#head) return segment;
    if (!previous.fitsWith(segment)) return segment;
    const both = previous.joined(segment);
    for (let place = 0; place < both.end; place++) {
      const special = both.specials[place];
      if (special !== undefined) this.#tellPlace(special, both, place);
    }
    this.#unlink(segment);
    this.#replace(previous, both);
    return both;
  }

  /** Puts a segment where another was, which is not the first one. */
  #replace(old: Segment, segment: Segment): void {
    const { previous, next } = old;
    segment.previous = previous;
    segment.next = next;
    previous!.next = segment;
    if (next === undefined) this.#tail = segment;
    else next.previous = segment;
  }

  #unlink({ previous, next }: Segment): void {
    if (previous === undefined) this.#head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
  }
}
