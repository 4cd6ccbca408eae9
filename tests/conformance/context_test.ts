import { rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertThrows,
} from "../../deps.ts";
import {
  closure,
  MulticoreError,
  Pool,
  remote,
  UnregisteredFunctionError,
  WorkerCrashedError,
} from "../../mod.ts";
import {
  type Desk,
  failToClose,
  failToOpen,
  failToOpenLater,
  leaveWord,
  openDesk,
  openDeskByJobs,
  openDeskLater,
  openForEver,
  readContext,
  readDesk,
  workLonger,
} from "../fixtures/job_tasks.ts";
import { exitProcess, increment } from "../fixtures/tasks.ts";
import { Gate, soon, until } from "../support/gate.ts";
import { runProgram } from "../support/program.ts";

const tasks = new URL("../fixtures/job_tasks.ts", import.meta.url);
const remoteTasks = remote<typeof import("../fixtures/job_tasks.ts")>(tasks);
const offset = 100;

/** The ways of saying what workers are set up with. */
const SETUPS: Record<string, (worker: number) => Desk | Promise<Desk>> = {
  "a function": openDesk,
  "an async function": openDeskLater,
  "a remote function": remoteTasks.openDesk,
  "a closure": closure((worker: number) => ({ worker, open: true, made: 1 })),
  "an async closure with captured values": closure(
    async (worker: number) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      return { worker, open: true, made: offset - 99 };
    },
    { offset },
  ),
};

for (const [name, setup] of Object.entries(SETUPS)) {
  test(`Pool runs ${name} as setup, once in each worker and before its jobs`, async () => {
    await using pool = new Pool({ workers: 2, setup });
    // Not waited for: jobs may be submitted before the workers are ready.
    const desks = await Promise.all(
      Array.from({ length: 40 }, (_, i) => pool.runWith({ worker: i % 2 }, readDesk)),
    );
    for (const [i, desk] of desks.entries()) {
      assertEquals(desk, { worker: i % 2, open: true, made: 1 });
    }
    await pool.ready;
  });
}

test("Pool runs jobs that a setup begins, and waits for", async () => {
  await using pool = new Pool({ workers: 2, setup: openDeskByJobs });
  await soon(pool.ready, "the pool");
  assertEquals((await pool.broadcast(readDesk)).map(({ worker }) => worker), [0, 1]);
});

test("context is undefined where the pool has no setup", async () => {
  await using pool = new Pool({ workers: 1 });
  assertEquals(await pool.run(readContext), undefined);
});

test("Pool with lazy sets its workers up when it starts", async () => {
  using gate = new Gate();
  const file = gate.file("word");
  const setup = closure(
    async (worker: number) => {
      const { appendFileSync } = await import("node:fs");
      appendFileSync(file, `opened ${worker}\n`);
      return { file, worker };
    },
    { file },
  );
  const pool = new Pool({ workers: 1, lazy: true, setup, teardown: leaveWord });
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(gate.lines("word"), []);
  assertEquals(await pool.run(increment, 1), 2);
  assertEquals(gate.lines("word"), ["opened 0"]);
  await pool.close();
  assertEquals(gate.lines("word"), ["opened 0", "closed 0"]);
  // One that never starts has nothing to set up, or to tear down.
  const unused = new Pool({ workers: 1, lazy: true, setup: failToOpen, teardown: failToClose });
  await unused.close();
});

for (const [name, setup] of [["throws", failToOpen], ["rejects", failToOpenLater]] as const) {
  test(`Pool does not start where its setup ${name}, and says why`, async () => {
    const pool = new Pool({ workers: 2, name: "desks", setup });
    const early = Promise.allSettled([pool.run(readDesk), pool.run(readDesk)]);
    const error = await assertRejects(
      () => soon(pool.ready, "the failure"),
      MulticoreError,
      "Cannot start the workers of desks: no desk today",
    );
    assertInstanceOf(error.cause, RangeError);
    assertEquals((error.cause as Error & { code?: string }).code, "E_DESK");
    assertMatch(error.cause.stack ?? "", /failToOpen/);
    for (const outcome of await soon(early, "the early jobs")) {
      assert(outcome.status === "rejected");
      assertMatch(outcome.reason.message, /no desk today/);
    }
    await assertRejects(() => pool.run(readDesk), MulticoreError, "no desk today");
    assertThrows(() => pool.task(), MulticoreError, "no desk today");
    assertEquals(pool.stats().state, "failed");
    await soon(pool.close(), "the close");
  });
}

