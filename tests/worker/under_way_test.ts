import { test } from "node:test";
import { assertEquals } from "../../deps.ts";
import { ASKED, CONTROL_BYTES, countersOf, DEATHS } from "../../src/memory/layout.ts";
import { type ListeningJob, UnderWay } from "../../src/worker/under_way.ts";
import type { WorkerHandles } from "../../src/worker/worker_handles.ts";

/** A job that counts how often it is looked at, and is told once that nobody waits for it. */
class Listening implements ListeningJob {
  static looks = 0;
  wanted = true;
  told = 0;

  get isWanted(): boolean {
    Listening.looks++;
    return this.wanted;
  }

  abort(): void {
    this.told++;
  }
}

function books(jobs: number) {
  const shared = new SharedArrayBuffer(CONTROL_BYTES);
  const control = new Int32Array(shared);
  const counters = countersOf(shared, 1);
  const underWay = new UnderWay(control, counters, {} as WorkerHandles);
  const listening = Array.from({ length: jobs }, () => new Listening());
  for (const job of listening) underWay.listen(job);
  const tell = () => {
    if (underWay.anyToTell) underWay.abortUnwanted();
    return listening.map((job) => job.told);
  };
  tell();
  Listening.looks = 0;
  return { control, counters, underWay, listening, tell };
}

test("Jobs that listen are not looked at while nobody was given up", () => {
  const { underWay } = books(1000);
  for (let i = 0; i < 1000; i++) assertEquals(underWay.anyToTell, false);
  assertEquals(Listening.looks, 0);
});

test("A job is told once that it was given up, after its owner has said so", () => {
  const { counters, listening, tell } = books(3);
  listening[1]!.wanted = false;
  Atomics.add(counters, ASKED, 1);
  assertEquals(tell(), [0, 1, 0]);
  assertEquals(tell(), [0, 1, 0]);
  assertEquals(Listening.looks, 3);
});

test("An owner that speaks before its job is seen given up is heard all the same", () => {
  const { counters, listening, tell } = books(1);
  Atomics.add(counters, ASKED, 1);
  assertEquals(tell(), [0]);
  listening[0]!.wanted = false;
  assertEquals(tell(), [0]);
  Atomics.add(counters, ASKED, 1);
  assertEquals(tell(), [1]);
});

test("A job is told of the death of its owner, and of what this thread gives up itself", () => {
  const { control, underWay, listening, tell } = books(2);
  listening[0]!.wanted = false;
  Atomics.add(control, DEATHS, 1);
  assertEquals(tell(), [1, 0]);
  listening[1]!.wanted = false;
  underWay.lookAgain();
  assertEquals(tell(), [1, 1]);
});

test("What a listener gives up is told too", () => {
  const { underWay, listening, tell } = books(2);
  // The first to be looked at, so that the look is past it.
  listening[1]!.abort = () => {
    listening[1]!.told++;
    listening[0]!.wanted = false;
    underWay.lookAgain();
  };
  listening[1]!.wanted = false;
  underWay.lookAgain();
  assertEquals(tell(), [0, 1]);
  assertEquals(tell(), [1, 1]);
});
