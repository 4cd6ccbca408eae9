import { test } from "node:test";
import { assert, assertEquals, fc } from "../../deps.ts";
import { Queue } from "../../src/base/queue.ts";
import { seed } from "../support/random.ts";

test("Queue gives what it was given, in order, and counts it", () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 1, max: 200 }) }),
    fc.record({ shift: fc.integer({ min: 1, max: 200 }) }),
    fc.constantFrom("putBack" as const, "takeAll" as const),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const queue = new Queue<number>();
      let model: number[] = [];
      let next = 0;
      for (const step of steps) {
        if (step === "takeAll") {
          assertEquals(queue.takeAll(), model);
          model = [];
        } else if (step === "putBack") {
          const item = queue.shift();
          if (item !== undefined) queue.putBack(item);
        } else if ("push" in step) {
          for (let i = 0; i < step.push; i++) {
            model.push(next);
            queue.push(next++);
          }
        } else {
          for (let i = 0; i < step.shift; i++) assertEquals(queue.shift(), model.shift());
        }
        assertEquals(queue.length, model.length);
      }
    }),
    { seed: seed("Queue") },
  );
});

test("Queue that never becomes empty keeps nothing of what has left it", () => {
  const queue = new Queue<Uint8Array>();
  const slice = Array.prototype.slice;
  let longest = 0;
  // Each time that room in front is given up, what is moved.
  Array.prototype.slice = function (...args) {
    longest = Math.max(longest, this.length);
    return slice.apply(this, args);
  };
  try {
    for (let i = 0; i < 100; i++) queue.push(new Uint8Array(1));
    for (let i = 0; i < 100_000; i++) {
      queue.push(new Uint8Array(1));
      queue.shift();
    }
  } finally {
    Array.prototype.slice = slice;
  }
  assertEquals(queue.length, 100);
  assert(longest > 0 && longest <= 400, `${longest}`);
});
