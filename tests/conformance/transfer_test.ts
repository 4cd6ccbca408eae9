import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../../deps.ts";
import {
  closure,
  NotSerializableError,
  Pool,
  QueueFullError,
  Task,
  transfer,
  UnregisteredFunctionError,
  WorkerCrashedError,
} from "../../mod.ts";
import * as tasks from "../fixtures/handles.ts";
import { Slow } from "../fixtures/slow_class.ts";
import { exitProcess, holdUntil, never } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { Gate, soon } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";

const MEBIBYTE = 2 ** 20;
/** Copied whatever the runtime, and moved. */
const SIZES = [1, 1000, 100_000, 8 * MEBIBYTE];

const filled = (length: number, fill: number) => new Uint8Array(length).fill(fill);

/** Asks at one end of a channel. */
async function ask(port: MessagePort, question: string): Promise<string> {
  const answered = new Promise<string>((resolve) => {
    port.onmessage = ({ data }) => resolve(data);
  });
  port.postMessage(question);
  return await soon(answered, `an answer to ${question}`).finally(() => port.close());
}

test("transfer moves buffers to a job, small and large, and takes them away", async () => {
  await using pool = new Pool({ workers: 2 });
  for (const size of SIZES) {
    const bytes = filled(size, 2);
    const expected = tasks.sumBytes(bytes);
    const sum = pool.run(tasks.sumBytes, transfer(bytes, [bytes.buffer]));
    assertEquals(bytes.length, 0, `${size} bytes are still here`);
    assertEquals(await sum, expected, `${size} bytes`);
  }
  assertEquals(pool.stats().memory.used, 0);
});

test("transfer moves buffers anywhere in arguments and keeps who is who", async () => {
  await using pool = new Pool({ workers: 2 });
  for (const size of [64, 8 * MEBIBYTE]) {
    const buffer = new ArrayBuffer(size);
    new Uint8Array(buffer)[0] = 7;
    const floats = new Float64Array(buffer, 16, 2);
    floats[0] = 1.5;
    const views = [new Uint8Array(buffer), floats, buffer] as const;
    // The marker stands for one value: what is around it is copied, and knows the same buffer.
    const [a, b] = [transfer(views[0], [buffer]), views[1]];
    const back = await pool.run(tasks.describeViews, a, b, buffer);
    assertEquals(back, [true, true, 7, 1.5, 16, size]);
    assertEquals(buffer.byteLength, 0);
  }
  const deep = filled(4 * MEBIBYTE, 5);
  const value = { list: new Map([["x", transfer({ deep }, [deep.buffer])]]) };
  const get = closure((given: typeof value) => given.list.get("x")!.deep.length);
  assertEquals(await pool.run(get, value), 4 * MEBIBYTE);
  assertEquals(deep.length, 0);
});

test("transfer knows a buffer that was met before its list", async () => {
  await using pool = new Pool({ workers: 1 });
  for (const size of [64, 8 * MEBIBYTE]) {
    const bytes = filled(size, 1);
    const same = await pool.run(tasks.sameBuffer, bytes, transfer(bytes, [bytes.buffer]));
    assertEquals([same, bytes.length], [true, 0]);
  }
});

test("transfer keeps what can be resized so", async () => {
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: { maxByteLength: number },
  ) => ArrayBuffer;
  await using pool = new Pool({ workers: 1 });
  for (const size of [8, 4 * MEBIBYTE]) {
    const buffer = new Resizable(size, { maxByteLength: 2 * size });
    const resize = closure((given: ArrayBuffer, length: number) => {
      (given as ArrayBuffer & { resize(length: number): void }).resize(length);
      return given.byteLength;
    });
    assertEquals(await pool.run(resize, transfer(buffer, [buffer]), 2 * size), 2 * size);
    assertEquals(buffer.byteLength, 0);
  }
});

