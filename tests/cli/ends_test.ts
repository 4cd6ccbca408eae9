import type { ChildProcess } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertMatch } from "../../deps.ts";
import { Folder, users } from "./command.ts";

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

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  test(`multicore map ends with whole lines on ${signal}`, { skip }, async () => {
    using folder = new Folder();
    const { code, stdout, stderr, late } = await folder.map("slow", [], {
      started: onceItWrites(signal),
    });
    assertEquals([code, late], [status, false]);
    assert(stdout.endsWith("\n"), stdout);
    const ids = stdout.trim().split("\n").map((line) => JSON.parse(line).id);
    assertEquals(ids, ids.map((_, index) => index + 1));
    assert(ids.length < 1000, `all ${ids.length} lines were written`);
    assertEquals(stderr, `multicore: Interrupted after ${ids.length} lines\n`);
  });
}

test(
  "multicore map ends on SIGINT while a function does not, and nothing comes in",
  { skip },
  async () => {
    using folder = new Folder();
    const { code, stdout, late } = await folder.map("endless", ["--output", "out.jsonl"], {
      started(child) {
        child.stdin!.write(users(2));
        const timer = setInterval(() => {
          if (!folder.has("out.jsonl")) return;
          clearInterval(timer);
          setTimeout(() => kill(child, "SIGINT"), 100);
        }, 20);
      },
    });
    assertEquals([code, stdout, late, folder.read("out.jsonl")], [130, "", false, ""]);
  },
);

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

test("multicore map says nothing on standard error that is no terminal", async () => {
  using folder = new Folder();
  folder.write("users.jsonl", users(500));
  const args = ["--input", "users.jsonl", "--output", "out.jsonl"];
  const { code, stderr } = await folder.map("slow", args, { deadline: 30_000 });
  assertEquals([code, stderr], [0, ""]);
  assertMatch(folder.read("out.jsonl"), /"id":500}\n$/);
});
