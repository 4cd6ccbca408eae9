import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "../../deps.ts";
import { Folder, FUNCTIONS, users } from "./command.ts";

const ids = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const lines = (...values: unknown[]): string => values.map((value) => `${value}\n`).join("");

test("multicore map writes a line for each line, in order, from file to file", async () => {
  using folder = new Folder();
  folder.write("users.jsonl", users(5000));
  const { code, stdout, stderr } = await folder.map("render", [
    ...["--input", "users.jsonl", "--output", "html.jsonl"],
  ]);
  assertEquals([code, stdout, stderr], [0, "", ""]);
  const expected = ids(5000).map((id) => JSON.stringify(`<li>${id} nobody</li>`));
  assertEquals(folder.read("html.jsonl"), lines(...expected));
});

for (const args of [[], ["--chunk", "1"], ["--chunk", "7"], ["--workers", "1"]]) {
  test(`multicore map keeps the order of uneven lines ${args.join(" ")}`, async () => {
    using folder = new Folder();
    const { code, stdout, stderr } = await folder.map("uneven", args, { input: users(100) });
    assertEquals([code, stdout, stderr], [0, lines(...ids(100)), ""]);
  });
}

test("multicore map awaits what functions promise", async () => {
  using folder = new Folder();
  const { code, stdout } = await folder.map("later", [], { input: users(6) });
  assertEquals([code, stdout], [0, lines(2, 4, 6, 8, 10, 12)]);
});

test("multicore map takes the default export, and a path from where it runs", async () => {
  using folder = new Folder();
  folder.write("double.js", "export default (n) => 2 * n;\n");
  folder.write("package.json", '{"type":"module"}');
  for (
    const fn of ["double.js#default", "./double.js#default", `${folder.path}/double.js#default`]
  ) {
    const { code, stdout, stderr } = await folder.run(["map", fn, "-w", "1"], { input: "1\n2" });
    assertEquals([code, stdout, stderr], [0, lines(2, 4), ""]);
  }
});

test("multicore map reads JSON lines with blank lines, CRLF, BOM, and no line break at the end", async () => {
  using folder = new Folder();
  const input = '\ufeff{"a": 1}\r\n\r\n  \n"zwölf \u2028 \ud83d\ude00"\n[]';
  const { code, stdout, stderr } = await folder.map("echo", [], { input });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout, lines('{"a":1}', '"zwölf \u2028 \ud83d\ude00"', "[]"));
});

test("multicore map reads and writes text", async () => {
  using folder = new Folder();
  const text = ["--input-format", "text", "--output-format", "text"];
  const input = "grün\r\n\n\ufeff {\nlast";
  const { code, stdout, stderr } = await folder.map("upper", text, { input });
  assertEquals([code, stdout, stderr], [0, lines("GRÜN", "", "\ufeff {", "LAST"), ""]);
});

test("multicore map of nothing writes nothing", async () => {
  using folder = new Folder();
  folder.write("empty.jsonl", "");
  const args = ["--input", "empty.jsonl", "--output", "out.jsonl"];
  const { code, stdout, stderr } = await folder.map("echo", args);
  assertEquals([code, stdout, stderr, folder.read("out.jsonl")], [0, "", "", ""]);
});

test("multicore map takes lines that are far longer than what is read at once", async () => {
  using folder = new Folder();
  const long = "ä".repeat(3_000_000);
  folder.write("long.txt", `a\n${long}\nb\n${long}`);
  const args = ["--input", "long.txt", "--output", "out.txt"];
  const text = ["--input-format", "text", "--output-format", "text"];
  const { code, stderr } = await folder.map("echo", [...args, ...text]);
  assertEquals([code, stderr], [0, ""]);
  assert(folder.read("out.txt") === `a\n${long}\nb\n${long}\n`);
});

test("multicore map keeps what functions log out of the output", async () => {
  using folder = new Folder();
  const { code, stdout, stderr } = await folder.map("logs", [], { input: "1\n2\n" });
  assertEquals([code, stdout], [0, lines(1, 2)]);
  assertEquals(stderr, lines("a message of the function", "a message of the function"));
});

test("multicore map gives lines as they come, without waiting for more", async () => {
  using folder = new Folder();
  const { code, stdout } = await folder.map("echo", [], {
    started({ stdin, stdout }) {
      stdin!.write("1\n2\n3"); // the third line goes on
      stdout!.once("data", () => stdin!.end("4\n"));
    },
  });
  assertEquals([code, stdout], [0, lines(1, 2, 34)]);
});

test("multicore shows help and its version", async () => {
  using folder = new Folder();
  const general = await folder.run(["--help"]);
  assertEquals([general.code, general.stderr], [0, ""]);
  assertMatch(general.stdout, /Usage: multicore .*map/s);
  const help = await folder.run(["map", "--help"]);
  assertEquals([help.code, help.stderr], [0, ""]);
  for (const option of ["input", "output", "workers", "chunk", "on-error", "errors", "force"]) {
    assert(help.stdout.includes(`--${option}`), option);
  }
  const version = await folder.run(["--version"]);
  assertEquals([version.code, version.stderr], [0, ""]);
  assertMatch(version.stdout, /^\d+\.\d+\.\d+\n$/);
});

test("multicore refuses what cannot be run, with status 2 and the reason", async () => {
  using folder = new Folder();
  folder.write("there.jsonl", "1\n");
  const render = `${FUNCTIONS}#render`;
  const refused: [args: string[], message: RegExp][] = [
    [["map", render, "--workers", "0"], /'0' is invalid.*\nSee multicore map --help\n$/],
    [["map", `${FUNCTIONS}#rendr`], /rendr: it is not exported.*exports .*render/],
    [["map", `${FUNCTIONS}#version`], /version: it is no function/],
    [["map", FUNCTIONS.replace("functions", "throws") + "#render"], /throws.*: not today/],
    [["map", render, "--input", "absent.jsonl"], /Cannot read absent.jsonl: there is no such/],
    [["map", render, "--input", "."], /Cannot read \.: it is a folder/],
    [["map", render, "--output", "none/out.jsonl"], /Cannot write none\/out.jsonl: there is no/],
    [["map", render, "--output", "there.jsonl"], /there.jsonl: it exists; .*--force/],
    [["map", render, "-i", "there.jsonl", "-fo", "./there.jsonl"], /it is the input/],
    [["map", render, "-o", "new.jsonl", "--errors", "there.jsonl"], /there.jsonl: it exists/],
  ];
  for (const [args, message] of refused) {
    const { code, stdout, stderr, late } = await folder.run(args, { input: "1\n" });
    assertEquals([code, stdout, late], [2, "", false], `${args.join(" ")}: ${stderr}`);
    assertMatch(stderr, message);
    assertMatch(stderr, /^multicore: /);
  }
  assertEquals([folder.read("there.jsonl"), folder.has("new.jsonl")], ["1\n", false]);
});

test("multicore map overwrites a file by --force only", async () => {
  using folder = new Folder();
  folder.write("out.jsonl", "what was there before, and is longer\n");
  const args = ["--output", "out.jsonl", "--force"];
  const { code, stderr } = await folder.map("echo", args, { input: "1\n" });
  assertEquals([code, stderr, folder.read("out.jsonl")], [0, "", "1\n"]);
});
