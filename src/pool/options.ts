/**
 * What a pool can be told, and what it makes of it.
 *
 * @module
 */
import { MAX_RUNNERS } from "../memory/layout.ts";
import type { Runtime, WorkerEvents, WorkerHandle } from "../runtime/adapter.ts";
import { FORMATS } from "../task/payload_kind.ts";
import { MAX_SLOTS } from "../transport/slot.ts";
import type { JobOptions } from "./engine.ts";

/** Options of a pool; each has a default that suits most. */
export interface PoolOptions {
  /** Number of workers, 1 to 127. Default: the processors that this process may use. */
  readonly workers?: number;
  /** What debuggers and `stats` call the pool. Default `"multicore"`. */
  readonly name?: string;
  /** Modules that every worker imports before it is ready: absolute URLs, or bare specifiers. */
  readonly preload?: readonly (string | URL)[];
  /** Memory for arguments and results that do not fit inline, for each thread. */
  readonly memory?: {
    /** Bytes to begin with. Default 1 MiB. */
    readonly initial?: number;
    /** Bytes of the largest payload; memory grows to that as needed. Default 1 GiB. */
    readonly max?: number;
  };
  /** What happens to many jobs at once. */
  readonly queue?: {
    /** Jobs that may be accepted and not settled. Default: unbounded. */
    readonly capacity?: number;
    /**
     * What becomes of one more: it waits, encoded, outside shared memory until another has
     * settled, or it is refused with `QueueFullError`. Only that bounds memory. Default `"wait"`.
     */
    readonly whenFull?: "wait" | "reject";
  };
  /** How threads without work wait. */
  readonly idle?: {
    /**
     * Longest time to spin, in milliseconds, but for rare trials of 6 ms in streams of
     * calls. Default 0.1; 0, which never spins, where there is one processor only.
     */
    readonly spin?: number;
    /** Longest time to block a worker's event loop before it waits with it running. Default 2. */
    readonly block?: number;
  };
  /** Milliseconds until a job is given up, from its submission, and anew for each further attempt. Default: never. */
  readonly timeout?: number;
  /** How many more attempts follow a crash of the worker or a timeout. Default 0. */
  readonly retry?: number;
  /**
   * Whether workers start with the first job, or when `ready` is read, instead of at once: a pool
   * that may never be used costs nothing then. Default `false`.
   */
  readonly lazy?: boolean;
  /** The workers' entry: its URL, or what makes a URL. Default: the library's own. */
  readonly worker?: string | URL | (() => string | URL);
}

/** A pool's options, checked and complete. */
export interface PoolSettings {
  readonly workers: number;
  readonly name: string;
  readonly slots: number;
  readonly preload: readonly string[];
  readonly memory: { readonly initial: number; readonly largest: number };
  readonly queue: { readonly capacity: number; readonly whenFull: "wait" | "reject" };
  readonly idle: { readonly spin: number; readonly block: number };
  readonly lazy: boolean;
  /** Options that every job of the pool has, or `undefined` where there are none. */
  readonly jobDefaults: JobOptions | undefined;
  readonly spawn: (name: string, start: unknown, events: WorkerEvents) => WorkerHandle;
}

/** Most workers: as many runner numbers again are left for those that take their places. */
const MOST = MAX_RUNNERS / 2;

const KNOWN = [
  "workers",
  "name",
  "preload",
  "memory",
  "queue",
  "idle",
  "timeout",
  "retry",
  "lazy",
  "worker",
];

/**
 * @param given What the user passed.
 * @param runtime The runtime.
 * @param entry The library's own worker entry.
 * @returns The complete settings.
 * @throws {TypeError | RangeError} Where an option makes no sense; the message names it and its value.
 */
export function settingsOf(given: PoolOptions, runtime: Runtime, entry: URL): PoolSettings {
  checkKnown("Pool", given, KNOWN);
  checkKnown("Pool's memory", given.memory, ["initial", "max"]);
  checkKnown("Pool's queue", given.queue, ["capacity", "whenFull"]);
  checkKnown("Pool's idle", given.idle, ["spin", "block"]);
  const workers = integer("workers", given.workers ?? Math.min(runtime.parallelism, MOST), 1, MOST);
  const largest = integer("memory.max", given.memory?.max ?? 2 ** 30, 4096, 2 ** 32 - 2 ** 20);
  const initial = integer("memory.initial", given.memory?.initial ?? 2 ** 20, 0, largest, largest);
  const capacity = given.queue?.capacity ?? Infinity;
  if (capacity !== Infinity) integer("queue.capacity", capacity, 1, Number.MAX_SAFE_INTEGER);
  const whenFull = given.queue?.whenFull ?? "wait";
  oneOf("queue.whenFull", whenFull, ["wait", "reject"]);
  const worker = entryOf(given.worker, entry);
  return {
    workers,
    name: text("name", given.name ?? "multicore"),
    slots: MAX_SLOTS,
    preload: list("preload", given.preload ?? []).map(preloaded),
    memory: { initial, largest },
    queue: { capacity, whenFull },
    idle: {
      spin: duration("idle.spin", given.idle?.spin ?? (runtime.parallelism > 1 ? 0.1 : 0)),
      block: duration("idle.block", given.idle?.block ?? 2),
    },
    lazy: flag("lazy", given.lazy ?? false),
    jobDefaults: jobDefaults(given),
    spawn: (name, start, events) => runtime.spawn(worker(), name, start, events),
  };
}

