import { test } from "node:test";
import { DeadlineHeap, type Due } from "../../src/base/deadline_heap.ts";
import { assert, assertEquals, fc } from "../../deps.ts";
import { seed } from "../support/random.ts";

interface Item extends Due {
  readonly name: number;
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 20 }) }) },
  { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
  { weight: 1, arbitrary: fc.constant("first" as const) },
);

test("DeadlineHeap has the earliest first, whatever is added and taken out", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new DeadlineHeap<Item>();
      const inside: Item[] = [];
      const out = (item: Item) => {
        heap.remove(item);
        assertEquals(item.place, -1);
        inside.splice(inside.indexOf(item), 1);
      };
      steps.forEach((step, name) => {
        if (step === "first") {
          if (heap.first !== undefined) out(heap.first);
        } else if ("add" in step) {
          // Some are never due, as jobs with an endless timeout are.
          const item = { deadline: step.add === 20 ? Infinity : step.add, place: -1, name };
          heap.add(item);
          inside.push(item);
        } else if (inside.length > 0) {
          out(inside[step.remove % inside.length]!);
        }
        const earliest = Math.min(...inside.map((item) => item.deadline));
        assertEquals(heap.first?.deadline, inside.length === 0 ? undefined : earliest);
      });
      const order: number[] = [];
      while (heap.first !== undefined) {
        order.push(heap.first.deadline);
        out(heap.first);
      }
      assertEquals(order, [...order].sort((a, b) => a - b));
      assertEquals(inside, []);
    }),
    { seed: seed("DeadlineHeap") },
  );
});

test("DeadlineHeap remove leaves alone what is not in it", () => {
  const heap = new DeadlineHeap<Due>();
  const first = { deadline: 1, place: -1 };
  const second = { deadline: 2, place: -1 };
  heap.add(second);
  heap.add(first);
  heap.remove(first);
  heap.remove(first);
  assert(heap.first === second);
  heap.remove(second);
  heap.remove(second);
  assertEquals(heap.first, undefined);
});
