import { test } from "node:test";
import { Decoder } from "../../src/codec/mod.ts";
import { Arena, arenaBuffer } from "../../src/memory/arena.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { Modules } from "../../src/task/modules.ts";
import { Outbox } from "../../src/task/outbox.ts";
import { Lane, laneBuffer } from "../../src/transport/lane.ts";
import { assert, assertEquals } from "../../deps.ts";

const context = { identities: new Modules(), natives: runtime.natives };

test("Outbox knows where an error is whose block could not grow", () => {
  const size = { slots: 32, workers: 1 };
  const lane = new Lane(laneBuffer(size), size);
  const arena = new Arena(arenaBuffer(1 << 16, 1 << 20), 1 << 20);
  const take = arena.take.bind(arena);
  let takes = 0;
  // As where the system has no more memory; the first block holds some of the error by then.
  arena.take = (bytes) => {
    if (++takes >= 2) throw new RangeError("cannot grow");
    return take(bytes);
  };
  const outbox = new Outbox(arena, undefined, context).toSlot(lane, 3);
  const message = "m".repeat(120);
  const thrown = Object.assign(new Error(message), { stack: "s".repeat(120) });
  outbox.error(Object.assign(thrown, { large: "y".repeat(100_000) }));
  assert(takes >= 2);
  // Neither in a block nor, so many bytes, in the slot.
  assertEquals(outbox.block, -1);
  const bytes = outbox.bytes!.slice();
  const view = new DataView(bytes.buffer);
  const error = new Decoder(context).error(bytes, view, 0, bytes.length);
  assertEquals((error as Error).message, message);
  assertEquals(arena.used, 0);
});