test("transfer moves results, small and large, and takes them away", async () => {
  await using pool = new Pool({ workers: 2 });
  for (const size of SIZES) {
    const bytes = await pool.run(tasks.giveBytes, size, 9);
    assertEquals([bytes.length, bytes[0], bytes.at(-1)], [size, 9, 9]);
    assertInstanceOf(bytes.buffer, ArrayBuffer);
    await pool.runWith({ worker: 0 }, tasks.giveAndKeep, size);
    assertEquals(await pool.runWith({ worker: 0 }, tasks.lengthOfGiven), 0);
    await assertRejects(
      () => pool.runWith({ worker: 0 }, tasks.giveBadly, size),
      NotSerializableError,
      "result.bad",
    );
    assertEquals(await pool.runWith({ worker: 0 }, tasks.lengthOfGiven), size);
  }
  const many = await Promise.all(
    Array.from({ length: 40 }, (_, i) => pool.run(tasks.giveBytes, MEBIBYTE * (i % 4), i)),
  );
  many.forEach((bytes, i) => assertEquals(bytes.length, MEBIBYTE * (i % 4)));
});

test("transfer works for a host that blocks", { skip: RUNTIME === "browser" }, async () => {
  await using pool = new Pool({ workers: 2 });
  const task = pool.task<number | Uint8Array>();
  for (let i = 0; i < 6; i++) {
    const bytes = filled(4 * MEBIBYTE, i);
    task.run(tasks.sumBytes, transfer(bytes, [bytes.buffer]));
    task.run(tasks.giveBytes, 4 * MEBIBYTE, i);
  }
  const results = task.getSync();
  for (let i = 0; i < 6; i++) {
    assertEquals(results[2 * i], 1024 * i);
    assertEquals((results[2 * i + 1] as Uint8Array)[7], i);
  }
});

test("transfer moves ports, which then talk", async () => {
  await using pool = new Pool({ workers: 2 });
  for (let i = 0; i < 4; i++) {
    const { port1, port2 } = new MessageChannel();
    const job = pool.run(tasks.answer, transfer(port2, [port2]), "yes,");
    assertEquals(await ask(port1, `question ${i}`), `yes, question ${i}`);
    assertEquals(await job, `question ${i}`);
    const { port } = await pool.run(tasks.openPort);
    assertEquals(await ask(port, "hello"), "from there: hello");
  }
});

