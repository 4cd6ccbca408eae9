import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "../../deps.ts";
import {
  closure,
  NotSerializableError,
  PayloadTooLargeError,
  Pool,
  share,
  Task,
  transfer,
} from "../../mod.ts";
import * as tasks from "../fixtures/handles.ts";
import { BriefPool } from "../support/brief_pool.ts";

test("share is decoded once in each worker, and all jobs there get the same object", async () => {
  await using pool = new Pool({ workers: 3 });
  const table = share(new tasks.Table([1, 2, 3]));
  assert(await pool.run(tasks.isTable, table, 3));
  const names = await Promise.all(Array.from({ length: 200 }, () => pool.run(tasks.nameOf, table)));
  for (let worker = 0; worker < 3; worker++) {
    names.push(await pool.runWith({ worker }, tasks.nameOf, table));
    assertEquals(await pool.runWith({ worker }, tasks.timesDecoded), 1);
  }
  assertEquals(new Set(names).size, 3);
});

test("share is the value as it was, anywhere in arguments", async () => {
  await using pool = new Pool({ workers: 1 });
  const list = [1, 2, 3];
  const value = share({ list, map: new Map([["a", list]]), at: new Date(5), big: 1n << 70n });
  list.push(4);
  const check = closure((given: { deep: typeof value[] }, again: typeof value) => {
    const [first, second] = given.deep;
    return [
      first === second && first === again,
      first!.list === first!.map.get("a"),
      first!.list.length,
      first!.at.getTime(),
      String(first!.big),
    ];
  });
  const expected = [true, true, 3, 5, String(1n << 70n)];
  assertEquals(await pool.run(check, { deep: [value, value] }, value), expected);
  assertEquals(await pool.run(check, { deep: [value, value] }, value), expected);
});

test("share gives primitives back, and functions that workers know", async () => {
  for (const value of [1, "x", null, undefined, true, 5n]) assert(share(value) === value);
  await using pool = new Pool({ workers: 1 });
  const call = closure((fn: typeof tasks.sumList) => fn({ list: [4, 5] }));
  assertEquals(await pool.run(call, share(tasks.sumList)), 9);
});

test("share can have shared memory in it", async () => {
  await using pool = new Pool({ workers: 2 });
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const value = share({ name: "counter", cells, buffer: cells.buffer });
  const job = closure((given: typeof value) => {
    Atomics.add(given.cells, 0, 1);
    return given.cells.buffer === given.buffer;
  });
  const results = await Promise.all(Array.from({ length: 50 }, () => pool.run(job, value)));
  assert(results.every(Boolean));
  assertEquals(cells[0], 50);
});

test("share refuses at once what cannot be sent, with the path", () => {
  const { port1, port2 } = new MessageChannel();
  class Unknown {}
  const refused: [unknown, string, string][] = [
    [{ user: { socket: new WeakMap() } }, "value.user.socket", "WeakMap"],
    [[new Unknown()], "value[0]", "register("],
    [() => 1, "value", "register("],
    [Symbol("s"), "value", "Symbol(s)"],
    [{ port1 }, "value.port1", "one job only"],
    [[transfer(port1, [port1])], "value[0]", "one job only"],
    [[share({})], "value[0]", "beside"],
  ];
  for (const [value, path, part] of refused) {
    const error = assertThrows(() => share(value), NotSerializableError, part);
    assertEquals(error.path, path);
  }
  port1.close();
  port2.close();
});

test("share serves several pools, and jobs with other formats refuse it", async () => {
  const value = share({ list: [1, 2, 3] });
  await using one = new Pool({ workers: 1 });
  await using other = new Pool({ workers: 1 });
  assertEquals(await one.run(tasks.sumList, value), 6);
  assertEquals(await other.run(tasks.sumList, value), 6);
  for (const format of ["json", "string", "bytes"] as const) {
    const job = () => one.runWith({ format }, tasks.sumList, value);
    await assertRejects(job, NotSerializableError);
  }
});

test("share can be larger than what an argument may be", async () => {
  await using pool = new Pool({ workers: 1, memory: { max: 2 ** 20 } });
  const bytes = new Uint8Array(2 ** 22).fill(1);
  await assertRejects(() => pool.run(tasks.sumBytes, bytes), PayloadTooLargeError);
  assertEquals(await pool.run(tasks.sumBytes, share(bytes)), 1024);
});

test("share works in nested jobs, inline, and in getSync", async () => {
  for (const workers of [1, 2]) {
    await using pool = new Pool({ workers });
    assert(await pool.run(tasks.shareNested, 30));
    const value = share({ list: [1, 1] });
    const task = pool.task<number>();
    for (let i = 0; i < 10; i++) task.run(tasks.sumList, value);
    assertEquals(task.getSync(), Array(10).fill(2));
  }
  const inline = Task.create<string | number>({ fallback: "inline" })!;
  const value = share({ list: [2, 3] });
  inline.run(tasks.sumList, value);
  inline.run(tasks.nameOf, value);
  inline.run(tasks.nameOf, value);
  const [sum, first, second] = await inline.get();
  assertEquals([sum, first], [5, second]);
});

test("share can be a result, which arrives as the value", async () => {
  await using pool = new Pool({ workers: 1 });
  const back = await pool.run(tasks.giveShared, 7);
  assertEquals(back, { list: [7] });
});

test("Pool serves tens of thousands of calls on one share", async () => {
  await using pool = new BriefPool({ workers: 2 });
  const value = share({ list: Array.from({ length: 1000 }, (_, i) => i) });
  const task = pool.task<number>();
  for (let i = 0; i < 20_000; i++) task.run(tasks.sumList, value);
  const sums = await task.get();
  assert(sums.every((sum) => sum === 499_500));
});
