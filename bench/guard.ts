/**
 * Guards the speed of calls in CI: ratios within one run, with a generous margin,
 * so that it tells a path that has become slow from a machine that is.
 *
 * Of several blocks the best counts on either side: noise only ever adds time.
 * Ends with status 1 where a ratio is far off in every attempt.
 *
 * @module
 */
import process from "node:process";
import { contender as multicore } from "./contenders/multicore.ts";
import { startPingPong } from "./contenders/ping_pong.ts";
import { contender as postMessage } from "./contenders/post_message.ts";
import { type Entrant, measure } from "./harness/blocks.ts";
import { PROCESSORS, RUNTIME, VERSION } from "./harness/platform.ts";
import { atOnce, oneByOne } from "./harness/session.ts";

/** One call after another may take so many times what the ping-pong takes; the aim is 3. */
const MOST_OF_PING_PONG = 15;
/** 1,000 calls at once may take half of what `postMessage` takes; the aim is a tenth. */
const MOST_OF_POST_MESSAGE = 1 / 2;
const ATTEMPTS = 4;

/** Short blocks, and many: on a busy machine some fall into quiet moments. */
const EFFORT = { block: 4, blocks: 60, row: 1_500, warmUp: 60, leadIn: 4 };

/** @returns How many times the first entrant's best time is the second's. */
async function ratio(ours: Entrant, theirs: Entrant): Promise<number> {
  const { times, failures } = await measure([ours, theirs], EFFORT, () => {});
  const [failed] = Object.entries(failures);
  if (failed !== undefined) throw new Error(`${failed[0]}: ${failed[1]}`);
  return times[ours.name]!.min / times[theirs.name]!.min;
}

/** @returns Whether the ratio came under the limit. */
async function holds(what: string, limit: number, once: () => Promise<number>): Promise<boolean> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await once();
    const word = found <= limit ? "ok" : "too slow";
    console.log(`${word}: ${what}: ${found.toFixed(2)} (limit ${limit.toFixed(2)})`);
    if (found <= limit) return true;
  }
  return false;
}

console.log(`${RUNTIME} ${VERSION}, ${PROCESSORS} processors`);
const ours = await multicore.start(1);
const bare = await postMessage.start(1);
const pingPong = await startPingPong();
const values = Array.from({ length: 1_000 }, (_, i) => i);

const results = [
  await holds("1,000 calls at once, by postMessage's time", MOST_OF_POST_MESSAGE, () =>
    ratio(
      { name: "multicore", run: atOnce(ours, "same", values) },
      { name: "postMessage", run: atOnce(bare, "same", values) },
    )),
];
if (PROCESSORS > 1) { // else two threads cannot spin at a time
  results.push(
    await holds(
      "one call after another, by the raw ping-pong's time",
      MOST_OF_PING_PONG,
      () =>
        ratio(
          { name: "multicore", run: oneByOne(ours.bind("same"), 7) },
          { name: "ping-pong", run: (times) => pingPong.play(times) },
        ),
    ),
  );
}
process.exit(results.every(Boolean) ? 0 : 1);
