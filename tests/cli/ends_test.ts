import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals } from "../../deps.ts";
import { Folder, together, users } from "./command.ts";

const skip = process.platform === "win32" && "Windows has no signals";

/** By the system: Deno's `child.kill` reports a status of its own making. */
function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  process.kill(child.pid!, signal);
}

/** Ends the program as soon as it has written something. */
const onceItWrites = (signal: NodeJS.Signals) => (child: ChildProcess) => {
  child.stdin!.write(users(1000));
  child.stdout!.once("data", () => kill(child, signal));
};

/** As soon as a function runs that does not end. */
const onceItHangs = (signal: NodeJS.Signals, folder: Folder) => (child: ChildProcess) => {
  child.stdin!.write(users(2));
  const timer = setInterval(() => {
    if (!folder.has("out.jsonl")) return;
    clearInterval(timer);
    setTimeout(() => kill(child, signal), 100);
  }, 20);
};

test("multicore map ends with whole lines on SIGINT, and hung on SIGTERM", { skip }, async () => {
  using folder = new Folder();
  const [writing, hung] = await together(
    () => folder.map("slow", [], { started: onceItWrites("SIGINT") }),
    () =>
      folder.map("endless", ["--output", "out.jsonl"], { started: onceItHangs("SIGTERM", folder) }),
  );
  const { code, stdout, stderr, late } = writing!;
  assertEquals([code, late], [130, false]);
  assert(stdout.endsWith("\n"), stdout);
  const ids = stdout.trim().split("\n").map((line) => JSON.parse(line).id);
  assertEquals(ids, ids.map((_, index) => index + 1));
  assert(ids.length < 1000, `all ${ids.length} lines were written`);
  assertEquals(stderr, `multicore: Interrupted after ${ids.length} lines\n`);
  assertEquals([hung!.code, hung!.stdout, hung!.late], [143, "", false]);
  assertEquals(folder.read("out.jsonl"), "");
});

test(
  "multicore map ends quietly when nobody reads on, though the input goes on",
  { skip },
  async () => {
    using folder = new Folder();
    const { code, stderr, late } = await folder.map("echo", [], {
      started({ stdin, stdout }) {
        const feed = () => {
          while (stdin!.writable && stdin!.write(users(1000)));
        };
        stdin!.on("drain", feed);
        feed();
        stdout!.once("data", () => void stdout!.destroy());
      },
    });
    assertEquals([code, stderr, late], [0, "", false]);
  },
);
