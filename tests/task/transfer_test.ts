import { test } from "node:test";
import { transfer } from "../../src/task/transfer.ts";
import { arraySteps } from "../support/array_steps.ts";
import { assertLess, assertThrows } from "../../deps.ts";

test("transfer looks at each thing in its list once", () => {
  const list = Array.from({ length: 1000 }, () => new ArrayBuffer(8));
  assertLess(arraySteps(() => void transfer(list, list)), 4 * list.length);
  const twice = [...list, list[500]!];
  assertThrows(() => transfer(twice, twice), TypeError, "list[1000]: it is in the list twice");
});
