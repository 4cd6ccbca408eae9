import { test } from "node:test";
import { runtime } from "../../src/runtime/mod.ts";
import { Modules } from "../../src/task/modules.ts";
import { makePackage, Packages } from "../../src/task/packages.ts";
import { arraySteps } from "../support/array_steps.ts";
import { assertEquals, assertLess } from "../../deps.ts";

const context = { identities: new Modules(), natives: runtime.natives };

test("makePackage numbers SharedArrayBuffers without a search through those before", () => {
  const buffers = Array.from({ length: 1000 }, () => new SharedArrayBuffer(8));
  const value = [...buffers, buffers[0]];
  let opened: unknown[] = [];
  const steps = arraySteps(() => {
    opened = new Packages(context).open(makePackage(context, value, "value")) as unknown[];
  });
  assertEquals(opened.map((buffer, i) => buffer === value[i]), value.map(() => true));
  assertLess(steps, 4 * value.length);
});
