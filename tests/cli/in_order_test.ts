import { test } from "node:test";
import { assertEquals, assertRejects } from "../../deps.ts";
import { inOrder } from "../../src/cli/in_order.ts";

const never = new AbortController().signal;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function* numbers(count: number, onTake?: (n: number) => void): AsyncGenerator<number> {
  for (let n = 1; n <= count; n++) {
    onTake?.(n);
    yield n;
  }
}

/** Takes the less time the later it begins. */
async function shorter(n: number): Promise<number> {
  await sleep(10 - n % 10);
  return n;
}

test("inOrder gives outcomes in the order of the items", async () => {
  const found: number[] = [];
  for await (const n of inOrder(numbers(40), shorter, { window: 7, signal: never })) found.push(n);
  assertEquals(found, Array.from({ length: 40 }, (_, index) => index + 1));
});

test("inOrder takes no more than its window ahead of the reader", async () => {
  let [taken, read, most] = [0, 0, 0];
  const source = numbers(30, (n) => {
    taken = n;
    most = Math.max(most, taken - read);
  });
  for await (const n of inOrder(source, shorter, { window: 5, signal: never })) {
    await sleep(1);
    read = n; // dealt with
  }
  assertEquals([taken, read], [30, 30]);
  assertEquals(most, 5);
});

test("inOrder gives what is ready while the source has nothing more", async () => {
  const source = async function* () {
    yield 1;
    yield 2;
    await new Promise(() => {});
  };
  const results = inOrder(source(), shorter, { window: 10, signal: never });
  assertEquals((await results.next()).value, 1);
  assertEquals((await results.next()).value, 2);
  await results.return(); // without waiting for the source
});

test("inOrder throws what fails behind all that came before", async () => {
  const found: number[] = [];
  const fifthFails = async (n: number): Promise<number> => {
    if (n === 5) throw new RangeError("five");
    return await shorter(n);
  };
  await assertRejects(
    async () => {
      const results = inOrder(numbers(9), fifthFails, { window: 9, signal: never });
      for await (const n of results) found.push(n);
    },
    RangeError,
    "five",
  );
  const broken = async function* () {
    yield* numbers(3);
    throw new TypeError("no more");
  };
  await assertRejects(
    async () => {
      const results = inOrder(broken(), shorter, { window: 9, signal: never });
      for await (const n of results) found.push(n);
    },
    TypeError,
    "no more",
  );
  assertEquals(found, [1, 2, 3, 4, 1, 2, 3]);
});

test("inOrder ends with the signal's reason, also while the source has nothing", async () => {
  const controller = new AbortController();
  const source = async function* () {
    yield 1;
    await new Promise(() => {});
  };
  const results = inOrder(source(), shorter, { window: 3, signal: controller.signal });
  assertEquals((await results.next()).value, 1);
  const next = results.next();
  controller.abort(new RangeError("enough"));
  await assertRejects(() => next, RangeError, "enough");
});

test("inOrder takes nothing more once its reader has left", async () => {
  let taken = 0;
  const source = numbers(100, (n) => void (taken = n));
  for await (const n of inOrder(source, shorter, { window: 4, signal: never })) {
    if (n === 2) break;
  }
  const then = taken;
  await sleep(20);
  assertEquals(taken, then);
  assertEquals(then <= 6, true);
});
