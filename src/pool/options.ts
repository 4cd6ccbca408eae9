/**
 * What a pool can be told, and what it makes of it.
 *
 * @module
 */
import {
  callback,
  checkKnown,
  duration,
  flag,
  integer,
  list,
  oneOf,
  show,
  text,
} from "../base/checks.ts";
import type { JobOptions } from "../dispatch/engine.ts";
import { checkJobOptions } from "../dispatch/job_options.ts";
import { MAX_RUNNERS } from "../memory/layout.ts";
import type { Permissions, Runtime, WorkerEvents, WorkerHandle } from "../runtime/adapter.ts";
import { closureParts } from "../task/closure.ts";
import { recordOf } from "../task/function_table.ts";
import { Modules } from "../task/modules.ts";
import { makePackage } from "../task/packages.ts";
import { refusedClosure, unregistered } from "../task/registry.ts";
import type { HookRecord } from "../task/start.ts";
import { MAX_SLOTS } from "../transport/slot.ts";

/** Options of a pool; each has a default that suits most. */
export interface PoolOptions {
  /** Number of workers, 1 to 127. Default: the processors that this process may use. */
  readonly workers?: number;
  /** What debuggers and `stats` call the pool. Default `"multicore"`. */
  readonly name?: string;
  /** Modules that every worker imports before it is ready: absolute URLs, or bare specifiers. */
  readonly preload?: readonly (string | URL)[];
  /**
   * A task function that each worker runs, and awaits, before its first job. What it returns is
   * the worker's context, which jobs get by `context()`: a database connection, say. Where it
   * fails, the pool does not start. It gets the worker's index.
   */
  readonly setup?: (worker: number) => unknown;
  /**
   * A task function that each worker runs, and awaits, when it leaves after its last job; not
   * where the pool is terminated or the worker dies. It gets the context.
   */
  // deno-lint-ignore no-explicit-any
  readonly teardown?: (context: any) => unknown;
  /**
   * Called here with each submission, also of jobs inside workers, where it gives what their own
   * job was given: `currentJob().traceId` has what it returns. For ids that logs are joined by.
   */
  readonly traceId?: () => string | undefined;
  /**
   * Whether closures may run. `false` refuses them at the call, and in the workers: nothing is
   * made of strings there, not even for code that was let in by mistake. Default `true`.
   */
  readonly closures?: boolean;
  /**
   * What the workers may do, in Deno: permissions as for its own workers, such as `"none"` or
   * `{ read: true, net: ["example.com"] }`. Deno wants its flag `--unstable-worker-options` for
   * that; other runtimes have no such thing. Such a pool keeps the process alive until it is
   * closed. Default: the process's own.
   */
  readonly permissions?: "inherit" | "none" | Readonly<Record<string, unknown>>;
  /** Memory for arguments and results that do not fit inline, for each thread. */
  readonly memory?: {
    /** Bytes to begin with. Default 1 MiB. */
    readonly initial?: number;
    /** Bytes of the largest payload, which may have up to 8 KiB more; memory grows to that as needed. Default 1 GiB. */
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
     * calls; where spins are in vain the host may block for up to 0.1 ms in their place.
     * Default 0.1; 0, which does neither, where there is one processor only.
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
  readonly setup: HookRecord | undefined;
  readonly teardown: HookRecord | undefined;
  readonly traceId: (() => string | undefined) | undefined;
  readonly takesClosures: boolean;
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
  "setup",
  "teardown",
  "traceId",
  "closures",
  "permissions",
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
  // Only `undefined` stands for a default: `null` is refused as any other value that makes no sense.
  const { name = "multicore", preload = [], closures = true, lazy = false } = given;
  const { workers = Math.min(runtime.parallelism, MOST) } = given;
  const { max = 2 ** 30 } = given.memory ?? {};
  const { capacity = Infinity, whenFull = "wait" } = given.queue ?? {};
  const { spin = runtime.parallelism > 1 ? 0.1 : 0, block = 2 } = given.idle ?? {};
  integer("workers", workers, 1, MOST);
  const largest = integer("memory.max", max, 4096, 2 ** 32 - 2 ** 20);
  const { initial = Math.min(2 ** 20, largest) } = given.memory ?? {};
  if (capacity !== Infinity) integer("queue.capacity", capacity, 1, Number.MAX_SAFE_INTEGER);
  oneOf("queue.whenFull", whenFull, ["wait", "reject"]);
  const takesClosures = flag("closures", closures);
  const permissions = permissionsOf(given.permissions, runtime);
  const worker = entryOf(given.worker, entry);
  return {
    workers,
    name: text("name", name),
    slots: MAX_SLOTS,
    preload: list("preload", preload).map(preloaded),
    setup: hook("setup", given.setup, takesClosures, runtime),
    teardown: hook("teardown", given.teardown, takesClosures, runtime),
    traceId: given.traceId === undefined ? undefined : callback("traceId", given.traceId),
    takesClosures,
    memory: { initial: integer("memory.initial", initial, 0, largest), largest },
    queue: { capacity, whenFull },
    idle: { spin: duration("idle.spin", spin), block: duration("idle.block", block) },
    lazy: flag("lazy", lazy),
    jobDefaults: jobDefaults(given),
    spawn: (name, start, events) => runtime.spawn(worker(), name, start, events, permissions),
  };
}

function jobDefaults(given: PoolOptions): JobOptions | undefined {
  if (given.timeout === undefined && given.retry === undefined) return undefined;
  return checkJobOptions({ timeout: given.timeout, retry: given.retry }, 1);
}

/** @throws {UnregisteredFunctionError} Where workers cannot find the function. */
function hook(
  name: string,
  fn: unknown,
  takesClosures: boolean,
  { natives }: Runtime,
): HookRecord | undefined {
  if (fn === undefined) return undefined;
  callback(name, fn);
  const record = recordOf(fn as object);
  if (record === undefined) throw unregistered(fn);
  if ("source" in record && !takesClosures) throw refusedClosure(record.name, record.source);
  const { names, values } = closureParts(fn as object) ?? { names: [], values: [] };
  if (names.length === 0) return { fn: record, captured: undefined };
  const captured = Object.fromEntries(names.map((name, i) => [name, values[i]]));
  const context = { identities: new Modules(), natives };
  return { fn: record, captured: makePackage(context, captured, "captured") };
}

function permissionsOf(given: unknown, { name }: Runtime): Permissions | undefined {
  if (given === undefined) return undefined;
  if (name !== "deno") {
    throw new TypeError(
      `Cannot use permissions ${show(given)}: only Deno can tell workers what they may do`,
    );
  }
  if (given === "inherit" || given === "none" || (typeof given === "object" && given !== null)) {
    return given as Permissions;
  }
  throw new TypeError(
    `Cannot use permissions ${show(given)}: they must be "inherit", "none", ` +
      "or an object such as { read: true }",
  );
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
