/**
 * Jobs that were accepted while no slot was free, or no room for their
 * arguments: first in, first out, in private memory; a worker that runs its own
 * takes the newest. Kept in segments of plain
 * arrays, since a million of them must cost little more than their bytes.
 *
 * @module
 */
import type { Settler } from "./engine.ts";
import { SlotlessJob } from "./slotless.ts";
import type { SpecialJob } from "./special_job.ts";

const SEGMENT = 1024;
/** Payloads from this size on, in bytes, are kept by themselves. */
const LARGE = 65536;

/** Some consecutive jobs. */
export class Segment {
  /** Numbers of the task functions. */
  readonly functions: Int32Array = new Int32Array(SEGMENT);
  /** What the arguments are, see `task/payload_kind.ts`. */
  readonly kinds: Int32Array = new Int32Array(SEGMENT);
  /** The numbers to tell the settlers. */
  readonly indexes: Float64Array = new Float64Array(SEGMENT);
  /** Who waits for the job; `undefined` once it has left. */
  readonly settlers: (Settler | undefined)[] = [];
  /** What more is to be remembered of it. */
  readonly specials: (SpecialJob | undefined)[] = [];
  /** The oldest job. */
  first = 0;
  /** One more than the youngest. */
  end = 0;
  readonly #starts = new Uint32Array(SEGMENT);
  readonly #lengths = new Uint32Array(SEGMENT);
  readonly #large: (Uint8Array | undefined)[] = [];
  #bytes = new Uint8Array(8192);
  #used = 0;

  /** Whether no more jobs go in. */
  get isFull(): boolean {
    return this.end === SEGMENT;
  }

  /** @returns Length of a job's encoded arguments in bytes. */
  lengthAt(place: number): number {
    return this.#large[place]?.length ?? this.#lengths[place]!;
  }

  /** @returns The first job behind the oldest whose arguments are at most so long, or -1. */
  nextShorter(length: number): number {
    for (let place = this.first + 1; place < this.end; place++) {
      if (this.settlers[place] !== undefined && this.lengthAt(place) <= length) return place;
    }
    return -1;
  }

  /** Copies a job's encoded arguments. */
  copyTo(place: number, target: Uint8Array, offset: number): void {
    const large = this.#large[place];
    if (large !== undefined) target.set(large, offset);
    else copyBytes(this.#bytes, this.#starts[place]!, this.#lengths[place]!, target, offset);
  }

  /** Keeps encoded arguments, copied. */
  keep(place: number, bytes: Uint8Array): void {
    this.#starts[place] = this.#used;
    if (bytes.length >= LARGE) {
      this.#large[place] = bytes.slice();
      return;
    }
    const end = this.#used + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    copyBytes(bytes, 0, bytes.length, this.#bytes, this.#used);
    this.#lengths[place] = bytes.length;
    this.#used = end;
  }

  /** Makes room again behind the youngest. @returns The youngest, or -1 where there is none. */
  trim(): number {
    while (this.end > this.first && this.settlers[this.end - 1] === undefined) {
      this.#used = this.#starts[--this.end]!;
    }
    return this.end > this.first ? this.end - 1 : -1;
  }

  /** @returns A job's encoded arguments, for good. */
  bytesAt(place: number): Uint8Array {
    const start = this.#starts[place]!;
    return this.#large[place] ?? this.#bytes.slice(start, start + this.#lengths[place]!);
  }

  /** Takes a job out. */
  drop(place: number): void {
    this.settlers[place] = undefined;
    this.specials[place] = undefined;
    this.#large[place] = undefined;
  }
}

/** The waiting jobs of one submission ring. */
export class Backlog {
  #segments: Segment[] = [];
  /** Segments before this one are used up. */
  #spent = 0;
  /** Jobs in it. */
  length = 0;

  /** Adds a job; its encoded arguments are copied. */
  push(
    fn: number,
    kind: number,
    bytes: Uint8Array,
    settler: Settler,
    index: number,
    special: SpecialJob | undefined,
  ): void {
    let segment = this.#segments[this.#segments.length - 1];
    if (segment === undefined || segment === SPENT || segment.isFull) {
      this.#segments.push(segment = new Segment());
    }
    const place = segment.end++;
    segment.functions[place] = fn;
    segment.kinds[place] = kind;
    segment.indexes[place] = index;
    segment.settlers[place] = settler;
    segment.specials[place] = special;
    segment.keep(place, bytes);
    const home = segment;
    special?.waits(() => this.drop(home, place));
    this.length++;
  }

  /** The segment whose `first` is the oldest job; `undefined` where there is none. */
  get oldest(): Segment | undefined {
    for (;;) {
      const segment = this.#segments[this.#spent];
      if (segment === undefined) return undefined;
      while (segment.first < segment.end && segment.settlers[segment.first] === undefined) {
        segment.first++;
      }
      if (segment.first < segment.end) return segment;
      if (!segment.isFull || this.#spent === this.#segments.length - 1) return undefined;
      this.#discard();
    }
  }

  /** Takes the youngest job out, for this thread to run; `undefined` where there is none. */
  takeNewest(): SlotlessJob | undefined {
    while (this.#segments.length > this.#spent) {
      const segment = this.#segments[this.#segments.length - 1]!;
      const place = segment.trim();
      if (place < 0) {
        this.#segments.pop();
        continue;
      }
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
    return undefined;
  }

  /** Takes a job out, whether it goes on or was cancelled. */
  drop(segment: Segment, place: number): void {
    segment.drop(place);
    this.length--;
  }

  /** Calls back for every job; the callback may drop it. */
  forEach(callback: (segment: Segment, place: number) => void): void {
    for (const segment of this.#segments.slice(this.#spent)) {
      for (let place = segment.first; place < segment.end; place++) {
        if (segment.settlers[place] !== undefined) callback(segment, place);
      }
    }
  }

  /** Lets go of the oldest segment; the list itself is cut now and then, which costs less. */
  #discard(): void {
    this.#segments[this.#spent++] = SPENT;
    if (this.#spent < 64 || 2 * this.#spent < this.#segments.length) return;
    this.#segments = this.#segments.slice(this.#spent);
    this.#spent = 0;
  }
}

/** Short stretches byte by byte: the runtimes' own copy takes longer to begin. */
function copyBytes(
  from: Uint8Array,
  start: number,
  length: number,
  to: Uint8Array,
  offset: number,
): void {
  if (length > 64) to.set(from.subarray(start, start + length), offset);
  else for (let i = 0; i < length; i++) to[offset + i] = from[start + i]!;
}

/** Stands in for segments that are used up, so that their memory can go at once. */
const SPENT = new Segment();
