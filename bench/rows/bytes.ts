/**
 * Bytes as an argument, as a result and as both, one call after another on one
 * warm worker. The caller keeps its bytes, and so does the worker.
 *
 * For comparison: copying them once into shared memory and once out of it; and,
 * where both ways are measured, `postMessage` that transfers them there and back,
 * for callers that do not keep them.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import { startThread } from "../harness/threads.ts";
import type { Entrant } from "../harness/blocks.ts";
import { measureRow, oneByOne, type Session, startAll, type Started } from "../harness/session.ts";

const FAMILY = "bytes";
const SIZES = [1, 64, 1024, 16 * 1024, 64 * 1024];

/** Measures the rows of this family. */
export async function bytes(session: Session): Promise<void> {
  const started = (await startAll(session, 1)).filter(({ running }) => running.bulk === undefined);
  const transfer = await startTransfer();
  // Who took too long with fewer bytes is not asked again.
  const tooSlow = new Set<string>();
  for (const kib of SIZES) {
    if (session.quick && kib !== 1024) continue;
    const sent = new Uint8Array(1024 * kib).map((_, i) => i * 31);
    const size = kib < 1024 ? `${kib} KiB` : `${kib / 1024} MiB`;
    const row = async (id: string, title: string, entrants: readonly Entrant[]) => {
      const { slow } = await measureRow(
        session,
        { family: FAMILY, id: `${kib}k-${id}`, title: `${size} ${title}`, unit: "µs" },
        entrants.filter(({ name }) => !tooSlow.has(`${id} ${name}`)),
        1000,
      );
      for (const name of slow) tooSlow.add(`${id} ${name}`);
    };
    await row("argument", "as the argument", [
      ...started.map((one) => argument(one, sent)),
      ...lent(started, sent),
      ...copies(sent),
    ]);
    if (session.quick) continue;
    await row("result", "as the result", started.map((one) => result(one, sent.length)));
    await row("both", "there and back", [
      ...started.map((one) => both(one, sent)),
      transfer.entrant(sent),
    ]);
  }
  transfer.close();
}

function argument({ contender, running }: Started, sent: Uint8Array): Entrant {
  const call = running.bind("take");
  return {
    name: contender.name,
    check: async () => equal(await call(sent), sent.length),
    run: oneByOne(call, sent),
  };
}

function result({ contender, running }: Started, length: number): Entrant {
  const call = running.bind("make");
  return {
    name: contender.name,
    check: async () => checkBytes(await call(length), new Uint8Array(length).fill(7)),
    run: oneByOne(call, length),
  };
}

function both({ contender, running }: Started, sent: Uint8Array): Entrant {
  const call = running.bind("same");
  return {
    name: contender.name,
    check: async () => checkBytes(await call(sent), sent),
    run: oneByOne(call, sent),
  };
}

function lent(started: readonly Started[], sent: Uint8Array): Entrant[] {
  return started.flatMap(({ contender, running }) => {
    if (running.borrowing === undefined) return [];
    const call = running.borrowing("take");
    return [{
      name: `${contender.name}, borrowed`,
      check: async () => equal(await call(sent), sent.length),
      run: oneByOne(call, sent),
    }];
  });
}

function copies(sent: Uint8Array): Entrant[] {
  const shared = new Uint8Array(new SharedArrayBuffer(sent.length));
  return [{
    name: "copy in",
    run: (times) => {
      for (let i = 0; i < times; i++) shared.set(sent);
    },
  }, {
    name: "copy in and out",
    run: (times) => {
      for (let i = 0; i < times; i++) {
        shared.set(sent);
        kept = shared.slice();
      }
    },
  }];
}

/** Keeps a copy in use, so that making it is not left out. */
let kept: Uint8Array | undefined;

function checkBytes(value: unknown, wanted: Uint8Array): void {
  if (!(value instanceof Uint8Array)) throw new TypeError(`gives ${String(value)} for bytes`);
  equal(value.length, wanted.length);
  const step = Math.max(1, Math.floor(wanted.length / 1000));
  for (let i = 0; i < wanted.length; i += step) equal(value[i], wanted[i]);
  equal(kept === undefined || kept.length > 0, true);
}

/** Bytes that change hands: a reference for callers that give theirs away. */
async function startTransfer(): Promise<{ entrant(sent: Uint8Array): Entrant; close(): void }> {
  let answered!: (message: unknown) => void;
  let answer = new Promise<unknown>((resolve) => answered = resolve);
  const url = new URL("../contenders/transfer_worker.ts", import.meta.url);
  const thread = await startThread(url, (message) => answered(message));
  await answer; // it has loaded
  return {
    entrant(sent) {
      let own = sent.slice();
      return {
        name: "postMessage, transferred",
        run: async (times) => {
          for (let i = 0; i < times; i++) {
            answer = new Promise((resolve) => answered = resolve);
            thread.send(own, [own.buffer]);
            own = await answer as Uint8Array<ArrayBuffer>;
          }
        },
      };
    },
    close: () => thread.terminate(),
  };
}