test("Pool does not start where its setup cannot be found, and says why", async () => {
  const setup = remoteTasks["openDask" as "openDesk"];
  const pool = new Pool({ workers: 1, setup });
  const error = await assertRejects(() => soon(pool.ready, "the failure"), MulticoreError);
  assertMatch(error.message, /openDask/);
  await pool.close();
});

test("Pool refuses a setup or teardown that workers cannot run", () => {
  for (const option of ["setup", "teardown"] as const) {
    // deno-lint-ignore no-explicit-any
    assertThrows(() => new Pool({ [option]: 1 as any }), TypeError, `${option} 1`);
    assertThrows(() => new Pool({ [option]: () => 1 }), UnregisteredFunctionError);
  }
  const socket = () => {};
  assertThrows(
    () => new Pool({ setup: closure(() => socket, { socket }) }),
    MulticoreError,
    "socket",
  );
});

for (const teardown of [undefined, leaveWord]) {
  test(`Pool.terminate ends a setup that never ends, ${teardown ? "with" : "without"} teardown`, async () => {
    // Those that still load the library leave when they have.
    const before = performance.now();
    {
      await using pool = new Pool({ workers: 2 });
      await pool.ready;
    }
    const loading = performance.now() - before;
    for (let round = 0; round < 3; round++) {
      const options = teardown && { teardown };
      const pool = new Pool({ workers: 2, setup: openForEver, ...options });
      const job = pool.run(readDesk);
      job.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 40 * round));
      const began = performance.now();
      await soon(pool.terminate(), "the end");
      await assertRejects(() => job, MulticoreError);
      // Less than the patience with workers that do not leave by themselves.
      const limit = 1900 + 2 * loading;
      assert(performance.now() - began < limit, "somebody's patience came to its end");
    }
  });
}

test("Pool sets a worker up anew that takes the place of one that died", async () => {
  await using pool = new Pool({ workers: 2, setup: openDesk });
  await pool.ready;
  for (let round = 0; round < 3; round++) {
    await assertRejects(() => pool.runWith({ worker: 1 }, exitProcess, 3), WorkerCrashedError);
    const desk = await soon(pool.runWith({ worker: 1 }, readDesk), "the new worker");
    assertEquals(desk, { worker: 1, open: true, made: 1 });
  }
});

test("Pool goes on where one worker's setup fails later, and tries it again", async () => {
  using gate = new Gate();
  const file = gate.file("broken");
  const setup = closure(
    async (worker: number) => {
      const { existsSync } = await import("node:fs");
      if (existsSync(file)) throw new Error("no second desk");
      return { worker, open: true, made: 1 };
    },
    { file },
  );
  await using pool = new Pool({ workers: 2, setup });
  await pool.ready;
  writeFileSync(file, "");
  await assertRejects(() => pool.runWith({ worker: 0 }, exitProcess, 3), WorkerCrashedError);
  const later = pool.runWith({ worker: 0 }, readDesk);
  await until(() => pool.stats().crashes >= 2, "the setup to fail");
  assertEquals((await pool.runWith({ worker: 1 }, readDesk)).worker, 1);
  rmSync(file);
  assertEquals((await soon(later, "the worker that was set up after all")).worker, 0);
  assertEquals(pool.stats().state, "ready");
});

