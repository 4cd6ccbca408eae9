/**
 * What a pool costs that has nothing to do: processor time of the whole process
 * while all workers are idle, after some work. In a process of its own.
 *
 * @module
 */
import { loadContender } from "../contenders/all.ts";
import { collectGarbage, pause, PROCESSORS, processorTime } from "../harness/platform.ts";

/** How long things may settle before, in milliseconds. */
const SETTLE = 1_000;

/**
 * @param name A contender, or "no pool".
 * @param duration How long to look, in milliseconds.
 * @returns Milliseconds of processor time.
 */
export async function idle(name: string, duration: number): Promise<number> {
  if (name !== "no pool") {
    const running = await (await loadContender(name)).start(PROCESSORS);
    const call = running.bind("same");
    for (let i = 0; i < 10; i++) {
      await Promise.all(Array.from({ length: 100 }, (_, i) => call(i)));
    }
  }
  collectGarbage();
  await pause(SETTLE);
  const before = processorTime();
  await pause(duration);
  return processorTime() - before;
}
