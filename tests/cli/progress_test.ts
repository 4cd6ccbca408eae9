import { spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { assertEquals, assertMatch } from "../../deps.ts";
import { duration } from "../../src/cli/progress.ts";
import { argumentsOf } from "../support/program.ts";
import { Folder, FUNCTIONS, PROGRAM, together, users } from "./command.ts";

const terminal = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;
const skip = !terminal && "there is no script of util-linux to make a terminal";

/** Runs `multicore map` with everything on a terminal. @returns What that shows, and the status. */
function onTerminal(folder: Folder, args: string[]): Promise<{ shown: string; code: number }> {
  const command = [
    process.execPath,
    ...argumentsOf(PROGRAM, {
      args: ["map", `${FUNCTIONS}#slow`, "--workers", "2", ...args],
      permissions: ["--allow-read", "--allow-write"],
    }),
  ];
  const quoted = command.map((word) => `'${word}'`).join(" ");
  folder.write("run.sh", `stty cols 100; exec ${quoted}`);
  const child = spawn("script", ["--quiet", "--return", "--command", "sh run.sh", "/dev/null"], {
    cwd: folder.path,
    stdio: ["pipe", "pipe", "inherit"],
    timeout: 20_000,
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => void (shown += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      child.stdin.destroy();
      resolve({ shown: stripVTControlCharacters(shown), code: code ?? -1 });
    });
  });
}

test("multicore map shows a bar on a terminal, and failures above it", { skip }, async () => {
  using folder = new Folder();
  folder.write("users.jsonl", "nonsense\n" + users(59));
  const args = ["-i", "users.jsonl", "-o", "out.jsonl", "--on-error", "collect"];
  const { shown, code } = await onTerminal(folder, args);
  assertEquals([code, folder.read("out.jsonl")], [3, users(59)]);
  assertMatch(shown, / 0% \| 0 lines \| 0 lines\/s \| \? left/);
  assertMatch(shown, /[1-9]\d?% \| \d+ lines \| [\d.]+ lines\/s \| 1s left/);
  assertMatch(shown, /^.*{"line":1,"error":.*}\r?\n/m);
  assertMatch(shown, /█+ 100% \| 60 lines \| \d+ lines\/s \| 0s left\r?\n/);
  assertMatch(shown, /100% \| 60 lines [^\n]*\nmulticore: 1 of 60 lines failed\r?\n$/);
});

test("multicore map shows no bar with --quiet, and none among its results", { skip }, async () => {
  using quiet = new Folder();
  using among = new Folder();
  for (const folder of [quiet, among]) folder.write("users.jsonl", users(10));
  const [silent, results] = await together(
    () => onTerminal(quiet, ["-i", "users.jsonl", "-q", "-o", "out.jsonl"]),
    () => onTerminal(among, ["-i", "users.jsonl"]),
  );
  assertEquals([silent!.code, silent!.shown, quiet.read("out.jsonl")], [0, "", users(10)]);
  assertEquals([results!.code, results!.shown.replaceAll("\r", "")], [0, users(10)]);
});

test("duration is short", () => {
  const cases = [[0, "0s"], [0.2, "1s"], [59, "59s"], [60, "1m 00s"], [125, "2m 05s"]] as const;
  for (const [seconds, text] of cases) assertEquals(duration(seconds), text);
  assertEquals(duration(3600 * 27 + 61), "27h 01m");
});
