import { test } from "node:test";
import { assertEquals, assertRejects } from "../../deps.ts";
import { Pool } from "../../mod.ts";
import {
  failsInside,
  firstSquares,
  isOdd,
  square,
  sumOfOddSquares,
  sumOfSquares,
} from "../fixtures/nested_items.ts";
import { soon } from "../support/gate.ts";

const squares = Array.from({ length: 5000 }, (_, i) => square(i));
const sum = squares.reduce((a, b) => a + b, 0);

for (const workers of [1, 2]) {
  test(`Pool.map, stream and iter work inside of jobs, with ${workers} workers`, async () => {
    await using pool = new Pool({ workers });
    assertEquals(await soon(pool.run(sumOfSquares, 5000), "a map in a job"), sum);
    const odd = squares.filter((_, i) => isOdd(i)).reduce((a, b) => a + b, 0);
    assertEquals(await soon(pool.run(sumOfOddSquares, 5000), "an iterator in a job"), odd);
    assertEquals(await soon(pool.run(firstSquares, 5), "a stream in a job"), [0, 1, 4, 9, 16]);
  });

  test(`Pool.map works inside of its own items, with ${workers} workers`, async () => {
    await using pool = new Pool({ workers });
    const maps = pool.map(sumOfSquares, [5000, 10, 5000, 3, 1000, 5000]);
    const few = squares.slice(0, 1000).reduce((a, b) => a + b, 0);
    assertEquals(await soon(maps, "maps in a map"), [sum, 285, sum, 5, few, sum]);
    await assertRejects(
      () => soon(pool.map(failsInside, [1, 2, 3, 4]), "a failure inside"),
      RangeError,
      "no 3",
    );
  });
}
