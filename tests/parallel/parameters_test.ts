// deno-lint-ignore-file no-unused-vars require-await
import { test } from "node:test";
import { assert, assertEquals } from "../../deps.ts";
import { closure, remote } from "../../mod.ts";
import { mayUse } from "../../src/parallel/parameters.ts";

test("mayUse tells by its source which arguments a function cannot look at", () => {
  const functions: [object, number][] = [
    [() => 1, 0],
    [(a: unknown) => a, 1],
    [async (a: unknown) => a, 1],
    [function (a: unknown) {
      return a;
    }, 1],
    [function* named(a: unknown) {}, 1],
    [async function named(a: unknown, b: unknown) {}, 2],
    [({ a, b }: Record<string, unknown>) => a, 1],
    [([a, b]: unknown[]) => b, 1],
    [([a, b]: unknown[], { c, d }: Record<string, unknown>) => d, 2],
    [
      {
        method(a: unknown) {
          return (a as () => void)();
        },
      }.method,
      1,
    ],
    [closure((a: unknown) => a, { b: 1 }), 1],
    [closure((a: unknown, b: unknown) => b), 2],
  ];
  for (const [fn, count] of functions) {
    for (const place of [0, 1, 2]) assertEquals(mayUse(fn, place), place < count, String(fn));
  }
});

test("mayUse says yes where it cannot tell", () => {
  const name = "computed";
  const functions: object[] = [
    (...all: unknown[]) => all[1],
    (a: unknown, b = 1) => b,
    (a = ")", b = 1) => b,
    (a: unknown, { b = 1 } = {}) => b,
    function (a: unknown) {
      return arguments[1];
    },
    (({ [name.slice(0)]: a }, b = 1) => b) as (a: Record<string, number>, b?: number) => unknown,
    Math.max,
    ((a: unknown, b: unknown) => b).bind(null),
    remote<{ fn(a: number): number }>("npm:nothing").fn,
    new Function("a /* ) */, b", "return b"),
  ];
  for (const fn of functions) assert(mayUse(fn, 1), String(fn));
});
