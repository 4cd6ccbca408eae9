/**
 * What the public API's types accept and refuse. This file is checked by the
 * compilers, not run: a call that is wrongly accepted makes `@ts-expect-error`
 * an error itself.
 *
 * @module
 */
import {
  closure,
  type JobOptions,
  type Outcome,
  Pool,
  type PoolOptions,
  ranges,
  register,
  type Remote,
  remote,
  Task,
} from "../../mod.ts";

/** Whether two types are the same, `any` and unions included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : false;
/** A line with this compiles where its two types are the same. */
const same = <A, B>(_same: Same<A, B>): void => {};

declare const add: (a: number, b: number) => number;
declare const later: (text: string) => Promise<string[]>;
declare const optional: (name: string, greeting?: string) => string;
declare const rest: (first: boolean, ...others: number[]) => number;
declare const thenable: () => PromiseLike<Map<string, bigint>>;
declare const nothing: () => void;
declare const overAndOver: () => Promise<Promise<Date>>;
declare const identity: <T>(value: T) => T;

export async function runs(pool: Pool): Promise<void> {
  const sum = pool.run(add, 1, 2);
  same<typeof sum, Promise<number>>(true);
  const words = pool.run(later, "a b");
  same<typeof words, Promise<string[]>>(true);
  const map = await pool.run(thenable);
  same<typeof map, Map<string, bigint>>(true);
  const none = pool.run(nothing);
  same<typeof none, Promise<void>>(true);
  const date = pool.run(overAndOver);
  same<typeof date, Promise<Date>>(true);
  const echoed = pool.run(identity<string>, "text");
  same<typeof echoed, Promise<string>>(true);
  void pool.run(optional, "Ada");
  void pool.run(optional, "Ada", "Hello");
  void pool.run(rest, true, 1, 2, 3);
  void pool.run(rest, true);

  // @ts-expect-error An argument is missing.
  void pool.run(add, 1);
  // @ts-expect-error There is one too many.
  void pool.run(add, 1, 2, 3);
  // @ts-expect-error It is of another type.
  void pool.run(add, 1, "2");
  // @ts-expect-error The optional one is, too.
  void pool.run(optional, "Ada", 1);
  // @ts-expect-error So is one of the rest.
  void pool.run(rest, true, 1, "2");
  // @ts-expect-error This is no function.
  void pool.run("add", 1, 2);
  // @ts-expect-error The result is no string.
  const text: string = await pool.run(add, 1, 2);
  // @ts-expect-error A result has to be awaited.
  const direct: number = pool.run(add, 1, 2);
  void [text, direct];
}

export function runsWith(pool: Pool, signal: AbortSignal): void {
  const sum = pool.runWith({ timeout: 5, signal, retry: 1, worker: 0 }, add, 1, 2);
  same<typeof sum, Promise<number>>(true);
  void pool.runWith({ priority: "high", format: "json", borrow: true }, later, "a");
  void pool.runWith({}, nothing);

  // @ts-expect-error There is no such option.
  void pool.runWith({ timout: 5 }, add, 1, 2);
  // @ts-expect-error There is no such priority.
  void pool.runWith({ priority: "urgent" }, add, 1, 2);
  // @ts-expect-error There is no such format.
  void pool.runWith({ format: "xml" }, add, 1, 2);
  // @ts-expect-error An argument is missing.
  void pool.runWith({}, add, 1);
  // @ts-expect-error The options come first.
  void pool.runWith(add, 1, 2);
}

export async function tasks(pool: Pool): Promise<void> {
  const task = pool.task<number>();
  same<typeof task, Task<number>>(true);
  task.run(add, 1, 2);
  task.runWith({ retry: 1 }, add, 1, 2);
  same<Awaited<ReturnType<typeof task.get>>, number[]>(true);
  same<ReturnType<typeof task.getSync>, number[]>(true);
  same<Awaited<ReturnType<typeof task.settled>>, Outcome<number>[]>(true);
  for await (const { index, value } of task.completed()) {
    same<typeof index, number>(true);
    same<typeof value, number>(true);
  }
  new Task<string[]>().run(later, "asynchronous functions give what they resolve to");

  // @ts-expect-error The function gives another type.
  task.run(later, "a");
  // @ts-expect-error An argument is missing.
  task.run(add, 1);
  // @ts-expect-error It is of another type.
  task.runWith({}, add, 1, "2");
  // @ts-expect-error Nothing comes back from run.
  const sum: number = task.run(add, 1, 2);
  // @ts-expect-error The load is for Task.create.
  void new Task({ maxLoadAverage: 1 });
  void sum;

  const any = new Task();
  any.run(add, 1, 2);
  any.run(later, "a");
  same<typeof any, Task<unknown>>(false);
}

export function guarded(pool: Pool): void {
  const perhaps = Task.create<number>({ maxLoadAverage: 0.8 });
  same<typeof perhaps, Task<number> | null>(true);
  const always = Task.create<number>({ maxLoadAverage: 0.8, fallback: "inline" });
  same<typeof always, Task<number>>(true);
  const ofPool = pool.task<number>({ maxLoadAverage: 0.8 });
  same<typeof ofPool, Task<number> | null>(true);
  const alwaysOfPool = pool.task<number>({ maxLoadAverage: 0.8, fallback: "inline" });
  same<typeof alwaysOfPool, Task<number>>(true);
  // @ts-expect-error It may be null.
  perhaps.run(add, 1, 2);
  // @ts-expect-error So may this one.
  ofPool.run(add, 1, 2);
  // @ts-expect-error There is no such fallback.
  void Task.create({ fallback: "outline" });
}

interface Users {
  readonly add: typeof add;
  readonly later: typeof later;
  readonly names: string[];
}

export async function remotes(pool: Pool): Promise<void> {
  const users = remote<Users>("npm:users");
  same<typeof users, Remote<Users>>(true);
  const sum = users.add(1, 2);
  same<typeof sum, Promise<number>>(true);
  const words = users.later("a b");
  same<typeof words, Promise<string[]>>(true);
  same<keyof typeof users, "add" | "later">(true);
  const onPool = await pool.run(users.later, "a b");
  same<typeof onPool, string[]>(true);
  // @ts-expect-error It is of another type.
  void users.add(1, "2");
  // @ts-expect-error Not a function of the module.
  void users.names;
}

export function others(): void {
  const scale = closure((n: number, unit?: string) => `${n} ${unit}`, { anything: 1 });
  same<typeof scale, (n: number, unit?: string) => string>(true);
  register(import.meta.url, { add, Pool });
  register(import.meta, { add });
  for (const [start, end] of ranges([1, 2, 3])) {
    same<typeof start, number>(true);
    same<typeof end, number>(true);
  }
  void [ranges(10), ranges("text"), ranges(new Set()), ranges(new Map()), ranges(new Uint8Array())];
  const pool: PoolOptions = { workers: 1, memory: { max: 1 }, queue: { whenFull: "reject" } };
  const job: JobOptions = { timeout: 1 };

  // @ts-expect-error Only functions and classes can be registered.
  register(import.meta.url, { limit: 5 });
  // @ts-expect-error This is no function.
  closure(5);
  // @ts-expect-error There is no such option.
  void new Pool({ wrokers: 2 });
  // @ts-expect-error There is no such option of queue.
  void new Pool({ queue: { size: 2 } });
  // @ts-expect-error What is passed is never changed, so it is not to be changed here.
  pool.workers = 2;
  // @ts-expect-error The same for a job.
  job.timeout = 2;
  // @ts-expect-error This has neither length nor size.
  void ranges({});
}
