import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf } from "../../deps.ts";
import { closure, type JobOptions, Pool, Task, TimeoutExceededError } from "../../mod.ts";
import {
  add,
  callWith,
  doubleMoney,
  echo,
  failRichly,
  failWith,
  failWithLimit,
  increment,
  LimitError,
  Money,
  never,
  numberOfArguments,
  sleep,
  unsendable,
} from "../fixtures/tasks.ts";
import { soon } from "../support/gate.ts";

type Call = (task: Task<unknown>) => void;

const shared = { x: 1 };
const cycle: Record<string, unknown> = { shared, twice: [shared, shared] };
cycle["itself"] = cycle;

/** Calls that mean the same on whichever thread they run. */
const CALLS: Record<string, Call> = {
  numbers: (task) => task.run(add, 1, -0),
  "no arguments": (task) => task.run(numberOfArguments),
  "undefined arguments": (task) => task.run(numberOfArguments, undefined, undefined),
  holes: (task) => task.run(echo<unknown>, [undefined, , NaN, -0, 1n]),
  cycles: (task) => task.run(echo<unknown>, cycle),
  collections: (task) => task.run(echo<unknown>, new Map([[new Set([1]), new Date(7)]])),
  binary: (task) => task.run(echo<unknown>, new Uint16Array([1, 2, 3]).subarray(1)),
  errors: (task) => task.run(echo<unknown>, new RangeError("r", { cause: 1 })),
  instances: (task) => task.run(doubleMoney, new Money(250)),
  functions: (task) => task.run(callWith, increment, 41),
  promises: (task) => task.run(sleep<unknown>, 1, { late: true }),
  closures: (task) => task.run(closure((n: number) => n + shared.x, { shared }), 1),
  "a failure": (task) => task.run(failRichly),
  "a failure of a class": (task) => task.run(failWithLimit, 3),
  "a thrown value": (task) => task.run(failWith, { thrown: [1n] }),
  "what cannot be sent back": (task) => task.run(unsendable),
  json: with_({ format: "json" }, { when: new Date(0), gone: undefined, list: [undefined] }),
  string: with_({ format: "string" }, "grüße\ud800"),
  bytes: with_({ format: "bytes" }, new Uint8Array([1, 2, 3])),
};

function with_(options: JobOptions, value: unknown): Call {
  return (task) => task.runWith(options, echo<unknown>, value);
}

/** What a program sees of a value; the stacks of errors differ. */
function seen(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  return [value.constructor, value.message, seen(value.cause), Object.entries(value)];
}

function seenOf(outcome: PromiseSettledResult<unknown>): unknown[] {
  return outcome.status === "fulfilled"
    ? ["value", seen(outcome.value)]
    : ["thrown", seen(outcome.reason)];
}

test("Task gives inline what it gives in parallel", async () => {
  await using pool = new Pool({ workers: 1 });
  const parallel = pool.task<unknown>();
  const inline = Task.create<unknown>({ fallback: "inline" });
  for (const call of Object.values(CALLS)) {
    call(parallel);
    call(inline);
  }
  const [there, here] = [await parallel.settled(), await inline.settled()];
  for (const [i, name] of Object.keys(CALLS).entries()) {
    assertEquals(seenOf(here[i]!), seenOf(there[i]!), name);
  }
});

test("Task gives jobs inline the pool's time", async () => {
  await using pool = new Pool({ workers: 1, timeout: 50 });
  const task = pool.task<unknown>({ maxLoadAverage: 0, fallback: "inline" });
  task.run(never);
  task.runWith({ timeout: 60_000 }, sleep, 200, "its own time");
  const [inPoolsTime, inItsOwn] = await soon(task.settled(), "the timeout");
  assertInstanceOf((inPoolsTime as PromiseRejectedResult).reason, TimeoutExceededError);
  assertEquals(inItsOwn, { status: "fulfilled", value: "its own time" });
  // Also where the pool takes no jobs any more.
  await pool.close();
  const late = pool.task<unknown>({ fallback: "inline" });
  late.run(never);
  const [ended] = await soon(late.settled(), "the timeout");
  assertInstanceOf((ended as PromiseRejectedResult).reason, TimeoutExceededError);
});

test("Task copies arguments and results inline, as between threads", async () => {
  const inline = Task.create<unknown>({ fallback: "inline" });
  const list = [1];
  const money = new Money(5);
  inline.run(echo<number[]>, list);
  inline.run(echo<unknown>, money);
  inline.run(failWith, list);
  list.push(2);
  const [copy, instance, thrown] = await inline.settled();
  assertEquals(copy, { status: "fulfilled", value: [1] });
  const { value } = instance as PromiseFulfilledResult<Money>;
  assertInstanceOf(value, Money);
  assert(value !== money);
  assertEquals((thrown as PromiseRejectedResult).reason, [1]);
});

test("Task's inline errors are those of their class", async () => {
  const inline = Task.create<unknown>({ fallback: "inline" });
  inline.run(failWithLimit, 3);
  const [outcome] = await inline.settled();
  assertInstanceOf((outcome as PromiseRejectedResult).reason, LimitError);
});
