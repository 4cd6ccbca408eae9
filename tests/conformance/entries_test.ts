import { test } from "node:test";
import { assertEquals } from "../../deps.ts";
import { Pool } from "../../mod.ts";
import { increment } from "../fixtures/tasks.ts";
import { soon } from "../support/gate.ts";

test("Pool takes an entry of the program's that awaits before it imports the library's", async () => {
  const worker = new URL("../fixtures/late_entry.ts", import.meta.url);
  await using pool = new Pool({ workers: 2, worker });
  await soon(pool.ready, "readiness");
  assertEquals(await soon(pool.run(increment, 1), "the result"), 2);
});

const hasWorkers = typeof globalThis.Worker === "function";

test(
  "The entry leaves a worker of the program's own its messages",
  { skip: !hasWorkers },
  async () => {
    const url = new URL("../fixtures/own_worker.ts", import.meta.url);
    const worker = new Worker(url, { type: "module" });
    const heard = new Promise<unknown>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
    worker.postMessage("this");
    assertEquals(await soon(heard, "the answer"), "heard this");
    worker.terminate();
  },
);
