/**
 * What the public API's types accept and refuse. This file is checked by the
 * compilers, not run: a call that is wrongly accepted makes `@ts-expect-error`
 * an error itself.
 *
 * @module
 */
import { expectTypeOf } from "expect-type";
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
  expectTypeOf<typeof sum>().toEqualTypeOf<Promise<number>>();
  const words = pool.run(later, "a b");
  expectTypeOf<typeof words>().toEqualTypeOf<Promise<string[]>>();
  const map = await pool.run(thenable);
  expectTypeOf<typeof map>().toEqualTypeOf<Map<string, bigint>>();
  const none = pool.run(nothing);
  expectTypeOf<typeof none>().toEqualTypeOf<Promise<void>>();
  const date = pool.run(overAndOver);
  expectTypeOf<typeof date>().toEqualTypeOf<Promise<Date>>();
  const echoed = pool.run(identity<string>, "text");
  expectTypeOf<typeof echoed>().toEqualTypeOf<Promise<string>>();
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
  expectTypeOf<typeof sum>().toEqualTypeOf<Promise<number>>();
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
  expectTypeOf<typeof task>().toEqualTypeOf<Task<number>>();
  task.run(add, 1, 2);
  task.runWith({ retry: 1 }, add, 1, 2);
  expectTypeOf<Awaited<ReturnType<typeof task.get>>>().toEqualTypeOf<number[]>();
  expectTypeOf<ReturnType<typeof task.getSync>>().toEqualTypeOf<number[]>();
  expectTypeOf<Awaited<ReturnType<typeof task.settled>>>().toEqualTypeOf<Outcome<number>[]>();
  for await (const { index, value } of task.completed()) {
    expectTypeOf<typeof index>().toEqualTypeOf<number>();
    expectTypeOf<typeof value>().toEqualTypeOf<number>();
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
  expectTypeOf<typeof any>().not.toEqualTypeOf<Task<unknown>>();
}

export function guarded(pool: Pool): void {
  const perhaps = Task.create<number>({ maxLoadAverage: 0.8 });
  expectTypeOf<typeof perhaps>().toEqualTypeOf<Task<number> | null>();
  const always = Task.create<number>({ maxLoadAverage: 0.8, fallback: "inline" });
  expectTypeOf<typeof always>().toEqualTypeOf<Task<number>>();
  const ofPool = pool.task<number>({ maxLoadAverage: 0.8 });
  expectTypeOf<typeof ofPool>().toEqualTypeOf<Task<number> | null>();
  const alwaysOfPool = pool.task<number>({ maxLoadAverage: 0.8, fallback: "inline" });
  expectTypeOf<typeof alwaysOfPool>().toEqualTypeOf<Task<number>>();
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
  expectTypeOf<typeof texts>().toEqualTypeOf<Promise<string[]>>();
  const words = await pool.map(later, new Set(["a b"]));
  expectTypeOf<typeof words>().toEqualTypeOf<string[][]>();
  const maps = await pool.map(thenable as (n: number) => ReturnType<typeof thenable>, [1]);
  expectTypeOf<typeof maps>().toEqualTypeOf<Map<string, bigint>[]>();
  const echoed = await pool.map(identity<Date>, new Map([["k", new Date()]]).values());
  expectTypeOf<typeof echoed>().toEqualTypeOf<Date[]>();
  async function* items(): AsyncGenerator<number> {
    yield 1;
  }
  const options: MapOptions = {
    chunk: "auto",
    signal,
    onProgress: (progress) => {
      expectTypeOf<typeof progress>().toEqualTypeOf<Progress>();
      expectTypeOf<typeof progress.total>().toEqualTypeOf<number | undefined>();
    },
  };
  expectTypeOf<ReturnType<typeof pool.map<number, string>>>().toEqualTypeOf<Promise<string[]>>();
  void pool.map(scale, items(), options);
  void pool.map(scale, new Float32Array(2), { chunk: 5 });
  for await (const text of pool.stream(scale, items(), { ordered: false, window: 5, chunk: 1 })) {
    expectTypeOf<typeof text>().toEqualTypeOf<string>();
  }
  for await (const list of pool.stream(later, ["a"])) {
    expectTypeOf<typeof list>().toEqualTypeOf<string[]>();
  }

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
  expectTypeOf<typeof numbers>().toEqualTypeOf<ParallelIterator<number>>();
  const texts = pool.iter(["a", 1]).filter(isText);
  expectTypeOf<typeof texts>().toEqualTypeOf<ParallelIterator<string>>();
  const chain = texts.map(later).flatMap(identity<string[]>).take(5).drop(1);
  expectTypeOf<typeof chain>().toEqualTypeOf<ParallelIterator<string>>();
  expectTypeOf<Awaited<ReturnType<typeof chain.toArray>>>().toEqualTypeOf<string[]>();
  expectTypeOf<ReturnType<typeof chain.count>>().toEqualTypeOf<Promise<number>>();
  const found = await pool.iter(["a", 1]).find(isText);
  expectTypeOf<typeof found>().toEqualTypeOf<string | undefined>();
  const number = await numbers.find(Number.isInteger);
  expectTypeOf<typeof number>().toEqualTypeOf<number | undefined>();
  const sum = await numbers.reduce(add);
  expectTypeOf<typeof sum>().toEqualTypeOf<number>();
  const some = numbers.some((n) => n > 1);
  expectTypeOf<typeof some>().toEqualTypeOf<Promise<boolean>>();
  const append = (list: string[], n: number, index: number): string[] => [...list, `${n} ${index}`];
  const lists = await numbers.reduce(append, [], (a, b) => [...a, ...b]);
  expectTypeOf<typeof lists>().toEqualTypeOf<string[]>();
  const bigs = pool.iter(new BigInt64Array(2));
  expectTypeOf<typeof bigs>().toEqualTypeOf<ParallelIterator<bigint>>();
  const generated = numbers.flatMap(function* (n) {
    yield `${n}`;
  });
  expectTypeOf<typeof generated>().toEqualTypeOf<ParallelIterator<string>>();
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
  expectTypeOf<typeof sums>().toEqualTypeOf<number[]>();
  const words = await pool.broadcast(later, "a b");
  expectTypeOf<typeof words>().toEqualTypeOf<string[][]>();
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
  expectTypeOf<typeof users>().toEqualTypeOf<Remote<Users>>();
  const sum = users.add(1, 2);
  expectTypeOf<typeof sum>().toEqualTypeOf<Promise<number>>();
  const words = users.later("a b");
  expectTypeOf<typeof words>().toEqualTypeOf<Promise<string[]>>();
  expectTypeOf<keyof typeof users>().toEqualTypeOf<"add" | "later">();
  const onPool = await pool.run(users.later, "a b");
  expectTypeOf<typeof onPool>().toEqualTypeOf<string[]>();
  // @ts-expect-error It is of another type.
  void users.add(1, "2");
  // @ts-expect-error Not a function of the module.
  void users.names;
}