test("Pool fails with the setup's reason where it goes on failing", async () => {
  using gate = new Gate();
  const file = gate.file("broken");
  const setup = closure(
    async () => {
      const { existsSync } = await import("node:fs");
      if (existsSync(file)) throw new Error("no second desk");
    },
    { file },
  );
  const pool = new Pool({ workers: 1, setup });
  await pool.ready;
  writeFileSync(file, "");
  await assertRejects(() => pool.run(exitProcess, 3), WorkerCrashedError);
  const error = await assertRejects(
    () => soon(pool.run(readContext), "the failure"),
    MulticoreError,
    "no second desk",
  );
  assertInstanceOf(error.cause, Error);
  await pool.close();
});

/** What `leaveWord` gets. */
const wordIn = (file: string) =>
  closure((worker: number) => ({ file, worker }), { file }) as (worker: number) => unknown;

test("Pool.close awaits the teardown of each worker, after its last job", async () => {
  for (let round = 0; round < 2; round++) {
    using gate = new Gate();
    const pool = new Pool({
      workers: 2,
      setup: wordIn(gate.file("word")),
      teardown: leaveWord,
    });
    const jobs = Array.from(
      { length: 6 },
      (_, i) => pool.runWith({ worker: i % 2 }, workLonger, i),
    );
    await soon(pool.close(), "the close");
    assertEquals(await Promise.all(jobs), [0, 1, 0, 1, 0, 1]);
    assertEquals(gate.lines("word").toSorted(), ["closed 0", "closed 1"]);
  }
});

test("Pool.close that comes before the workers are ready sets them up, and tears them down", async () => {
  using gate = new Gate();
  const pool = new Pool({ workers: 2, setup: wordIn(gate.file("word")), teardown: leaveWord });
  await soon(pool.close(), "the close");
  assertEquals(gate.lines("word").toSorted(), ["closed 0", "closed 1"]);
});

test("Pool.close rejects where a teardown fails, once all have ended", async () => {
  for (let round = 0; round < 3; round++) {
    const pool = new Pool({ workers: 2, name: "desks", setup: openDesk, teardown: failToClose });
    assertEquals(await pool.run(increment, 1), 2);
    const error = await assertRejects(
      () => soon(pool.close(), "the close"),
      MulticoreError,
      "Cannot tear down desks/",
    );
    assertInstanceOf(error.cause, RangeError);
    assertMatch(error.message, /the desk is stuck/);
    assertEquals(pool.stats().state, "closed");
    assert(pool.stats().workers.every((worker) => worker.state === "gone"));
  }
});

test("Pool.terminate tears nothing down", async () => {
  for (let round = 0; round < 2; round++) {
    using gate = new Gate();
    const pool = new Pool({ workers: 2, setup: wordIn(gate.file("word")), teardown: leaveWord });
    await pool.ready;
    await pool.run(increment, 1);
    await soon(pool.terminate(), "the end");
    await new Promise((resolve) => setTimeout(resolve, 20));
    assertEquals(gate.lines("word"), []);
  }
});

const PROGRAMS = {
  "fails to set up": new URL("../fixtures/programs/fails_to_set_up.ts", import.meta.url),
  "forgets its teardown": new URL("../fixtures/programs/forgets_teardown.ts", import.meta.url),
};

for (const [name, program] of Object.entries(PROGRAMS)) {
  test(`a program that ${name} ends by itself`, async () => {
    const { code, late, stdout, stderr } = await runProgram(program);
    assert(!late, `${stdout}${stderr}`);
    assertEquals(code, 0, stderr);
    assertEquals(stdout.trim(), "ended");
  });
}

const CUT_OFF: Record<string, () => unknown> = {
  "process.exit": closure(async () => {
    const { exit } = await import("node:process");
    exit(9);
  }),
  "an error in a timer": closure(() =>
    new Promise(() => {
      setTimeout(() => {
        throw new RangeError("in a timer");
      }, 1);
    })
  ),
};

for (const [name, teardown] of Object.entries(CUT_OFF)) {
  test(`Pool.close rejects where ${name} cuts a teardown off`, async () => {
    const pool = new Pool({ workers: 1, teardown });
    assertEquals(await pool.run(increment, 1), 2);
    await soon(assertRejects(() => pool.close(), WorkerCrashedError, "in the middle"), "the end");
  });
}