test("transfer hands over what was waiting in a port", async () => {
  await using pool = new Pool({ workers: 1 });
  const { port1, port2 } = new MessageChannel();
  const asked = new Promise<string>((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  port1.postMessage("early");
  const job = pool.run(tasks.answer, transfer(port2, [port2]), "late");
  assertEquals(await soon(asked, "an answer"), "late early");
  assertEquals(await job, "early");
  port1.close();
});

test("transfer refuses what cannot be moved", () => {
  const { port1, port2 } = new MessageChannel();
  const buffer = new ArrayBuffer(8);
  const gone = new ArrayBuffer(8);
  structuredClone(gone, { transfer: [gone] });
  // deno-lint-ignore no-explicit-any
  const lists: [any, string][] = [
    [undefined, "undefined"],
    [buffer, "pass an array"],
    [[new SharedArrayBuffer(8)], "SharedArrayBuffer"],
    [[new Uint8Array(8)], "list its buffer"],
    [[buffer, buffer], "list[1]: it is in the list twice"],
    [[gone], "moved already"],
    [[{}], "neither"],
    [[port1, "x"], 'list[1]: "x"'],
  ];
  for (const [list, part] of lists) {
    assertStringIncludes(assertThrows(() => transfer({}, list), TypeError).message, part);
  }
  assertEquals(buffer.byteLength, 8);
  port1.close();
  port2.close();
});

test("transfer takes nothing away where the call is refused", async () => {
  using gate = new Gate();
  await using pool = new BriefPool({ workers: 1, queue: { capacity: 1, whenFull: "reject" } });
  const { port1, port2 } = new MessageChannel();
  const large = filled(8 * MEBIBYTE, 1);
  const small = filled(8, 1);
  const list = [small.buffer, large.buffer, port2];
  const all = () => transfer({ large, small, port2 }, list);
  const echo = tasks.echoHandle<unknown>;
  const untouched = () => assertEquals([large.length, small.length], [8 * MEBIBYTE, 8]);
  const refused = await assertRejects(
    () => pool.run(echo, { all: all(), bad: new WeakMap() }),
    NotSerializableError,
  );
  assertEquals(refused.path, "args[0].bad");
  untouched();
  await assertRejects(() => pool.run((_: unknown) => {}, all()), UnregisteredFunctionError);
  untouched();
  for (const format of ["json", "string", "bytes"] as const) {
    await assertRejects(() => pool.runWith({ format }, echo, all()), NotSerializableError);
  }
  await assertRejects(
    () => pool.run(echo, transfer(small, [large.buffer])),
    NotSerializableError,
    "nowhere in the value",
  );
  const bare = await assertRejects(() => pool.run(echo, [port2]), NotSerializableError);
  assertEquals(bare.path, "args[0][0]");
  assertStringIncludes(bare.message, "transfer(value, [port])");
  const aborted = AbortSignal.abort(new Error("never mind"));
  await assertRejects(() => pool.runWith({ signal: aborted }, echo, all()), Error, "never mind");
  const held = pool.run(holdUntil, gate.path, gate.file("began"));
  await assertRejects(() => pool.run(echo, all()), QueueFullError);
  untouched();
  gate.open();
  await held;
  await pool.terminate();
  await assertRejects(() => pool.run(echo, all()));
  untouched();
  // The port still talks.
  const came = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data);
  });
  port2.postMessage("still mine");
  assertEquals(await soon(came, "a message"), "still mine");
  port1.close();
  port2.close();
});

test("transfer of something twice is refused the second time", async () => {
  await using pool = new Pool({ workers: 1 });
  for (const size of [8, 8 * MEBIBYTE]) {
    const bytes = filled(size, 1);
    const marker = transfer(bytes, [bytes.buffer]);
    await pool.run(tasks.sumBytes, marker);
    await assertRejects(() => pool.run(tasks.sumBytes, marker), NotSerializableError, "detached");
  }
});

// Chromium's ports do not tell that the other end was closed.
test("Pool drops what was to be moved to a job that is given up before it begins", {
  skip: RUNTIME === "browser",
}, async () => {
  using gate = new Gate();
  await using pool = new Pool({ workers: 1 });
  const held = pool.run(holdUntil, gate.path, gate.file("began"));
  await gate.began("began");
  const controller = new AbortController();
  const { port1, port2 } = new MessageChannel();
  const closed = new Promise((resolve) => port1.addEventListener("close", resolve));
  port1.start();
  const bytes = filled(8 * MEBIBYTE, 1);
  const job = pool.runWith(
    { signal: controller.signal },
    tasks.echoHandle<unknown>,
    transfer({ bytes, port2 }, [bytes.buffer, port2]),
  );
  controller.abort(new Error("given up"));
  await assertRejects(() => job, Error, "given up");
  assertEquals(bytes.length, 0);
  // Whoever has the other end hears that nobody will answer.
  await soon(closed, "the port to close");
  port1.close();
  gate.open();
  await held;
  const more = filled(8 * MEBIBYTE, 1);
  assertEquals(await pool.run(tasks.sumBytes, transfer(more, [more.buffer])), 2048);
});

