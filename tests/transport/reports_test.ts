import { test } from "node:test";
import { REPORT_HEADER, ReportStack } from "../../src/transport/reports.ts";
import { assertEquals } from "../../deps.ts";
import { words } from "../sync/threads.ts";

/** Words of each of two runners' arenas: 16 blocks. */
const SIZE = 16 * 64;

function stackOfTwo() {
  const head = words(32);
  const arenas = [words(SIZE), words(SIZE)];
  const stack = new ReportStack(head);
  const wordsOf = (runner: number, end: number) => end <= SIZE * 4 ? arenas[runner] : undefined;
  const taken = () => stack.takeAll(wordsOf).map(({ runner, block }) => [runner, block]);
  const push = (runner: number, block: number) => stack.push(runner, arenas[runner]!, block, 7, 3);
  return { head, arenas, stack, taken, push };
}

test("ReportStack takeAll gives each report once, the oldest first", () => {
  const { stack, taken, push } = stackOfTwo();
  const reports = [[0, 256], [1, 512], [1, 256], [0, 4096 - 256]] as const;
  for (let round = 0; round < 2; round++) {
    assertEquals([stack.isEmpty, taken()], [true, []]);
    for (const [runner, block] of reports) push(runner, block);
    assertEquals(stack.isEmpty, false);
    assertEquals(taken(), reports.map((report) => [...report]));
  }
});

test("ReportStack takeAll ends at a word that names no report", () => {
  const nowhere = [1, -1, 0x7fffffff, (3 << 24) | 1, (1 << 24) | 16, (255 << 24) | 1];
  for (const word of nowhere) {
    const { head, arenas, taken, push } = stackOfTwo();
    head[0] = word;
    assertEquals(taken(), []);
    push(0, 256);
    push(1, 512);
    arenas[0]![256 / 4] = word;
    assertEquals(taken(), [[0, 256], [1, 512]]);
  }
  assertEquals(REPORT_HEADER, 16);
});

test("ReportStack takeAll ends where its links lead in a circle", () => {
  const { arenas, taken, push } = stackOfTwo();
  push(0, 256);
  push(1, 512);
  arenas[0]![256 / 4] = (2 << 24) | 2;
  const reports = taken();
  assertEquals(reports.length, 2 * 16);
  assertEquals(reports.slice(-2), [[0, 256], [1, 512]]);
});
