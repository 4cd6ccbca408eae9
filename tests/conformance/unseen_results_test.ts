/**
 * Results and errors of classes whose module the host has not imported, and whose jobs
 * it names by `remote` alone. Each test has a copy of the module of its own.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { MulticoreError, Pool, PoolClosedError, remote, TimeoutExceededError } from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../../deps.ts";
import { increment } from "../fixtures/tasks.ts";
import { soon } from "../support/gate.ts";

type Module = typeof import("../fixtures/unseen_results.ts");

const source = new URL("../fixtures/unseen_results.ts", import.meta.url);
const library = new URL("../../mod.ts", import.meta.url).href;

/** A copy of the module. `using` removes it. */
class Unseen {
  readonly module: string;
  readonly functions: ReturnType<typeof remote<Module>>;
  readonly #folder = mkdtempSync(join(tmpdir(), "multicore-"));

  constructor(name: string) {
    const path = join(this.#folder, `${name}${source.pathname.endsWith(".ts") ? ".ts" : ".mjs"}`);
    const text = readFileSync(source, "utf8");
    writeFileSync(path, text.replace(/"[./]+\/mod\.[tj]s"/, JSON.stringify(library)));
    this.module = pathToFileURL(path).href;
    this.functions = remote<Module>(this.module);
  }

  /** The module, imported on the host. */
  imported(): Promise<Module> {
    return import(this.module);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

test("Pool.run imports the class of a result that the host has not met", async () => {
  await using pool = new Pool({ workers: 1 });
  using copy = new Unseen("result");
  const [heavy, light, other] = await soon(
    Promise.all([
      pool.run(copy.functions.pack, 11),
      pool.run(copy.functions.pack, 1),
      pool.run(increment, 1),
    ]),
    "the results",
  );
  const { Parcel } = await copy.imported();
  assert(heavy instanceof Parcel && light instanceof Parcel);
  assertEquals([heavy.isHeavy, light.isHeavy, other], [true, false, 2]);
});

test("Pool.run imports the class of an error that the host has not met", async () => {
  await using pool = new Pool({ workers: 1 });
  using copy = new Unseen("error");
  const error = await assertRejects(() => soon(pool.run(copy.functions.drop, "it"), "the error"));
  const { Breakage } = await copy.imported();
  assert(error instanceof Breakage);
  assertEquals(error.message, "it is broken");
});

test("Pool.map imports the class of an error that the host has not met", async () => {
  await using pool = new Pool({ workers: 1 });
  using copy = new Unseen("map");
  const mapped = pool.map(copy.functions.drop, ["it", "that"]);
  const error = await assertRejects(() => soon(mapped, "the error"));
  const { Breakage } = await copy.imported();
  assert(error instanceof Breakage, String(error));
});

test("Pool.run rejects where the class of a result cannot be imported on the host", async () => {
  await using pool = new Pool({ workers: 1 });
  using copy = new Unseen("not_on_host");
  const error = await assertRejects(() => soon(pool.run(copy.functions.pack, 1), "the refusal"));
  assert(error instanceof MulticoreError && error.message.includes("Not on the host"), `${error}`);
  assertEquals(await pool.run(increment, 1), 2);
});

test("a job ends by its timeout, its signal or terminate while its result's class is being imported", async () => {
  const pool = new Pool({ workers: 1 });
  using copy = new Unseen("late_on_host");
  const { pack } = copy.functions;
  const controller = new AbortController();
  const timed = pool.runWith({ timeout: 100, retry: 3 }, pack, 1);
  const aborted = pool.runWith({ signal: controller.signal }, pack, 1);
  const task = pool.task();
  task.run(pack, 1);
  const late = pool.run(pack, 1);
  await assertRejects(() => soon(timed, "the timeout"), TimeoutExceededError);
  controller.abort(new RangeError("Enough"));
  await assertRejects(() => soon(aborted, "the signal"), RangeError, "Enough");
  await assertRejects(() => soon(task.get({ timeout: 1 }), "the task"), TimeoutExceededError);
  assertEquals(pool.stats().pending, 1);
  // Their slots are free again, and the pool works on.
  assertEquals(await soon(pool.run(increment, 1), "another job"), 2);
  const rejected = assertRejects(() => soon(late, "the pool's end"), PoolClosedError);
  await soon(pool.terminate(), "terminate");
  await rejected;
  assertEquals(pool.stats().pending, 0);
  (globalThis as { endOfImport?: () => void }).endOfImport!();
  await copy.imported();
});

test("an abort between a job's end and the import of its result's class ends the job", async () => {
  await using pool = new Pool({ workers: 1 });
  using copy = new Unseen("late_on_host_again");
  await pool.run(increment, 1);
  const controller = new AbortController();
  const job = pool.runWith({ signal: controller.signal }, copy.functions.pack, 1);
  // Meanwhile it comes to its end, and this thread does not look.
  for (const end = performance.now() + 200; performance.now() < end;);
  controller.abort(new RangeError("Enough"));
  await assertRejects(() => soon(job, "the signal"), RangeError, "Enough");
  assertEquals(pool.stats().pending, 0);
  (globalThis as { endOfImport?: () => void }).endOfImport?.();
});

test("Task.getSync says that it cannot import the class of a result", async () => {
  await using pool = new Pool({ workers: 1 });
  using copy = new Unseen("sync");
  const task = pool.task();
  task.run(copy.functions.pack, 1);
  assertThrows(() => task.getSync({ timeout: 20_000 }), MulticoreError, "import");
  assertEquals(await pool.run(increment, 1), 2);
});
