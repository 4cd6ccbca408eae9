import { test } from "node:test";
import { type ShapeNode, ShapeTree } from "../../src/codec/shape_tree.ts";
import { assert, assertEquals, assertLess } from "../../deps.ts";

/** Keys in a list. */
const LENGTH = 100;

/** A tree whose lists get numbers, and how it is asked for one. */
function treeWithNumbers() {
  let count = 0;
  const tree = new ShapeTree({ intern: () => count++, keys: () => [] });
  /** What an encoder does when it meets an object. */
  function meet(keys: readonly string[]): number {
    let node: ShapeNode | undefined = tree.root;
    for (const key of keys) {
      node = node.key === key ? node.next : node.find(key);
      if (node === undefined) {
        tree.remember(keys);
        return -1;
      }
    }
    return tree.number(node);
  }
  return { tree, meet };
}

const listOf = (name: string): string[] => Array.from({ length: LENGTH }, (_, i) => `${name} ${i}`);

test("ShapeTree inserts lists that have numbers again only when as much is new", () => {
  const { tree, meet } = treeWithNumbers();
  const numbered = Array.from({ length: 200 }, (_, i) => listOf(`numbered ${i}`));
  for (const list of numbered) assertEquals(meet(list), -1);
  // Some were forgotten before they were met again.
  while (numbered.some((list) => meet(list) < 0));
  const numbers = numbered.map(meet);
  let inserted = 0;
  let forgotten = 0;
  for (let i = 0; i < 2000; i++) {
    const { root } = tree;
    meet(listOf(`new ${i}`));
    inserted += LENGTH;
    if (tree.root !== root) forgotten += numbered.length * LENGTH;
  }
  assert(forgotten > 0);
  assertLess(forgotten, inserted);
  assertEquals(numbered.map(meet), numbers);
});

test("ShapeTree holds no list of keys more than once", () => {
  const { tree, meet } = treeWithNumbers();
  const list = listOf("a key");
  meet(list);
  let held = 0;
  let node = tree.root;
  for (; node.next !== undefined; node = node.next) held += Object.values(node).flat().length;
  assertLess(held, 10 * LENGTH);
  assertEquals([tree.root.keys, node.keys], [[], list]);
});
