/**
 * Whole numbers come as integers of the engine's, whatever was sent before: a loop whose
 * index began as a double takes ten times as long in JavaScriptCore. Engines change their
 * minds as they compile, so that it is looked at again after many calls.
 */
import { test } from "node:test";
import { assertEquals } from "../../deps.ts";
import { Pool } from "../../mod.ts";
import { echo, forms, isEngineInteger, sum } from "../fixtures/number_forms.ts";

const ROUNDS = 60;
const AT_ONCE = 300;

test(
  "whole numbers are integers to the engine, before and after many calls",
  { skip: isEngineInteger === undefined && "this runtime does not tell the forms of numbers" },
  async () => {
    await using pool = new Pool({ workers: 1 });
    const many = async (call: (i: number) => Promise<unknown>) => {
      for (let round = 0; round < ROUNDS; round++) {
        await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => call(i)));
      }
    };
    const check = async (when: string) => {
      const seen = async (...values: unknown[]) => await pool.run(forms, ...values);
      assertEquals(
        {
          one: await seen(7),
          two: await seen(500, 99_500),
          three: await seen(1, 2, 3),
          fractions: await seen(1.5, 2, 3, 0.5),
          zeros: await seen(0, -0),
          text: await seen("a", 500, 1.5),
          list: await seen([500, 99_500]),
          mixed: await seen([5, 1.5, 6]),
          object: await seen({ a: 1, b: 0.5 }),
          result: forms(await pool.run(echo, 7)),
          results: forms(await pool.run(echo, [[1, 2], [3, 0.5], { a: 4 }])),
          mapped: forms(await pool.map(echo, [1, 2, 3])),
        },
        {
          one: "i",
          two: "ii",
          three: "iii",
          fractions: "diid",
          zeros: "id",
          text: "did",
          list: "[ii]",
          mixed: "[idi]",
          object: "{id}",
          result: "i",
          results: "[[ii][id]{i}]",
          mapped: "[iii]",
        },
        when,
      );
    };
    await check("at first");
    await many((i) => pool.run(echo, i));
    await many((i) => pool.run(sum, i, 7));
    await check("after integers");
    await many((i) => pool.run(echo, i + 0.5));
    await many((i) => pool.run(sum, i + 0.5, 7));
    await check("after fractions");
    await many((i) => pool.run(echo, { a: i, b: i + 0.5 }));
    await many((i) => pool.run(echo, [i, 7.5]));
    await many((i) => pool.run(echo, [i, 7]));
    await check("after lists");
    // Enough of them to be packed.
    await many((i) => pool.run(echo, Array.from({ length: 64 }, () => i % 3)));
    await check("after long lists");
  },
);
