import { test } from "node:test";
import { assert, assertEquals, assertRejects, assertThrows } from "../../deps.ts";
import {
  initialize,
  MulticoreError,
  Pool,
  remote,
  shutdown,
  Task,
  TaskNotFoundError,
} from "../../mod.ts";
import type * as unseen from "../fixtures/unseen.ts";

const MODULE = new URL("../fixtures/unseen.ts", import.meta.url);
const functions = remote<typeof unseen>(MODULE);

/** How often this thread has evaluated the module. */
const loads = () => (globalThis as { unseenLoads?: number }).unseenLoads ?? 0;

test("remote runs a module's functions on the default pool, and imports it nowhere else", async () => {
  await assertRejects(async () => await functions.greet("Ada"), MulticoreError, "initialize");
  await initialize({ workers: 1 });
  assertEquals(await functions.greet("Ada"), "Hello, Ada!");
  assertEquals(await functions.greetLater("Grace"), "Hello, Grace!");
  const task = new Task<string>();
  for (const name of ["Ada", "Grace"]) task.run(functions.greet, name);
  assertEquals(await task.get(), ["Hello, Ada!", "Hello, Grace!"]);
  await shutdown();
  assertEquals(loads(), 0);
});

test("remote's functions run on any pool, and may be named by a string", async () => {
  await using pool = new Pool({ workers: 2 });
  const named = remote<typeof unseen>(MODULE.href);
  const greetings = await Promise.all(
    Array.from({ length: 20 }, (_, i) => pool.run(i % 2 ? named.greet : functions.greet, `${i}`)),
  );
  assertEquals(greetings, Array.from({ length: 20 }, (_, i) => `Hello, ${i}!`));
  assertEquals(await pool.runWith({ timeout: 10_000 }, named.greet, "all"), "Hello, all!");
  assert(functions.greet === functions.greet);
  assertEquals(functions.greet.name, "greet");
  assertEquals(loads(), 0);
});

test("remote's functions are refused where one of them was meant, and none is run to say so", async () => {
  await using pool = new Pool({ workers: 1 });
  assertEquals(`${functions}`, `remote(${MODULE})`);
  // deno-lint-ignore no-explicit-any
  await assertRejects(() => pool.run(functions as any), TypeError, `remote(${MODULE})`);
});

test("remote's errors name what the module does export", async () => {
  await using pool = new Pool({ workers: 1 });
  const missing = remote<{ misspelt: () => void }>(MODULE);
  await assertRejects(() => pool.run(missing.misspelt), TaskNotFoundError, "greetLater");
});

test("remote's object is no promise, and refuses what is no absolute URL", async () => {
  assert(await Promise.resolve(functions) === functions);
  assertThrows(() => remote("./unseen.ts"), TypeError, "./unseen.ts");
  assertThrows(() => remote("a-package"), TypeError, "import.meta.resolve(…) for a package");
});

test("remote refuses what is no module at all", () => {
  for (const given of [null, undefined, 5, {}, Object.create(null)]) {
    const message = "Cannot name functions of ";
    const error = assertThrows(() => remote(given), TypeError, message);
    assert(error.message.includes("pass new URL(…, import.meta.url)"), error.message);
  }
});

test("remote's functions run inline too, by an import of the module", async () => {
  const task = Task.create<string>({ fallback: "inline" });
  task.run(functions.greet, "inline");
  assertEquals(await task.get(), ["Hello, inline!"]);
  assertEquals(loads(), 1);
});

test("remote refuses an export that is no function, called or sent", async () => {
  await using pool = new Pool({ workers: 1 });
  const module = new URL("../fixtures/tasks.ts", import.meta.url);
  // deno-lint-ignore no-explicit-any
  const { items } = remote<any>(module) as unknown as Record<string, (n: number) => number>;
  for (const call of [() => pool.run(items!, 1), () => pool.map(items!, [1])]) {
    await assertRejects(call, TaskNotFoundError, "items: it is no function there");
  }
});
