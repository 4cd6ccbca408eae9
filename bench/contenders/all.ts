/**
 * Who takes part. Each is loaded by its name, when it is asked for: what does
 * not load in some runtime must not keep the others from it.
 *
 * @module
 */
import type { Contender } from "../harness/contender.ts";

const LOADERS: Readonly<Record<string, () => Promise<Contender>>> = {
  "multicore": async () => (await import("./multicore.ts")).contender,
  "multicore Task": async () => (await import("./multicore.ts")).taskContender,
  "postMessage": async () => (await import("./post_message.ts")).contender,
  "piscina": async () => (await import("./piscina.ts")).contender,
  "tinypool": async () => (await import("./tinypool.ts")).contender,
  "workerpool": async () => (await import("./workerpool.ts")).contender,
  "poolifier": async () => (await import("./poolifier.ts")).contender,
  "multithreading": async () => (await import("./multithreading.ts")).contender,
  "comlink": async () => (await import("./comlink.ts")).contender,
};

/** Names of all contenders; the first is what the others are compared with. */
export const CONTENDERS: readonly string[] = Object.keys(LOADERS);

/** @throws {RangeError} Where nobody has that name. */
export function loadContender(name: string): Promise<Contender> {
  const load = LOADERS[name];
  if (load === undefined) {
    throw new RangeError(`Cannot run ${JSON.stringify(name)}: there are ${CONTENDERS.join(", ")}`);
  }
  return load();
}
