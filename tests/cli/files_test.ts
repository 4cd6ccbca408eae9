import { statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "../../deps.ts";
import { Exit, USAGE } from "../../src/cli/exit.ts";
import { openInput } from "../../src/cli/input.ts";
import { checkOutput, openOutput } from "../../src/cli/output.ts";
import { Folder } from "./command.ts";

const { signal } = new AbortController();

test("openInput refuses what cannot be read", async () => {
  using folder = new Folder();
  for (
    const [path, message] of [
      [join(folder.path, "absent.jsonl"), "absent.jsonl: there is no such file"],
      [folder.path, "it is a folder"],
    ] as const
  ) {
    const exit = await assertRejects(() => openInput(path, signal), Exit, message);
    assertEquals(exit.status, USAGE);
  }
});

test("checkOutput refuses files that exist, unless told to, and the input in any case", () => {
  using folder = new Folder();
  const path = folder.write("there.jsonl", "1\n");
  const other = folder.write("input.jsonl", "1\n");
  const input = statSync(other);
  const refused = (name: string, force: boolean, message: string) => {
    const exit = assertThrows(() => checkOutput(name, { force, input }), Exit, message);
    assertEquals(exit.status, USAGE);
  };
  refused(path, false, "there.jsonl: it exists; overwrite it by --force");
  refused(other, true, "it is the input");
  refused(`${folder.path}/./input.jsonl`, false, "it is the input");
  checkOutput(path, { force: true, input });
  for (const none of ["-", join(folder.path, "new.jsonl"), folder.path]) {
    checkOutput(none, { force: false, input });
  }
});

test("openOutput refuses what cannot be written", async () => {
  using folder = new Folder();
  const path = join(folder.path, "none", "out.jsonl");
  const open = () => openOutput(path, process.stdout);
  const exit = await assertRejects(open, Exit, `Cannot write ${path}: there is no such file`);
  assertEquals(exit.status, USAGE);
});
