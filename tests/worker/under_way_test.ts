import { test } from "node:test";
import { assertEquals } from "../../deps.ts";
import { ASKED, CONTROL_BYTES, countersOf, DEATHS } from "../../src/memory/layout.ts";
import { UnderWay } from "../../src/worker/under_way.ts";
import type { WorkerHandles } from "../../src/worker/worker_handles.ts";

/** A job that counts how often it is looked at, and is told that nobody waits for it. */
class Job {
  static looks = 0;
  wanted = true;
  told = 0;

  get isWanted(): boolean {
    Job.looks++;
    return this.wanted;
  }

  abort(): void {
    this.told++;
  }
}

/** The same in a slot, which it gives back. */
class SlotJob extends Job {
  letGo(): boolean {
    return true;
  }
}

function books(listeners: number) {
  const shared = new SharedArrayBuffer(CONTROL_BYTES);
  const control = new Int32Array(shared);
  const counters = countersOf(shared, 1);
  const underWay = new UnderWay(control, counters, {} as WorkerHandles, 2);
  const listening = Array.from({ length: listeners }, () => new Job());
  for (const job of listening) underWay.listen(job);
  const see = () => {
    if (underWay.anyGivenUp) underWay.seeToGivenUp();
    return listening.map((job) => job.told);
  };
  see();
  Job.looks = 0;
  return { control, counters, underWay, listening, see };
}

test("Jobs that listen are not looked at while nobody was given up", () => {
  const { underWay } = books(1000);
  for (let i = 0; i < 1000; i++) assertEquals(underWay.anyGivenUp, false);
  assertEquals(Job.looks, 0);
});

test("A job is told once that it was given up, after its owner has said so", () => {
  const { counters, listening, see } = books(3);
  listening[1]!.wanted = false;
  Atomics.add(counters, ASKED, 1);
  assertEquals(see(), [0, 1, 0]);
  assertEquals(see(), [0, 1, 0]);
  assertEquals(Job.looks, 3);
});

test("An owner that speaks before its job is seen given up is heard all the same", () => {
  const { counters, listening, see } = books(1);
  Atomics.add(counters, ASKED, 1);
  assertEquals(see(), [0]);
  listening[0]!.wanted = false;
  assertEquals(see(), [0]);
  Atomics.add(counters, ASKED, 1);
  assertEquals(see(), [1]);
});

test("A job is told of the death of its owner", () => {
  const { control, listening, see } = books(2);
  listening[0]!.wanted = false;
  Atomics.add(control, DEATHS, 1);
  assertEquals(see(), [1, 0]);
});

test("Many jobs that await are not looked at while nobody was given up", () => {
  const { underWay, see } = books(0);
  for (let i = 0; i < 1000; i++) underWay.begin(new SlotJob());
  see();
  for (let i = 0; i < 1000; i++) underWay.begin(new Job());
  Job.looks = 0;
  for (let i = 0; i < 1000; i++) see();
  assertEquals([Job.looks, underWay.awaiting], [0, 2000]);
});

test("Jobs that go on unheard hold fewer slots than a few hundred", () => {
  const { counters, underWay, see } = books(0);
  const giveUp = (job: SlotJob) => {
    job.wanted = false;
    Atomics.add(counters, ASKED, 1);
    see();
  };
  const few = Array.from({ length: 200 }, () => new SlotJob());
  few.forEach((job) => underWay.begin(job));
  few.slice(0, 150).forEach(giveUp);
  assertEquals(underWay.awaiting, 200);
  const more = Array.from({ length: 200 }, () => new SlotJob());
  more.forEach((job) => underWay.begin(job));
  see();
  assertEquals(underWay.awaiting, 250);
  // There are few again.
  giveUp(more[0]!);
  assertEquals(underWay.awaiting, 250);
  assertEquals(underWay.finish(few[0]!), false);
  assertEquals(underWay.finish(few[199]!), true);
});

test("A job without a slot that is given up awaits no more, and no other is looked at", () => {
  const { underWay, see } = books(0);
  const jobs = Array.from({ length: 1000 }, () => new Job());
  jobs.forEach((job) => underWay.begin(job));
  const nested = jobs[1]!;
  nested.abort = () => {
    nested.told++;
    underWay.giveUp(jobs[0]!);
  };
  Job.looks = 0;
  underWay.giveUp(nested);
  // What a listener gives up comes with the next look.
  for (const awaiting of [999, 998, 998]) {
    see();
    assertEquals(underWay.awaiting, awaiting);
  }
  assertEquals([nested.told, jobs[0]!.told, Job.looks], [1, 1, 0]);
  assertEquals([nested, jobs[2]!].map((job) => underWay.finish(job)), [false, true]);
});
