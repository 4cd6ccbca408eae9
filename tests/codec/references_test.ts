import { test } from "node:test";
import { assertEquals } from "../../deps.ts";
import { References } from "../../src/codec/references.ts";

test("References numbers objects in order, around every size and after clear and rewind", () => {
  const references = new References();
  const objects = Array.from({ length: 40 }, (_, id) => ({ id }));
  for (let size = 0; size <= objects.length; size++) {
    for (let i = 0; i < size; i++) assertEquals(references.meet(objects[i]!), -1);
    for (let i = 0; i < size; i++) assertEquals(references.meet(objects[i]!), i);
    for (let kept = size; kept >= 0; kept -= 3) {
      references.rewind(kept);
      assertEquals(references.count, kept);
      for (let i = 0; i < kept; i++) assertEquals(references.meet(objects[i]!), i);
    }
    references.clear();
    assertEquals(references.count, 0);
  }
});
