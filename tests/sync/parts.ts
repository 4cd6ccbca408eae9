/**
 * What both sides of the stress tests of sleeping do.
 *
 * @module
 */
import { AWAKE, type Parker } from "../../src/sync/parker.ts";
import { Sleepers } from "../../src/sync/sleepers.ts";
import type { Random } from "../support/random.ts";

/** Longest sleep in milliseconds: a longer one is a wake-up that was lost. */
export const LOST = 10_000;

/** Word: how many jobs must run at the same time; 0 where each runs by itself. */
export const TOGETHER = 1;
/** Word: how many of these have begun. */
export const BEGUN = 2;

/**
 * One side of a game: waits until the ball shows its parity, adds one, wakes the
 * other side. Sleeps now in one way, now in the other.
 *
 * @returns Whether it never waited longer than a lost wake-up takes to show.
 */
export async function play(
  self: Parker,
  other: Parker,
  ball: Int32Array,
  rounds: number,
  parity: number,
  random: Random,
): Promise<boolean> {
  for (let round = 0; round < rounds; round++) {
    while ((Atomics.load(ball, 0) & 1) === parity) {
      // Looks now and then once more before it announces, so that the steps meet in all orders.
      for (let i = random.below(40); i > 0; i--) Atomics.load(ball, 0);
      self.announce();
      if ((Atomics.load(ball, 0) & 1) === parity) {
        const how = random.below(20);
        if (how > 0) {
          if (!self.block(LOST)) return false;
        } else {
          // Sometimes it is left pending, and a blocking sleep follows.
          const waking = self.sleep();
          if (waking !== undefined && random.below(2) === 0) await waking;
        }
      }
      self.state = AWAKE;
    }
    Atomics.add(ball, 0, 1);
    other.unpark();
  }
  return true;
}

/** Runners' parking places in these words: 128 bytes for each, after four such. */
export function sleepersOf(control: Int32Array): Sleepers {
  return new Sleepers(control, 0, 32, (runner) => 128 + 32 * runner);
}
