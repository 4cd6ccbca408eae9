import { test } from "node:test";
import { MulticoreError } from "../../mod.ts";
import { AppendLog } from "../../src/memory/append_log.ts";
import { arenaBuffer } from "../../src/memory/arena.ts";
import { Views } from "../../src/memory/views.ts";
import { runtime } from "../../src/runtime/mod.ts";
import { Inbox } from "../../src/task/inbox.ts";
import { Modules } from "../../src/task/modules.ts";
import { Outbox } from "../../src/task/outbox.ts";
import { BLOCK, FAILED, INLINE } from "../../src/task/payload_kind.ts";
import { ShapeReader } from "../../src/task/shapes.ts";
import { Lane, laneBuffer } from "../../src/transport/lane.ts";
import {
  ARGUMENTS_KIND,
  ARGUMENTS_LENGTH,
  INLINE_BYTES,
  RESULT_BLOCK,
  RESULT_KIND,
  RESULT_LENGTH,
  SLOT_WORDS,
} from "../../src/transport/slot.ts";
import { assertEquals, assertThrows } from "../../deps.ts";

const context = { identities: new Modules(), natives: runtime.natives };
const SLOT = 3;

function world() {
  const size = { slots: 32, workers: 1 };
  const lane = new Lane(laneBuffer(size), size);
  const shapes = new ShapeReader(new AppendLog(AppendLog.create(4096)));
  const views = new Views(arenaBuffer(1 << 16, 1 << 16));
  const inbox = new Inbox(lane, views, shapes, context);
  const set = (field: number, word: number) => lane.words[SLOT * SLOT_WORDS + field] = word;
  return { lane, inbox, set };
}

test("Inbox.result refuses lengths, blocks and forms that cannot be", () => {
  const { lane, inbox, set } = world();
  const outbox = new Outbox(undefined, undefined, context).toSlot(lane, SLOT);
  outbox.value("structured", "fits");
  set(RESULT_KIND, INLINE);
  set(RESULT_LENGTH, outbox.length);
  assertEquals(inbox.result(SLOT), "fits");
  for (const length of [0, INLINE_BYTES + 1, 5000, 2 ** 31 - 1, -1, -(2 ** 31)]) {
    for (const kind of [INLINE, INLINE | FAILED]) {
      set(RESULT_KIND, kind);
      set(RESULT_LENGTH, length);
      assertThrows(() => inbox.result(SLOT), MulticoreError, "Cannot ");
    }
  }
  set(RESULT_LENGTH, 100);
  for (const block of [-1, -(2 ** 31), 2 ** 31 - 1, 1 << 16]) {
    for (const kind of [BLOCK, BLOCK | FAILED]) {
      set(RESULT_KIND, kind);
      set(RESULT_BLOCK, block);
      assertThrows(() => inbox.result(SLOT), MulticoreError, "Cannot ");
    }
  }
  for (const form of [7, 8, 9, 15, 7 | FAILED]) {
    set(RESULT_KIND, form);
    assertThrows(() => inbox.result(SLOT), MulticoreError, "Cannot read a result of form");
  }
});

test("Inbox.result reads nothing of the slots beside its own", () => {
  const { lane, inbox, set } = world();
  // A string that goes on in the next slots, as an encoder writes it where it has the room.
  const outbox = new Outbox(undefined, undefined, context).toScratch();
  outbox.value("structured", "x".repeat(1000));
  lane.bytes.set(outbox.bytes!, SLOT * SLOT_WORDS * 4 + 40);
  set(RESULT_KIND, INLINE);
  set(RESULT_LENGTH, outbox.length);
  assertThrows(() => inbox.result(SLOT), MulticoreError, "room for 216");
});

test("Inbox.arguments refuses more than fits into a slot", () => {
  const { inbox, set } = world();
  set(ARGUMENTS_KIND, INLINE);
  for (const length of [INLINE_BYTES + 1, -1]) {
    set(ARGUMENTS_LENGTH, length);
    assertThrows(() => inbox.arguments(SLOT), MulticoreError, "room for 216");
  }
});
