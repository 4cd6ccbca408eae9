/**
 * The cost of a call: a number there, the same number back, on one worker that
 * is warm. One after another each call waits for the one before; at once all are
 * made, then all awaited.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import { startPingPong } from "../contenders/ping_pong.ts";
import type { Entrant } from "../harness/blocks.ts";
import { atOnce, measureRow, oneByOne, type Session, startAll } from "../harness/session.ts";
import type { Call } from "../harness/contender.ts";

const FAMILY = "calls";
const BATCHES = [10, 100, 1_000, 10_000];

/** Measures the rows of this family. */
export async function calls(session: Session): Promise<void> {
  const started = await startAll(session, 1);
  const pingPong = await startPingPong();
  const singles: Entrant[] = started
    .filter(({ running }) => running.bulk === undefined)
    .map(({ contender, running }) => {
      const call = running.bind("same");
      return {
        name: contender.name,
        check: async () => equal(await call(7), 7),
        run: oneByOne(call, 7),
      };
    });
  await measureRow(
    session,
    { family: FAMILY, id: "one", title: "one call after another", unit: "µs" },
    [...singles, { name: "ping-pong", run: (times) => pingPong.play(times) }],
    1000,
  );
  pingPong.close();
  await measureRow(
    session,
    { family: FAMILY, id: "rested", title: "a call after 3 ms without any", unit: "µs" },
    started.filter(({ running }) => running.bulk === undefined)
      .map(({ contender, running }) => afterRests(contender.name, running.bind("same"))),
    1000,
  );

  for (const size of BATCHES) {
    if (session.quick && size !== 1_000) continue;
    const values = Array.from({ length: size }, (_, i) => i);
    const entrants = started.map(({ contender, running }) => ({
      name: contender.name,
      run: atOnce(running, "same", values),
    }));
    const title = `${size.toLocaleString("en")} at once`;
    await measureRow(
      session,
      { family: FAMILY, id: `at-once-${size}`, title: `${title}, for each`, unit: "µs" },
      entrants,
      1000 / size,
    );
  }
}

/** How long nothing is called, in milliseconds: by then every contender's threads sleep. */
const REST = 3;

/** Only the calls are timed: the rests are taken off again. */
function afterRests(name: string, call: Call): Entrant {
  return {
    name,
    async run(times) {
      let inCalls = 0;
      for (let i = 0; i < times; i++) {
        await new Promise((resolve) => setTimeout(resolve, REST));
        const began = performance.now();
        await call(7);
        inCalls += performance.now() - began;
      }
      return inCalls;
    },
  };
}
