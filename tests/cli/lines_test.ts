import { test } from "node:test";
import { assertEquals, assertMatch } from "../../deps.ts";
import { batches } from "../../src/cli/batches.ts";
import { FixedSize } from "../../src/cli/batch_size.ts";
import { type BatchResult, runLines, type Work } from "../../src/cli/lines.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const JSON_LINES: Omit<Work, "fn"> = {
  inputFormat: "json",
  outputFormat: "json",
  onError: "collect",
};
const TEXT: Omit<Work, "fn"> = { ...JSON_LINES, inputFormat: "text", outputFormat: "text" };

/** Runs a function over some lines, in this thread. */
function run(input: string | Uint8Array, work: Work): Promise<BatchResult> {
  return runLines({ bytes: typeof input === "string" ? encoder.encode(input) : input, work });
}

/** Runs lines whose results are these, and gives the output and the messages of failures. */
async function written(
  format: Omit<Work, "fn">,
  results: unknown[],
): Promise<[output: string, messages: string[]]> {
  const input = results.map((_, index) => `${index}\n`).join("");
  const fn = (index: unknown) => results[Number(index)];
  const { output, lines, failures } = await run(input, { ...format, fn });
  assertEquals(lines, results.length);
  assertEquals(failures.map(({ index }) => index), failures.map((_, index) => index));
  return [decoder.decode(output), failures.map(({ message }) => message)];
}

test("runLines fails lines whose results JSON would change", async () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const lost: [result: unknown, message: RegExp][] = [
    [{ a: [{ b: NaN }] }, /result\.a\[0\]\.b as JSON: it is NaN/],
    [Infinity, /it is Infinity/],
    [1n, /BigInt/],
    [{ users: new Map([[1, 2]]) }, /result\.users as JSON: it is an object of Map/],
    [new Set(), /object of Set/],
    [new Uint8Array(2), /object of Uint8Array/],
    [new Error("lost"), /object of Error/],
    [{ render: () => 1 }, /result\.render as JSON: it is a function/],
    [Symbol("lost"), /Symbol/],
    [[1, undefined], /result\[1\] as JSON: it is undefined/],
    [new Date(NaN), /an invalid Date/],
    [cycle, /circular|cyclic/],
  ];
  const kept = [undefined, { a: 1, b: undefined }, new Date(0)];
  const [output, messages] = await written(JSON_LINES, [...lost.map(([value]) => value), ...kept]);
  assertEquals(output, 'null\n{"a":1}\n"1970-01-01T00:00:00.000Z"\n');
  assertEquals(messages.length, lost.length);
  for (const [index, [, message]] of lost.entries()) assertMatch(messages[index]!, message);
});

test("runLines fails lines whose results are no text", async () => {
  const [output, messages] = await written(TEXT, ["a\nb", "\ud800", 1, undefined, "kept"]);
  assertEquals(output, "kept\n");
  const expected = [/a line break/, /lone surrogate/, /Cannot write 1 as text/, /write undefined/];
  assertEquals(messages.length, expected.length);
  for (const [index, message] of expected.entries()) assertMatch(messages[index]!, message);
});

test("runLines fails lines that are not UTF-8, and those alone", async () => {
  const input = new Uint8Array([...encoder.encode('"ä"\n"'), 0xff, 0x22, 10, 0x31, 13, 10]);
  const { output, failures } = await run(input, { ...JSON_LINES, fn: (value) => value });
  assertEquals(decoder.decode(output), '"ä"\n1\n');
  assertEquals(failures.map(({ index, input }) => [index, input]), [[1, undefined]]);
});

test("runLines ends at the first failure with stop, and notes no input without collect", async () => {
  const fn = (n: unknown) => {
    if (n === 2) throw new RangeError("two");
    return n;
  };
  for (const [onError, lines] of [["stop", 2], ["skip", 3]] as const) {
    const result = await run("1\n2\n3\n", { ...JSON_LINES, onError, fn });
    assertEquals(result.lines, lines);
    const [failure] = result.failures;
    assertEquals([failure!.index, failure!.name, failure!.message], [1, "RangeError", "two"]);
    assertEquals("input" in failure!, false);
  }
});

test("batches are whole lines, however the input is cut, and have no byte order mark", async () => {
  const bytes = encoder.encode("\ufeffa\nzwölf\n\n\ufeffb\nlast");
  for (const step of [1, 2, 3, 7, bytes.length]) {
    const pieces = async function* () {
      for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
    };
    const found: string[] = [];
    const keepMark = new TextDecoder("utf-8", { ignoreBOM: true });
    for await (const batch of batches(pieces(), new FixedSize(1))) {
      found.push(keepMark.decode(batch));
    }
    assertEquals(found, ["a\n", "zwölf\n", "\n", "\ufeffb\n", "last"]);
  }
});