function jobDefaults(given: PoolOptions): JobOptions | undefined {
  if (given.timeout === undefined && given.retry === undefined) return undefined;
  return checkJobOptions({ timeout: given.timeout, retry: given.retry }, 1);
}

const JOB_OPTIONS = ["format", "signal", "timeout", "priority", "retry", "worker", "borrow"];

/**
 * Checks one call's options.
 *
 * @param options What the user passed.
 * @param workers Number of workers of the pool.
 * @returns The same.
 * @throws {TypeError | RangeError} Where one makes no sense; the message names it and its value.
 */
export function checkJobOptions(options: JobOptions, workers: number): JobOptions {
  if (options === undefined) {
    throw new TypeError("Cannot use undefined as options of runWith: pass an object, or use run");
  }
  checkKnown("runWith", options, JOB_OPTIONS);
  if (options.format !== undefined) {
    oneOf("format", options.format, FORMATS);
  }
  if (options.priority !== undefined) {
    oneOf("priority", options.priority, ["low", "normal", "high"]);
  }
  if (options.timeout !== undefined) duration("timeout", options.timeout);
  if (options.retry !== undefined) integer("retry", options.retry, 0, 1000);
  if (options.worker !== undefined) integer("worker", options.worker, 0, workers - 1);
  if (options.borrow !== undefined) flag("borrow", options.borrow);
  if (options.signal !== undefined) abortSignal(options.signal);
  return options;
}

/** @throws {TypeError} Where an object has an option that nobody knows. */
export function checkKnown(
  what: string,
  options: object | undefined,
  known: readonly string[],
): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`Cannot use ${show(options)} as options of ${what}: pass an object`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new TypeError(
        `Cannot use option ${name} of ${what}: there are only ${known.join(", ")}`,
      );
    }
  }
}

/** @throws {TypeError} Where a value is no signal. */
export function abortSignal(value: unknown): void {
  if (value instanceof AbortSignal) return;
  throw new TypeError(`Cannot use signal ${show(value)}: it must be an AbortSignal`);
}

/** @throws {RangeError} Where a time is not one. */
export function duration(name: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0)) {
    throw new RangeError(
      `Cannot use ${name} ${show(value)}: it must be a number of milliseconds, at least 0`,
    );
  }
  return value;
}

function flag(name: string, value: boolean): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`Cannot use ${name} ${show(value)}: it must be true or false`);
}

function text(name: string, value: string): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Cannot use ${name} ${show(value)}: it must be a string`);
}

function list<T>(name: string, value: readonly T[]): readonly T[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`Cannot use ${name} ${show(value)}: it must be an array`);
}

function integer(name: string, value: number, least: number, most: number, cap = Infinity): number {
  const capped = typeof value === "number" ? Math.min(value, cap) : value;
  if (!Number.isInteger(capped) || capped < least || capped > most) {
    throw new RangeError(
      `Cannot use ${name} ${show(value)}: it must be an integer from ${least} to ${most}`,
    );
  }
  return capped;
}

function oneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value)) {
    throw new TypeError(
      `Cannot use ${name} ${show(value)}: it must be one of ${allowed.join(", ")}`,
    );
  }
}

function preloaded(module: string | URL): string {
  if (module instanceof URL) return module.href;
  if (typeof module === "string" && !/^\.{0,2}\//.test(module)) return module;
  throw new TypeError(
    `Cannot preload ${
      show(module)
    }: pass an absolute URL, such as new URL("./users.ts", import.meta.url)`,
  );
}

function entryOf(worker: PoolOptions["worker"], entry: URL): () => URL {
  if (worker === undefined) return () => entry;
  if (typeof worker === "function") return () => new URL(worker());
  if (!(worker instanceof URL) && !URL.canParse(worker)) {
    throw new TypeError(
      `Cannot use worker ${show(worker)}: pass an absolute URL, or a function that makes one`,
    );
  }
  const url = new URL(worker);
  return () => url;
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
