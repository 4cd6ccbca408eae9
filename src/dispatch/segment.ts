/**
 * Some consecutive jobs of a backlog in plain arrays, since a million of them must
 * cost little more than their bytes.
 *
 * @module
 */
import type { Settler } from "./engine.ts";
import type { SpecialJob } from "./special_job.ts";

/** Places for jobs. */
const PLACES = 1024;
/** Most bytes of arguments that are kept together. */
const ROOM = 262144;
/** Arguments from this size on, in bytes, are kept by themselves, and let go of at once. */
const LARGE = 65536;
/** Room to begin with. */
const LITTLE = 8192;

/** Some consecutive jobs. */
export class Segment {
  /** Numbers of the task functions. */
  readonly functions: Int32Array = new Int32Array(PLACES);
  /** What the arguments are, see `task/payload_kind.ts`. */
  readonly kinds: Int32Array = new Int32Array(PLACES);
  /** The numbers to tell the settlers. */
  readonly indexes: Float64Array = new Float64Array(PLACES);
  /** Who waits for the job; `undefined` once it has left. */
  readonly settlers: (Settler | undefined)[] = [];
  /** What more is to be remembered of it. */
  readonly specials: (SpecialJob | undefined)[] = [];
  /** The segments before and behind it in the backlog. */
  previous: Segment | undefined;
  next: Segment | undefined;
  /** No job in it has a lower number in its backlog, and none in the segments before it this or a higher one. */
  readonly born: number;
  /** No job has a place before this one. */
  first = 0;
  /** One more than the place of the youngest. */
  end = 0;
  /** Jobs that have not left. */
  live = 0;
  readonly #starts = new Uint32Array(PLACES);
  readonly #lengths = new Uint32Array(PLACES);
  readonly #large: (Uint8Array | undefined)[] = [];
  #bytes: Uint8Array;
  #used = 0;
  /** Those of the used bytes that belong to jobs that have not left. */
  #liveBytes = 0;

  /**
   * @param born The number of its first job in the backlog.
   * @param room Room for arguments to begin with, in bytes.
   */
  constructor(born: number, room: number = LITTLE) {
    this.born = born;
    this.#bytes = new Uint8Array(room);
  }

  /** Bytes of memory that its jobs' arguments and numbers take, those that have left included. */
  get size(): number {
    const large = this.#large.reduce((sum, bytes) => sum + (bytes?.length ?? 0), 0);
    return this.#bytes.length + large + PLACES * (4 + 4 + 8 + 4 + 4);
  }

  /** Whether one more job finds a place, with arguments of so many bytes. */
  hasRoom(length: number): boolean {
    return this.end < PLACES && (length >= LARGE || this.#used + length <= ROOM);
  }

  /** Whether the jobs of both would fill at most half of one segment. */
  fitsWith(other: Segment): boolean {
    return 2 * (this.live + other.live) <= PLACES &&
      2 * (this.#liveBytes + other.#liveBytes) <= ROOM;
  }

  /** Adds a job behind the youngest; its encoded arguments are copied. @returns Its place. */
  add(
    fn: number,
    kind: number,
    bytes: Uint8Array,
    settler: Settler,
    index: number,
    special: SpecialJob | undefined,
  ): number {
    const place = this.#enter(fn, kind, settler, index, special);
    if (bytes.length >= LARGE) this.#keepLarge(place, bytes.slice());
    else this.#keep(place, bytes, 0, bytes.length);
    return place;
  }

  /** @returns A segment with the jobs of this one and of the next. */
  joined(other: Segment): Segment {
    const both = new Segment(this.born, Math.max(LITTLE, this.#liveBytes + other.#liveBytes));
    both.#adopt(this);
    both.#adopt(other);
    return both;
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

  /** @returns A job's encoded arguments, for good. */
  bytesAt(place: number): Uint8Array {
    const start = this.#starts[place]!;
    return this.#large[place] ?? this.#bytes.slice(start, start + this.#lengths[place]!);
  }

  /** Moves `first` on to the oldest job; there must be one. */
  skipToOldest(): void {
    while (this.settlers[this.first] === undefined) this.first++;
  }

  /** Makes room again behind the youngest; there must be one. @returns Its place. */
  trim(): number {
    while (this.settlers[this.end - 1] === undefined) this.#used = this.#starts[--this.end]!;
    return this.end - 1;
  }

  /** Takes a job out. */
  drop(place: number): void {
    this.settlers[place] = undefined;
    this.specials[place] = undefined;
    this.#large[place] = undefined;
    this.#liveBytes -= this.#lengths[place]!;
    this.live--;
  }

  /** Begins anew, once all jobs have left. */
  reset(): void {
    this.first = this.end = this.#used = 0;
    if (this.#bytes.length > LARGE) this.#bytes = new Uint8Array(LITTLE);
  }

  #enter(
    fn: number,
    kind: number,
    settler: Settler,
    index: number,
    special: SpecialJob | undefined,
  ): number {
    const place = this.end++;
    this.functions[place] = fn;
    this.kinds[place] = kind;
    this.indexes[place] = index;
    this.settlers[place] = settler;
    this.specials[place] = special;
    this.live++;
    return place;
  }

  /** Adds what has not left another segment. */
  #adopt(from: Segment): void {
    for (let old = from.first; old < from.end; old++) {
      const settler = from.settlers[old];
      if (settler === undefined) continue;
      const { functions, kinds, indexes, specials } = from;
      const place = this.#enter(
        functions[old]!,
        kinds[old]!,
        settler,
        indexes[old]!,
        specials[old],
      );
      const large = from.#large[old];
      if (large !== undefined) this.#keepLarge(place, large);
      else this.#keep(place, from.#bytes, from.#starts[old]!, from.#lengths[old]!);
    }
  }

  #keepLarge(place: number, bytes: Uint8Array): void {
    this.#large[place] = bytes;
    this.#starts[place] = this.#used;
    this.#lengths[place] = 0;
  }

  #keep(place: number, from: Uint8Array, start: number, length: number): void {
    const end = this.#used + length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.min(ROOM, Math.max(end, 2 * this.#bytes.length)));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    copyBytes(from, start, length, this.#bytes, this.#used);
    this.#starts[place] = this.#used;
    this.#lengths[place] = length;
    this.#liveBytes += length;
    this.#used = end;
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
