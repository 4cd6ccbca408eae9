import { test } from "node:test";
import { MissingHandleError } from "../../src/codec/mod.ts";
import { LocalHandles } from "../../src/dispatch/local_handles.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { Modules } from "../../src/task/modules.ts";
import { arraySteps } from "../support/array_steps.ts";
import { assertEquals, assertLess, assertThrows } from "../../deps.ts";

const context = { identities: new Modules(), natives: runtime.natives };

test("LocalHandles numbers SharedArrayBuffers without a search through those before", () => {
  const handles = new LocalHandles(context);
  const buffers = Array.from({ length: 1000 }, () => new SharedArrayBuffer(8));
  handles.begin();
  let numbers: number[] = [];
  const steps = arraySteps(() => {
    numbers = buffers.map((buffer) => handles.numberOf(buffer));
  });
  assertEquals(buffers.map((buffer) => handles.numberOf(buffer)), numbers);
  assertEquals(numbers.every((number, i) => handles.resolve(number) === buffers[i]), true);
  assertLess(steps, 4 * buffers.length);
});

test("LocalHandles forgets its numbers with the last payload under way", () => {
  const handles = new LocalHandles(context);
  const [first, second] = [new SharedArrayBuffer(8), new SharedArrayBuffer(8)];
  handles.begin();
  const number = handles.numberOf(first);
  handles.begin();
  handles.end();
  assertEquals([handles.numberOf(first), handles.resolve(number)], [number, first]);
  handles.end();
  assertThrows(() => handles.resolve(number), MissingHandleError);
  handles.begin();
  assertEquals(handles.resolve(handles.numberOf(second)), second);
  assertEquals(handles.resolve(handles.numberOf(first)), first);
  handles.end();
});
