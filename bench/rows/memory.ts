/**
 * Memory that the process holds: more for each worker, and more after a great
 * many calls than before. In a process of its own.
 *
 * @module
 */
import { loadContender } from "../contenders/all.ts";
import type { Running } from "../harness/contender.ts";
import { collectGarbage, pause, residentBytes } from "../harness/platform.ts";

const WORKERS = 4;
const AT_ONCE = 1_000;
const MIB = 2 ** 20;

/** What was found, in MiB. */
export interface Memory {
  readonly worker: number;
  /** Growth while calls were made with numbers, and how many that were. */
  readonly numbers: Growth;
  /** The same with 1 KiB there and back. */
  readonly bytes: Growth;
}

interface Growth {
  readonly growth: number;
  readonly calls: number;
}

/**
 * @param name A contender.
 * @param duration How long to make calls of each kind, in milliseconds.
 * @param most How many of each kind at most.
 */
export async function memory(name: string, duration: number, most: number): Promise<Memory> {
  const contender = await loadContender(name);
  const before = await held();
  const running = await contender.start(WORKERS);
  await running.ready;
  const call = running.bind("same");
  for (let i = 0; i < 4; i++) {
    await Promise.all(Array.from({ length: 16 * WORKERS }, (_, i) => call(i)));
  }
  const worker = (await held() - before) / WORKERS;
  const numbers = await grow(running, 7, duration, most);
  const bytes = await grow(running, new Uint8Array(1024).fill(7), duration, most);
  return { worker, numbers, bytes };
}

async function grow(
  running: Running,
  value: unknown,
  duration: number,
  most: number,
): Promise<Growth> {
  const call = running.bind("same");
  const values = Array.from({ length: AT_ONCE }, () => value);
  const some = async (duration: number, most: number) => {
    const began = performance.now();
    let calls = 0;
    while (performance.now() - began < duration && calls < most) {
      await Promise.all(values.map((value) => call(value)));
      calls += AT_ONCE;
    }
    return calls;
  };
  await some(duration / 3, most / 4); // heaps find their size
  const before = await held();
  const calls = await some(duration, most);
  return { growth: await held() - before, calls };
}

/** @returns MiB that the process holds, without garbage. */
async function held(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await pause(30);
  }
  return residentBytes() / MIB;
}
