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
import { contender as postMessage } from "./contenders/post_message.ts";
import { type Entrant, measure } from "./harness/blocks.ts";
import { PROCESSORS, RUNTIME, VERSION } from "./harness/platform.ts";
import { atOnce, oneByOne } from "./harness/session.ts";

/** Most of `postMessage`'s time that 1,000 calls at once may take; the aim is a tenth. */
const AT_ONCE = 3 / 4;
/**
 * The same for one call after another. On a quiet machine it is a twentieth; where
 * other programs keep the processors busy, both sides sleep before each call, and
 * that costs much the same. The raw ping-pong would be a sharper measure, but
 * there its threads spin on while those of calls sleep, and the ratio says nothing.
 */
const ONE_BY_ONE = 3;
const ATTEMPTS = 5;

/** Short blocks, and many: on a busy machine some fall into quiet moments. */
const EFFORT = { block: 5, blocks: 40, row: 1_000, warmUp: 60, leadIn: 10 };

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
    console.log(`${word}: ${what}: ${found.toFixed(2)} of postMessage's time (limit ${limit})`);
    if (found <= limit) return true;
  }
  return false;
}

console.log(`${RUNTIME} ${VERSION}, ${PROCESSORS} processors`);
const ours = await multicore.start(1);
const bare = await postMessage.start(1);
const values = Array.from({ length: 1_000 }, (_, i) => i);

const results = [
  await holds("1,000 calls at once", AT_ONCE, () =>
    ratio(
      { name: "multicore", run: atOnce(ours, "same", values) },
      { name: "postMessage", run: atOnce(bare, "same", values) },
    )),
  await holds("one call after another", ONE_BY_ONE, () =>
    ratio(
      { name: "multicore", run: oneByOne(ours.bind("same"), 7) },
      { name: "postMessage", run: oneByOne(bare.bind("same"), 7) },
    )),
];
process.exit(results.every(Boolean) ? 0 : 1);