test("Pool begins a job anew with what it had not fetched, and fails it where it had", async () => {
  using gate = new Gate();
  await using pool = new Pool({ workers: 1, retry: 1 });
  // Small ones are copied: they are there again.
  const small = filled(100, 4);
  const give = (bytes: Uint8Array, name: string) =>
    pool.run(tasks.measureAndDieOnce, transfer(bytes, [bytes.buffer]), gate.file(name));
  assertEquals(await give(small, "small"), "lived 100");
  const large = filled(8 * MEBIBYTE, 4);
  const error = await assertRejects(() => give(large, "large"), WorkerCrashedError);
  assertStringIncludes(error.message, "its worker has ended");
  // A job that was only queued behind one that kills its worker had fetched nothing.
  const queued = filled(8 * MEBIBYTE, 4);
  const crash = pool.runWith({ retry: 0 }, exitProcess, 1);
  const job = pool.run(tasks.sumBytes, transfer(queued, [queued.buffer]));
  await assertRejects(() => crash, WorkerCrashedError);
  assertEquals(await job, 8192);
});

test("Pool.close ends with ports and buffers outstanding", async () => {
  const { port1, port2 } = new MessageChannel();
  const bytes = filled(8 * MEBIBYTE, 1);
  const pool = new BriefPool({ workers: 1 });
  const stuck = pool.run(never);
  const job = pool.run(tasks.answer, transfer(port2, [port2]), "too late");
  const moved = pool.run(tasks.sumBytes, transfer(bytes, [bytes.buffer]));
  const ended = Promise.allSettled([stuck, job, moved]);
  await pool.terminate();
  const states = (await soon(ended, "jobs")).map(({ status }) => status);
  assertEquals(states[0], "rejected");
  port1.close();
});

test("Pool keeps what was moved until the job can be read, whatever else runs meanwhile", async () => {
  await using pool = new Pool({ workers: 1 });
  const others = pool.run(tasks.keepNesting, 400);
  const bytes = filled(8 * MEBIBYTE, 1);
  const given = transfer(bytes, [bytes.buffer]);
  // Its module has to be imported, which takes a while.
  assertEquals(await pool.run(tasks.measureBoth, given, new Slow()), [8 * MEBIBYTE, 1]);
  assert(await others > 0);
});

test("Task with fallback inline moves to this very thread", async () => {
  for (const size of [8, 8 * MEBIBYTE]) {
    const task = Task.create<unknown>({ fallback: "inline" })!;
    const bytes = filled(size, 3);
    task.run(closure((it: Uint8Array) => it.length), transfer(bytes, [bytes.buffer]));
    assertEquals(bytes.length, 0);
    const { port1, port2 } = new MessageChannel();
    task.run(tasks.answer, transfer(port2, [port2]), "inline");
    task.run(tasks.giveBytes, size, 6);
    assertEquals(await ask(port1, "now"), "inline now");
    const [length, asked, back] = await task.get() as [number, string, Uint8Array];
    assertEquals([length, asked, back.length, back[0]], [size, "now", size, 6]);
  }
});

test("transfer inside workers copies buffers and gives them up, and refuses ports", async () => {
  for (const workers of [1, 2]) {
    await using pool = new Pool({ workers });
    for (const size of [4096, 4 * MEBIBYTE]) {
      assertEquals(await pool.run(tasks.transferNested, size), [3 * size / 4096, 0, size]);
    }
    assertStringIncludes(await pool.run(tasks.portNested), "on the main thread");
  }
});

test("transfer moves faster than a copy", { timeout: 60_000 }, async () => {
  await using pool = new Pool({ workers: 1 });
  const length = closure((bytes: Uint8Array) => bytes.length);
  const times = { copied: [] as number[], moved: [] as number[] };
  for (let round = 0; round < 7; round++) {
    for (const way of ["copied", "moved"] as const) {
      const bytes = filled(64 * MEBIBYTE, 1);
      const began = performance.now();
      await pool.run(length, way === "moved" ? transfer(bytes, [bytes.buffer]) : bytes);
      times[way].push(performance.now() - began);
    }
  }
  const [copied, moved] = [Math.min(...times.copied), Math.min(...times.moved)];
  console.log(`64 MiB: copied in ${copied.toFixed(2)} ms, moved in ${moved.toFixed(2)} ms`);
  assert(moved < copied, `moved in ${moved} ms, copied in ${copied} ms`);
});
