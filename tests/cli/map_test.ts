import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "../../deps.ts";
import { Folder, FUNCTIONS, together, users } from "./command.ts";

const ids = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const lines = (...values: unknown[]): string => values.map((value) => `${value}\n`).join("");

test("multicore map writes a line for each line, in order, from file to file, and nothing else", async () => {
  using folder = new Folder();
  folder.write("users.jsonl", users(5000));
  folder.write("html.jsonl", "what was there before, and is longer\n".repeat(5000));
  folder.write("empty.jsonl", "");
  const [full, empty] = await together(
    () => folder.map("render", ["--input", "users.jsonl", "--output", "html.jsonl", "--force"]),
    () => folder.map("echo", ["--input", "empty.jsonl", "--output", "out.jsonl"]),
  );
  for (const { code, stdout, stderr } of [full!, empty!]) {
    assertEquals([code, stdout, stderr], [0, "", ""]);
  }
  const expected = ids(5000).map((id) => JSON.stringify(`<li>${id} nobody</li>`));
  assertEquals(folder.read("html.jsonl"), lines(...expected));
  assertEquals(folder.read("out.jsonl"), "");
});

test("multicore map keeps the order of uneven lines, whatever their batches", async () => {
  using folder = new Folder();
  const outcomes = await together(
    ...[[], ["--chunk", "1"], ["--chunk", "7"]].map((args) => () =>
      folder.map("uneven", args, { input: users(50) })
    ),
  );
  for (const { code, stdout, stderr } of outcomes) {
    assertEquals([code, stdout, stderr], [0, lines(...ids(50)), ""]);
  }
});

test("multicore map reads and writes JSON and text, and keeps what functions log out", async () => {
  using folder = new Folder();
  const long = "ä".repeat(3_000_000); // far longer than what is read at once
  folder.write("long.txt", `grün\r\n\n\ufeff {\n${long}\nb\n${long}`);
  const text = ["--input-format", "text", "--output-format", "text"];
  const input = '\ufeff{"a": 1}\r\n\r\n  \n"zwölf \u2028 \ud83d\ude00"\n[]';
  const [json, inText] = await together(
    () => folder.map("logs", ["-w", "1"], { input }),
    () => folder.map("upper", [...text, "--input", "long.txt", "--output", "out.txt"]),
  );
  assertEquals([json!.code, json!.stderr], [0, lines(...Array(3).fill("a message"))]);
  assertEquals(json!.stdout, lines('{"a":1}', '"zwölf \u2028 \ud83d\ude00"', "[]"));
  assertEquals([inText!.code, inText!.stdout, inText!.stderr], [0, "", ""]);
  const upper = long.toUpperCase();
  assert(folder.read("out.txt") === lines("GRÜN", "", "\ufeff {", upper, "B", upper));
});

test("multicore map gives lines as they come, by the default export of a path", async () => {
  using folder = new Folder();
  folder.write("double.js", "export default (n) => 2 * n;\n");
  folder.write("package.json", '{"type":"module"}');
  const { code, stdout, stderr } = await folder.run(["map", "double.js#default", "-w", "1"], {
    started({ stdin, stdout }) {
      stdin!.write("1\n2\n3"); // the third line goes on
      let seen = "";
      stdout!.on("data", (text: string) => {
        seen += text;
        if (seen === lines(2, 4)) stdin!.end("4\n");
      });
    },
  });
  assertEquals([code, stdout, stderr], [0, lines(2, 4, 68), ""]);
});

test("multicore shows help and its version", async () => {
  using folder = new Folder();
  const [general, help, version] = await together(
    ...[["--help"], ["map", "--help"], ["--version"]].map((args) => () => folder.run(args)),
  );
  assertEquals([general!.code, general!.stderr], [0, ""]);
  assertMatch(general!.stdout, /Usage: multicore .*map/s);
  assertEquals([help!.code, help!.stderr], [0, ""]);
  for (const option of ["input", "output", "workers", "chunk", "on-error", "errors", "force"]) {
    assert(help!.stdout.includes(`--${option}`), option);
  }
  assertEquals([version!.code, version!.stderr], [0, ""]);
  assertMatch(version!.stdout, /^\d+\.\d+\.\d+\n$/);
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
    [["map", "http://127.0.0.1:1/a.js#b"], /Cannot import http:\/\/127\.0\.0\.1:1\/a\.js: \w/],
    [["map", render, "-o", "new.jsonl", "--errors", "there.jsonl"], /there.jsonl: it exists/],
  ];
  const permissions = ["--allow-read", "--allow-import=127.0.0.1:1"]; // nobody is there
  const outcomes = await together(
    ...refused.map(([args]) => () =>
      folder.run([...args, ...args.includes("0") ? [] : ["-w", "1"]], {
        input: "1\n",
        permissions,
      })
    ),
  );
  for (const [index, { code, stdout, stderr, late }] of outcomes.entries()) {
    const [args, message] = refused[index]!;
    assertEquals([code, stdout, late], [2, "", false], `${args.join(" ")}: ${stderr}`);
    assertMatch(stderr, message);
    assertMatch(stderr, /^multicore: /m);
  }
  assertEquals([folder.read("there.jsonl"), folder.has("new.jsonl")], ["1\n", false]);
});
