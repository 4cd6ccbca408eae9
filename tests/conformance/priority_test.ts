import { test } from "node:test";
import { assert, assertEquals } from "../../deps.ts";
import { Pool } from "../../mod.ts";
import { busy, echo, increment } from "../fixtures/tasks.ts";
import { BriefPool } from "../support/brief_pool.ts";
import { soon } from "../support/gate.ts";

for (const workers of [1, 2]) {
  for (const ahead of [200, 10_000]) {
    // 10,000 are more than there are slots: most of them wait in private memory.
    test(
      `Pool.runWith lets no flood of ${ahead} high jobs starve a low one, on ${workers} workers`,
      {
        timeout: 60_000,
      },
      async () => {
        await using pool = new BriefPool({ workers });
        await pool.run(increment, 1);
        let flooding = true;
        let done = 0;
        // Each that ends is followed by another one, so that there are always as many.
        const flood = async () => {
          while (flooding) {
            await pool.runWith({ priority: "high" }, increment, 1);
            done++;
          }
        };
        const floods = Array.from({ length: ahead }, flood);
        const low = pool.runWith({ priority: "low" }, echo<string>, "low");
        const normal = pool.run(echo<string>, "normal");
        const ends = [low, normal].map((job) => job.then(() => done));
        const after = await soon(Promise.all(ends), "the low job", 40_000);
        flooding = false;
        await Promise.all(floods);
        for (const count of after) assert(count < 20 * ahead + 20_000, `${count} went before it`);
      },
    );
  }
}

test("Pool.runWith begins high jobs before normal ones, and these before low ones", async () => {
  await using pool = new Pool({ workers: 1 });
  const held = pool.run(busy, 30);
  const order: string[] = [];
  const jobs = (["low", "normal", "high"] as const).flatMap((priority) =>
    Array.from({ length: 5 }, async () => {
      order.push(await pool.runWith({ priority }, echo<string>, priority));
    })
  );
  await Promise.all([held, ...jobs]);
  const place = (priority: string) => order.indexOf(priority);
  assert(place("high") < place("normal") && place("normal") < place("low"), order.join());
  // All but one in sixteen.
  assertEquals(order.slice(0, 4), ["high", "high", "high", "high"]);
});