export async function handed(pool: Pool): Promise<void> {
  const bytes = new Uint8Array(8);
  const moved = transfer(bytes, [bytes.buffer]);
  expectTypeOf<typeof moved>().toEqualTypeOf<typeof bytes>();
  const { port1 } = new MessageChannel();
  const port = transfer({ port1 }, [port1]);
  expectTypeOf<typeof port>().toEqualTypeOf<{ port1: MessagePort }>();
  const table = share(new Map([["a", 1]]));
  expectTypeOf<typeof table>().toEqualTypeOf<Map<string, number>>();
  const size = await pool.run((all: Map<string, number>, _: Uint8Array) => all.size, table, moved);
  expectTypeOf<typeof size>().toEqualTypeOf<number>();
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
  expectTypeOf<typeof scale>().toEqualTypeOf<(n: number, unit?: string) => string>();
  register(import.meta.url, { add, Pool });
  register(import.meta, { add });
  for (const [start, end] of ranges([1, 2, 3])) {
    expectTypeOf<typeof start>().toEqualTypeOf<number>();
    expectTypeOf<typeof end>().toEqualTypeOf<number>();
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
  expectTypeOf<typeof mixed>().toEqualTypeOf<[number, string[], void]>();
  const some = new Task<number>();
  some.run(add, 1, 2);
  some.runWith({ priority: "low" }, add, 3, 4);
  const numbers = await some.get();
  expectTypeOf<typeof numbers>().toEqualTypeOf<number[]>();
  const [first, second] = pool.task().run(optional, "Ada").runWith({}, add, 1, 2).getSync();
  expectTypeOf<typeof first>().toEqualTypeOf<string>();
  expectTypeOf<typeof second>().toEqualTypeOf<number>();
  const union = await new Task<number | string>().run(add, 1, 2).run(optional, "Ada").get();
  expectTypeOf<typeof union>().toEqualTypeOf<[number, string]>();

  // @ts-expect-error It does not return what the task is for.
  new Task<number>().run(optional, "Ada");
  // @ts-expect-error An argument is missing.
  new Task().run(add, 1).run(add, 1, 2);
  // @ts-expect-error There are two results.
  const [_a, _b, _c] = await new Task().run(add, 1, 2).run(add, 1, 2).get();
}
