import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "../../deps.ts";
import { Folder, together, users } from "./command.ts";

const records = (text: string): unknown[] =>
  text.split("\n").slice(0, -1).map((line) => JSON.parse(line));

test("--on-error stop ends at the first line that fails, without waiting for more", async () => {
  using folder = new Folder();
  const outcomes = await together(
    ...[[], ["--chunk", "100"]].map((args) => () =>
      folder.map("later", args, {
        started: ({ stdin }) => void stdin!.write(users(100)), // and nothing more, without an end
      })
    ),
  );
  for (const { code, stdout, stderr, late } of outcomes) {
    assertEquals([code, stdout, late], [1, "2\n4\n6\n8\n10\n12\n", false]);
    assertMatch(stderr, /^multicore: Line 7 failed: TypeError: 7 is late\n/);
    assertMatch(stderr, /at later .*functions\.[jt]s/);
    assert(!stderr.includes("runLines"), stderr);
  }
});

test("--on-error skip leaves lines out that fail, and collect writes them to --errors", async () => {
  using folder = new Folder();
  const input = new Uint8Array([
    ...new TextEncoder().encode('{"id":1}\n\n{"id":3}\r\nnonsense\n{"id":"ä"}\n"'),
    ...[0xff, 0x22, 10],
    ...new TextEncoder().encode('{"id":2}\r\n'),
  ]);
  const [skipped, collected] = await together(
    () => folder.map("everyThirdFails", ["--on-error", "skip", "-w", "1"], { input }),
    () => folder.map("everyThirdFails", ["--errors", "e.jsonl", "-w", "1"], { input }),
  );
  for (const [{ code, stdout, stderr }, status] of [[skipped!, 0], [collected!, 3]] as const) {
    assertEquals([code, stdout], [status, '{"id":1}\n{"id":"ä"}\n{"id":2}\n']);
    assertEquals(stderr, "multicore: 3 of 7 lines failed\n");
  }
  const [third, ...others] = records(folder.read("e.jsonl")) as {
    line: number;
    error: { name: string };
    input?: string;
  }[];
  const error = { name: "RangeError", message: "3 is a multiple of 3" };
  assertEquals(third as unknown, { line: 3, error, input: '{"id":3}' });
  assertEquals(
    others.map(({ line, error, input }) => [line, error.name, input]),
    [[4, "SyntaxError", "nonsense"], [6, "TypeError", undefined]],
  );
});

/** Lines of which some end their worker. @param endings Their numbers. */
function endings(count: number, endings: readonly number[]): string {
  return Array.from({ length: count }, (_, index) => {
    const id = index + 1;
    return JSON.stringify(endings.includes(id) ? { id, ending: true } : { id }) + "\n";
  }).join("");
}

/** The numbers up to one, without some. */
function numbers(count: number, without: readonly number[]): string {
  return Array.from({ length: count }, (_, index) => index + 1)
    .filter((id) => !without.includes(id)).map((id) => `${id}\n`).join("");
}

test("a line that ends its worker fails like any other, and that line alone", async () => {
  using folder = new Folder();
  const many = [1, 2, 3, 4, 5, 6];
  const [collected, skipped, stopped] = await together(
    () =>
      folder.map("ends", ["--on-error", "collect", "--chunk", "3"], { input: endings(30, many) }),
    () =>
      folder.map("endsLater", ["--on-error", "skip", "--chunk", "10", "-w", "1"], {
        input: endings(20, [15]),
      }),
    () => folder.map("ends", ["--chunk", "10", "-w", "1"], { input: endings(30, [17, 18]) }),
  );

  assertEquals([collected!.code, collected!.late], [3, false]);
  assertEquals(collected!.stdout, numbers(30, many));
  const [summary, ...lines] = collected!.stderr.trim().split("\n").reverse();
  assertEquals(summary, "multicore: 6 of 30 lines failed");
  for (const [index, line] of lines.reverse().entries()) {
    const { line: number, error, input } = JSON.parse(line);
    assertEquals([number, error.name], [many[index], "WorkerCrashedError"]);
    assertMatch(error.message, /^the worker has ended: .*code 9/);
    assertEquals(input, JSON.stringify({ id: number, ending: true }));
  }
  assertEquals(lines.length, many.length);

  // Of the timer that line 10 leaves behind, no other line is accused.
  assertEquals([skipped!.code, skipped!.stdout], [0, numbers(20, [15])]);
  assert(skipped!.stderr.endsWith("multicore: 1 of 20 lines failed\n"), skipped!.stderr);

  assertEquals([stopped!.code, stopped!.stdout], [1, numbers(16, [])]);
  assertMatch(
    stopped!.stderr,
    /^multicore: Line 17 failed: WorkerCrashedError: the worker has ended: .*code 9/,
  );
});

test(
  "multicore map says when the device is full",
  { skip: process.platform !== "linux" },
  async () => {
    using folder = new Folder();
    const { code, stderr } = await folder.map("echo", ["--output", "/dev/full", "-w", "1"], {
      input: users(9),
      permissions: ["--allow-all"], // what Deno asks for all of /dev
    });
    assertEquals(code, 1);
    assertMatch(stderr, /Cannot write \/dev\/full: there is no space left/);
  },
);
