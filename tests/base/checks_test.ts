import { test } from "node:test";
import { show } from "../../src/base/checks.ts";
import { assertEquals } from "../../deps.ts";

test("show has words for any value", () => {
  const hostile = {
    toString() {
      throw new Error("no");
    },
  };
  const none = "something that cannot be shown";
  const shown: [value: unknown, text: string][] = [
    ["a", '"a"'],
    [null, "null"],
    [undefined, "undefined"],
    [5n, "5"],
    [Symbol("s"), "Symbol(s)"],
    [[], "[]"],
    [[1, 2], "[1,2]"],
    [{}, "[object Object]"],
    [Object.create(null), none],
    [hostile, none],
    [[hostile], none],
  ];
  for (const [value, text] of shown) assertEquals(show(value), text);
});
