/**
 * Failures of nested jobs, as the outer caller sees them.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertRejects } from "../../deps.ts";
import { NotSerializableError, Pool, UnregisteredFunctionError } from "../../mod.ts";
import {
  carryOn,
  nest,
  nestSettled,
  nestSync,
  theTop,
  theTopRuns,
  theTopSync,
} from "../fixtures/nested_tasks.ts";
import {
  echo,
  failRichly,
  failWith,
  failWithMany,
  increment,
  LimitError,
  unsendable,
} from "../fixtures/tasks.ts";
import { soon } from "../support/gate.ts";
import { RUNTIME } from "../support/program.ts";

const timeout = 60_000;
const TOPS: [way: string, top: () => unknown, middle: string, name: string][] = [
  ["await get", theTop, "theMiddle", "theTop"],
  ["getSync", theTopSync, "theMiddleSync", "theTopSync"],
  ["pool.run", theTopRuns, "theMiddleRuns", "theTopRuns"],
];

for (const workers of [1, 2]) {
  for (const [way, top, middle, name] of TOPS) {
    test(
      `A nested failure arrives with its path, by ${way} on ${workers}`,
      { timeout },
      async () => {
        await using pool = new Pool({ workers });
        async function theCaller(): Promise<unknown> {
          return await pool.run(top);
        }
        for (let i = 0; i < 10; i++) {
          const error = await assertRejects(() => soon(theCaller(), "the failure"), LimitError);
          assertEquals([error.message, error.limit, error.name], [
            "over the limit",
            7,
            "LimitError",
          ]);
          const { stack = "" } = error;
          const at = ["failWithLimit", middle, name, "theCaller"].map((it) => stack.indexOf(it));
          assert(at.every((place, j) => place > (at[j - 1] ?? 0)), `${at}\n${stack}`);
          // Nothing of the library's; but Node's stacks name the sources that these tests were built from.
          const own = RUNTIME !== "node" && /\/src\/(worker|dispatch|parallel|pool)\//.test(stack);
          assert(!own, stack);
        }
      },
    );
  }
}

test("A nested failure keeps all that belongs to it", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  for (const fn of [nest, nestSync] as (typeof nest)[]) {
    const rich = await assertRejects(
      () => pool.run(fn, [[{}, failRichly]]),
      RangeError,
      "too rich",
    );
    const { code, detail } = rich as unknown as { code: string; detail: unknown };
    assertEquals([code, detail], ["E_RICH", { list: [1, 2n], when: new Date(7) }]);
    assertInstanceOf(rich.cause, TypeError);
    const many = await assertRejects(() => pool.run(fn, [[{}, failWithMany]]), AggregateError);
    assertEquals(many.errors.map((it) => it.message), ["one", "two"]);
    const thrown = { plain: [1n] };
    const value = await pool.run(fn, [[{}, failWith, thrown]]).catch((it: unknown) => it);
    assertEquals(value, thrown);
  }
});

test("A nested failure may be caught, and touches no other job", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  assertEquals(await pool.run(carryOn), [true, 7]);
  const calls = Array.from(
    { length: 3000 },
    (_, i) => i % 3 ? [{}, increment, i] as const : [{}, failWith, i] as const,
  );
  const outcomes = await soon(pool.run(nestSettled, calls), "all");
  outcomes.forEach((it, i) => assertEquals(it, i % 3 ? i + 1 : i));
});

test("What a nested job cannot send is refused where it stands", { timeout }, async () => {
  await using pool = new Pool({ workers: 2 });
  for (let i = 0; i < 5; i++) {
    await assertRejects(() => pool.run(nest, [[{}, unsendable]]), NotSerializableError, "user");
    await assertRejects(
      () => pool.run(nest, [[{ format: "bytes" }, echo<unknown>, "text"]]),
      NotSerializableError,
      "args[0]",
    );
  }
  const unknown = { notRegistered: () => 1 };
  await assertRejects(
    () => pool.run(unknown.notRegistered),
    UnregisteredFunctionError,
    "notRegistered",
  );
});
