import { test } from "node:test";
import { type SpinPolicy, spinUntil } from "../../src/sync/spinner.ts";
import { assert, assertEquals } from "../../deps.ts";
import { words } from "./threads.ts";

/** A policy that always allows the same time, and what it was told. */
class Told implements SpinPolicy {
  readonly told: string[] = [];
  readonly #time: number;

  constructor(time: number) {
    this.#time = time;
  }
  begin(slept: boolean): number {
    this.told.push(slept ? "begin after sleep" : "begin");
    return this.#time;
  }
  hit(): void {
    this.told.push("hit");
  }
  missed(): void {
    this.told.push("missed");
  }
}

/** A word that is something else at the so manieth look at it. */
function changingAt(look: number): { words: Int32Array; at: number; looks: number } {
  const watched = { words: words(2), at: 1, looks: 0 };
  const { load } = Atomics;
  Atomics.load = ((array: Int32Array, index: number) => {
    if (array === watched.words && ++watched.looks === look) array[index] = 7;
    return load(array, index);
  }) as typeof load;
  return watched;
}

/** Puts `Atomics` right again. */
function withAtomics(run: () => void): void {
  const { load } = Atomics;
  try {
    run();
  } finally {
    Atomics.load = load;
  }
}

test("spinUntil looks once where no time is given", () => {
  const policy = new Told(0);
  const watched = { words: words(1), at: 0 };
  let looks = 0;
  assertEquals(spinUntil(policy, true, watched, () => ++looks === 1), true);
  assertEquals(spinUntil(policy, false, watched, () => false), false);
  assertEquals([looks, ...policy.told], [1, "begin after sleep", "begin"]);
});

test("spinUntil finds what was there before it began", () => {
  const policy = new Told(1000);
  assertEquals(spinUntil(policy, false, { words: words(1), at: 0 }, () => true), true);
  assertEquals(policy.told, ["begin", "hit"]);
});

test("spinUntil sees a change of the word, whenever it comes", () => {
  for (const look of [1, 2, 3, 33, 34, 35, 100, 1000, 5000]) {
    withAtomics(() => {
      const policy = new Told(1000);
      const watched = changingAt(look);
      const isSo = () => watched.words[watched.at] !== 0;
      assertEquals(spinUntil(policy, false, watched, isSo), true);
      assertEquals(policy.told, ["begin", "hit"]);
      assertEquals(watched.looks, look);
    });
  }
});

test("spinUntil misses no change that comes during a look at everything", () => {
  const policy = new Told(1000);
  const watched = { words: words(1), at: 0 };
  let looks = 0;
  const isSo = () => {
    // It came just after the place where this would have shown it.
    if (++looks === 3) watched.words[0] = 1;
    return false;
  };
  assertEquals(spinUntil(policy, false, watched, isSo), true);
  assertEquals(looks, 3);
});

test("spinUntil sees elsewhere what comes there, after twice as long, and after 512 looks at most", () => {
  for (const look of [1, 40, 200, 900, 5000]) {
    withAtomics(() => {
      const policy = new Told(1000);
      const watched = changingAt(Infinity);
      assertEquals(spinUntil(policy, false, watched, () => watched.looks >= look), true);
      const most = look + Math.min(look + 64, 512 + 2);
      assert(watched.looks <= most, `${watched.looks} looks for what came at ${look}`);
    });
  }
});

test("spinUntil gives up when its time is over", () => {
  const policy = new Told(5);
  const began = performance.now();
  assertEquals(spinUntil(policy, false, { words: words(1), at: 0 }, () => false), false);
  assert(performance.now() - began >= 5);
  assertEquals(policy.told, ["begin", "missed"]);
});
