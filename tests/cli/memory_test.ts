import { type ChildProcess, execFileSync } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { assert, assertEquals, assertLess } from "../../deps.ts";
import { Folder } from "./command.ts";

const MIB = 2 ** 20;
const LINE = `${JSON.stringify({ id: 1, text: "x".repeat(2000) })}\n`;
const BLOCK = LINE.repeat(Math.floor(MIB / LINE.length));

/** Bytes that a process has in memory. */
function residentBytes({ pid }: ChildProcess): number {
  return 1024 * Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }));
}

/** Writes a block; resolves to false where it does not go through within some time. */
function write({ stdin }: ChildProcess, patience = Infinity): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = patience === Infinity ? undefined : setTimeout(() => resolve(false), patience);
    stdin!.write(BLOCK, () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}

const skip = process.platform === "win32" && "there is no ps";

test(
  "multicore map's memory is bounded, however long the input",
  { skip, timeout: 90_000 },
  async () => {
    using folder = new Folder();
    const blocks = 128;
    let early = 0;
    let late = 0;
    // What is to be shown is bytes on their way: as text they take the least time.
    const text = ["--input-format", "text", "--output-format", "text"];
    const { code, stderr } = await folder.map("echo", [...text, "--output", "out.jsonl"], {
      deadline: 80_000,
      nodeOptions: ["--max-old-space-size=32"],
      async started(child) {
        for (let i = 0; i < blocks; i++) {
          await write(child);
          if (i % 8 !== 0) continue;
          const bytes = residentBytes(child);
          if (i < blocks / 3) early = Math.max(early, bytes);
          else late = Math.max(late, bytes);
        }
        child.stdin!.end();
      },
    });
    assertEquals([code, stderr], [0, ""]);
    // Much less than what has passed through in between.
    assertLess(late - early, 64 * MIB);
    assertLess(late, 400 * MIB);
  },
);

test("multicore map reads no further than its reader", { skip, timeout: 60_000 }, async () => {
  using folder = new Folder();
  let blocks = 0;
  const { code, stdout, late } = await folder.map("echo", [], {
    deadline: 50_000,
    async started(child) {
      child.stdout!.pause();
      while (blocks < 256 && await write(child, 1500)) blocks++;
      child.stdout!.resume();
      child.stdin!.end();
    },
  });
  assertEquals([code, late], [0, false]);
  assertLess(blocks, 128);
  assert(stdout === BLOCK.repeat(blocks + 1));
});
