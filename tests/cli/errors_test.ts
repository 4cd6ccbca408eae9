import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "../../deps.ts";
import { Folder, users } from "./command.ts";

const records = (text: string): unknown[] =>
  text.split("\n").slice(0, -1).map((line) => JSON.parse(line));

for (const chunk of [[], ["--chunk", "1"], ["--chunk", "100"]]) {
  test(`--on-error stop ends at the first line that fails ${chunk.join(" ")}`, async () => {
    using folder = new Folder();
    const { code, stdout, stderr } = await folder.map("later", chunk, { input: users(100) });
    assertEquals([code, stdout], [1, "2\n4\n6\n8\n10\n12\n"]);
    assertMatch(stderr, /^multicore: Line 7 failed: TypeError: 7 is late\n/);
    assertMatch(stderr, /at later .*functions\.[jt]s/);
    assert(!stderr.includes("runLines"), stderr);
  });
}

test("--on-error skip leaves out lines that fail, and says how many", async () => {
  using folder = new Folder();
  const input = '{"id":1}\n{"id":3}\nnonsense\n{"id":2}\n';
  const { code, stdout, stderr } = await folder.map("everyThirdFails", ["--on-error", "skip"], {
    input,
  });
  assertEquals([code, stdout], [0, '{"id":1}\n{"id":2}\n']);
  assertEquals(stderr, "multicore: 2 of 4 lines failed\n");
});

test("--on-error collect writes what fails to the file of --errors", async () => {
  using folder = new Folder();
  const input = '{"id":1}\n\n{"id":3}\r\nnonsense\n{"id":2}\n';
  const { code, stdout, stderr } = await folder.map("everyThirdFails", ["--errors", "e.jsonl"], {
    input,
  });
  assertEquals([code, stdout], [3, '{"id":1}\n{"id":2}\n']);
  assertEquals(stderr, "multicore: 2 of 5 lines failed\n");
  const [third, fourth] = records(folder.read("e.jsonl")) as { error: { name: string } }[];
  assertEquals(
    third,
    {
      line: 3,
      error: { name: "RangeError", message: "3 is a multiple of 3" },
      input: '{"id":3}',
    } as unknown as typeof third,
  );
  assertEquals(fourth!.error.name, "SyntaxError");
});

test("--on-error collect writes what fails to standard error without a file", async () => {
  using folder = new Folder();
  const args = ["--on-error", "collect", "--chunk", "2"];
  const { code, stdout, stderr } = await folder.map("everyThirdFails", args, { input: users(9) });
  assertEquals(code, 3);
  assertEquals(records(stdout), [1, 2, 4, 5, 7, 8].map((id) => ({ id })));
  const [summary, ...rest] = stderr.trim().split("\n").reverse();
  assertEquals(rest.reverse().map((line) => JSON.parse(line).line), [3, 6, 9]);
  assertEquals(summary, "multicore: 3 of 9 lines failed");
});

test("multicore map fails lines whose results would not arrive as they are", async () => {
  using folder = new Folder();
  const lost = [
    ["nested", /result\.a\[0\]\.b as JSON: it is NaN/],
    ["infinity", /it is Infinity/],
    ["bigint", /BigInt/],
    ["map", /result\.users as JSON: it is an object of Map/],
    ["set", /object of Set/],
    ["bytes", /object of Uint8Array/],
    ["error", /object of Error/],
    ["function", /result\.render as JSON: it is a function/],
    ["symbol", /Symbol/],
    ["hole", /result\[1\] as JSON: it is undefined/],
    ["date", /an invalid Date/],
    ["cycle", /circular|cyclic/],
  ] as const;
  const kept = [["undefined", "null"], ["absent", '{"a":1}'], [
    "time",
    '"1970-01-01T00:00:00.000Z"',
  ]];
  const input = [...lost, ...kept].map(([kind]) => `"${kind}"\n`).join("");
  const { code, stdout } = await folder.map("made", ["--errors", "e.jsonl"], { input });
  assertEquals([code, stdout], [3, kept.map(([, line]) => `${line}\n`).join("")]);
  const failures = records(folder.read("e.jsonl")) as {
    line: number;
    error: { message: string };
  }[];
  assertEquals(failures.map(({ line }) => line), lost.map((_, index) => index + 1));
  for (const [index, [, message]] of lost.entries()) {
    assertMatch(failures[index]!.error.message, message);
  }
});

test("multicore map fails lines whose results are no text", async () => {
  using folder = new Folder();
  const input = ["breaks", "lone", "number", "undefined"].map((kind) => `"${kind}"\n`).join("");
  const args = ["--output-format", "text", "--errors", "e.jsonl"];
  const { code, stdout } = await folder.map("made", args, { input });
  assertEquals([code, stdout], [3, ""]);
  const failures = records(folder.read("e.jsonl")) as { error: { message: string } }[];
  const messages = [/a line break/, /lone surrogate/, /Cannot write 1 as text/, /write undefined/];
  for (const [index, message] of messages.entries()) {
    assertMatch(failures[index]!.error.message, message);
  }
});

test("multicore map fails lines that are not UTF-8, and those alone", async () => {
  using folder = new Folder();
  const input = new Uint8Array([
    ...new TextEncoder().encode('"ä"\n"'),
    0xff,
    0x22,
    10,
    0x31,
    13,
    10,
  ]);
  const { code, stdout } = await folder.map("echo", ["--errors", "e.jsonl"], { input });
  assertEquals([code, stdout], [3, '"ä"\n1\n']);
  assertEquals((records(folder.read("e.jsonl")) as { line: number }[]).map(({ line }) => line), [
    2,
  ]);
});

test("multicore map ends with status 1 where a worker ends", async () => {
  using folder = new Folder();
  const args = ["--chunk", "1", "--on-error", "skip"];
  const { code, stdout, stderr, late } = await folder.map("crashes", args, { input: users(9) });
  assertEquals([code, stdout, late], [1, "1\n2\n", false]);
  assertMatch(stderr, /^multicore: Cannot go on after line 2: .*worker has ended.*code 9/);
});

test(
  "multicore map says when the device is full",
  { skip: process.platform !== "linux" },
  async () => {
    using folder = new Folder();
    const { code, stderr } = await folder.map("echo", ["--output", "/dev/full"], {
      input: users(9),
      permissions: ["--allow-all"], // what Deno asks for all of /dev
    });
    assertEquals(code, 1);
    assertMatch(stderr, /Cannot write \/dev\/full: there is no space left/);
  },
);

test("--on-error stop does not wait for an input that stands still", async () => {
  using folder = new Folder();
  const { code, stdout, late } = await folder.map("everyThirdFails", [], {
    started: ({ stdin }) => void stdin!.write(users(3)), // and nothing more, without an end
  });
  assertEquals([code, stdout, late], [1, '{"id":1}\n{"id":2}\n', false]);
});
