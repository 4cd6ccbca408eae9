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
  type MapOptions,
  type Outcome,
  type ParallelIterator,
  Pool,
  type PoolOptions,
  type Progress,
  ranges,
  register,
  type Remote,
  remote,
  share,
  Task,
  transfer,
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

export async function maps(pool: Pool, signal: AbortSignal): Promise<void> {
  const scale = (n: number, index: number): string => `${n} ${index}`;
  const texts = pool.map(scale, [1, 2]);
  same<typeof texts, Promise<string[]>>(true);
  const words = await pool.map(later, new Set(["a b"]));
  same<typeof words, string[][]>(true);
  const maps = await pool.map(thenable as (n: number) => ReturnType<typeof thenable>, [1]);
  same<typeof maps, Map<string, bigint>[]>(true);
  const echoed = await pool.map(identity<Date>, new Map([["k", new Date()]]).values());
  same<typeof echoed, Date[]>(true);
  async function* items(): AsyncGenerator<number> {
    yield 1;
  }
  const options: MapOptions = {
    chunk: "auto",
    signal,
    onProgress: (progress) => {
      same<typeof progress, Progress>(true);
      same<typeof progress.total, number | undefined>(true);
    },
  };
  same<ReturnType<typeof pool.map<number, string>>, Promise<string[]>>(true);
  void pool.map(scale, items(), options);
  void pool.map(scale, new Float32Array(2), { chunk: 5 });
  for await (const text of pool.stream(scale, items(), { ordered: false, window: 5, chunk: 1 })) {
    same<typeof text, string>(true);
  }
  for await (const list of pool.stream(later, ["a"])) same<typeof list, string[]>(true);

  // @ts-expect-error The items are of another type.
  void pool.map(scale, ["1"]);
  // @ts-expect-error So are these.
  void pool.stream(later, items());
  // @ts-expect-error This is no iterable.
  void pool.map(scale, 5);
  // @ts-expect-error The function takes more than an item and its index.
  void pool.map((a: number, b: number, c: number) => a + b + c, [1]);
  // @ts-expect-error The results are no numbers.
  const numbers: number[] = await pool.map(scale, [1]);
  // @ts-expect-error There is no such option.
  void pool.map(scale, [1], { window: 5 });
  // @ts-expect-error A chunk is a number, or "auto".
  void pool.stream(scale, [1], { chunk: "large" });
  // @ts-expect-error Only streams have no progress.
  void pool.stream(scale, [1], { onProgress: () => {} });
  void numbers;
}

export async function iterators(pool: Pool): Promise<void> {
  const isText = (value: string | number): value is string => typeof value === "string";
  const numbers = pool.iter(10);
  same<typeof numbers, ParallelIterator<number>>(true);
  const texts = pool.iter(["a", 1]).filter(isText);
  same<typeof texts, ParallelIterator<string>>(true);
  const chain = texts.map(later).flatMap(identity<string[]>).take(5).drop(1);
  same<typeof chain, ParallelIterator<string>>(true);
  same<Awaited<ReturnType<typeof chain.toArray>>, string[]>(true);
  same<ReturnType<typeof chain.count>, Promise<number>>(true);
  const found = await pool.iter(["a", 1]).find(isText);
  same<typeof found, string | undefined>(true);
  const number = await numbers.find(Number.isInteger);
  same<typeof number, number | undefined>(true);
  const sum = await numbers.reduce(add);
  same<typeof sum, number>(true);
  const some = numbers.some((n) => n > 1);
  same<typeof some, Promise<boolean>>(true);
  const append = (list: string[], n: number, index: number): string[] => [...list, `${n} ${index}`];
  const lists = await numbers.reduce(append, [], (a, b) => [...a, ...b]);
  same<typeof lists, string[]>(true);
  const bigs = pool.iter(new BigInt64Array(2));
  same<typeof bigs, ParallelIterator<bigint>>(true);
  const generated = numbers.flatMap(function* (n) {
    yield `${n}`;
  });
  same<typeof generated, ParallelIterator<string>>(true);
  await numbers.map(add).forEach(nothing);

  // @ts-expect-error The values are numbers.
  numbers.map(later);
  // @ts-expect-error Neither a length nor items.
  pool.iter({});
  // @ts-expect-error Nothing to iterate over comes of these.
  numbers.flatMap(add);
  // @ts-expect-error What is folded without a combiner keeps its type.
  void numbers.reduce((text: string, n: number) => text + n, "");
  // @ts-expect-error An iterator is no array.
  const array: number[] = numbers;
  // @ts-expect-error A limit is a number.
  numbers.take("5");
  void array;
}

export async function broadcasts(pool: Pool): Promise<void> {
  const sums = await pool.broadcast(add, 1, 2);
  same<typeof sums, number[]>(true);
  const words = await pool.broadcast(later, "a b");
  same<typeof words, string[][]>(true);
  // @ts-expect-error An argument is missing.
  void pool.broadcast(add, 1);
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

export async function handed(pool: Pool): Promise<void> {
  const bytes = new Uint8Array(8);
  const moved = transfer(bytes, [bytes.buffer]);
  same<typeof moved, typeof bytes>(true);
  const { port1 } = new MessageChannel();
  const port = transfer({ port1 }, [port1]);
  same<typeof port, { port1: MessagePort }>(true);
  const table = share(new Map([["a", 1]]));
  same<typeof table, Map<string, number>>(true);
  const size = await pool.run((all: Map<string, number>, _: Uint8Array) => all.size, table, moved);
  same<typeof size, number>(true);
  // @ts-expect-error There is no list.
  transfer(bytes);
  // @ts-expect-error This cannot be moved.
  transfer(bytes, [{}]);
  // @ts-expect-error The list is of what is moved, not of views.
  transfer(bytes, ["bytes"]);
  // @ts-expect-error What it stands for is of another type.
  void pool.run(add, share("1"), 2);
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

export async function tuples(pool: Pool): Promise<void> {
  const mixed = await new Task().run(add, 1, 2).run(later, "a b").run(nothing).get();
  same<typeof mixed, [number, string[], void]>(true);
  const some = new Task<number>();
  some.run(add, 1, 2);
  some.runWith({ priority: "low" }, add, 3, 4);
  const numbers = await some.get();
  same<typeof numbers, number[]>(true);
  const [first, second] = pool.task().run(optional, "Ada").runWith({}, add, 1, 2).getSync();
  same<typeof first, string>(true);
  same<typeof second, number>(true);
  const union = await new Task<number | string>().run(add, 1, 2).run(optional, "Ada").get();
  same<typeof union, [number, string]>(true);

  // @ts-expect-error It does not return what the task is for.
  new Task<number>().run(optional, "Ada");
  // @ts-expect-error An argument is missing.
  new Task().run(add, 1).run(add, 1, 2);
  // @ts-expect-error There are two results.
  const [_a, _b, _c] = await new Task().run(add, 1, 2).run(add, 1, 2).get();
}
