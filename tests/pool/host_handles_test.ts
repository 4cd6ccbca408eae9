import { test } from "node:test";
import { assert, assertEquals, assertInstanceOf, assertThrows } from "../../deps.ts";
import { MissingHandleError } from "../../src/codec/mod.ts";
import { HOST_MAIL, MAIL, RUNNER_COUNTERS } from "../../src/memory/layout.ts";
import { HostHandles } from "../../src/pool/host_handles.ts";
import { WorkerLine } from "../../src/pool/worker_line.ts";
import type { MailLine } from "../../src/runtime/adapter.ts";
import { Modules } from "../../src/task/modules.ts";
import { Parcel } from "../../src/task/parcel.ts";
import { NestedHandles } from "../../src/worker/desks.ts";
import { portableNatives } from "../../src/base/natives.ts";
import { HostLine } from "../../src/worker/host_line.ts";
import { WorkerHandles } from "../../src/worker/worker_handles.ts";

/** Two ends without threads; messages of a line that is not prompt arrive when the test says so. */
function lines(isPrompt: boolean): [MailLine, MailLine, () => void] {
  const queues: unknown[][] = [[], []];
  const onItsWay: unknown[][] = [[], []];
  const calls = [() => {}, () => {}];
  const end = (self: number): MailLine => ({
    isPrompt,
    arrivals: 0,
    get hasArrived() {
      return queues[self]!.length > 0;
    },
    onArrival: (callback) => void (calls[self] = callback),
    post: (message) => void (isPrompt ? queues : onItsWay)[1 - self]!.push(message),
    take: () => queues[self]!.shift(),
    close() {},
  });
  const deliver = () => {
    for (const side of [0, 1]) {
      queues[side]!.push(...onItsWay[side]!.splice(0));
      if (queues[side]!.length > 0) calls[side]!();
    }
  };
  return [end(0), end(1), deliver];
}

/** A host and some workers, all on this thread. */
class World {
  readonly control = new Int32Array(new SharedArrayBuffer(4 * RUNNER_COUNTERS));
  readonly context = { identities: new Modules(), natives: portableNatives };
  readonly host: HostHandles;
  readonly workers: WorkerHandles[] = [];
  readonly deliver: (() => void)[] = [];
  readonly #isPrompt: boolean;
  rings = 0;
  /** Called before the host takes a message of a worker's. */
  onTake: ((life: number) => void) | undefined;

  constructor(workers: number, isPrompt = true) {
    this.#isPrompt = isPrompt;
    this.host = new HostHandles(this.control, 1000, this.context);
    for (let life = 1; life <= workers; life++) this.join(life);
  }

  join(life: number): WorkerHandles {
    const [near, far, deliver] = lines(this.#isPrompt);
    const counters = new Int32Array(new SharedArrayBuffer(4 * RUNNER_COUNTERS));
    assertEquals(counters[MAIL], 0);
    const line = new HostLine({
      mail: far,
      control: this.control,
      counters,
      wake() {},
      ring: () => void this.rings++,
      wakeSelf() {},
    });
    const worker = new WorkerHandles(line, life, this.context);
    this.workers.push(worker);
    this.deliver.push(deliver);
    const mail = Object.create(near, {
      take: {
        value: () => {
          this.onTake?.(life);
          return near.take();
        },
      },
    });
    this.host.join(new WorkerLine({ life, mail, counters, wake() {} }));
    return worker;
  }

  /** Names something in a job of the host's. @returns Its number, and the job's parcel. */
  submit(object: SharedArrayBuffer): [number, Parcel] {
    return send(new Parcel(this.host), object);
  }

  /** Lets everybody take their mail until nobody has any; microtasks run in between. */
  async settle(): Promise<void> {
    for (let i = 0; i < 10; i++) {
      for (const deliver of this.deliver) deliver();
      if (this.host.anyMail) this.host.takeMail();
      for (const worker of this.workers) if (worker.anyMail) worker.takeMail();
      await undefined;
    }
  }

  get sizes(): number[] {
    return [this.host.size, ...this.workers.map(({ size }) => size)];
  }
}

function send(parcel: Parcel, object: SharedArrayBuffer): [number, Parcel] {
  parcel.begin();
  const number = parcel.travelOf(object) as number;
  parcel.commit();
  return [number, parcel];
}

/** Names something in a job that a worker begins. */
const nest = (worker: WorkerHandles, object: SharedArrayBuffer) =>
  send(new Parcel(new NestedHandles(worker)), object);

test("HostHandles has what a job names at all workers before the job", () => {
  const world = new World(2);
  const buffer = new SharedArrayBuffer(8);
  const [number] = world.submit(buffer);
  new Int32Array(buffer)[0] = 7;
  for (const worker of world.workers) {
    const there = worker.resolve(number) as SharedArrayBuffer;
    assertInstanceOf(there, SharedArrayBuffer);
    assertEquals(new Int32Array(there)[0], 7);
    assert(worker.resolve(number) === there);
  }
  // The same thing again costs no further message.
  const mail = world.workers.map((worker) => worker.anyMail);
  assertEquals(world.submit(buffer)[0], number);
  assertEquals(world.workers.map((worker) => worker.anyMail), mail);
  // A worker that comes later gets what jobs name that have not settled.
  assertInstanceOf(world.join(3).resolve(number), SharedArrayBuffer);
});

test("HostHandles answers for a number that nobody has sent, at once", async () => {
  const world = new World(2);
  const [worker] = world.workers as [WorkerHandles];
  for (const number of [1, 2 ** 20 + 1, 2 ** 21 + 2, 2 ** 50 + 7]) {
    assertThrows(() => worker.resolve(number), MissingHandleError);
    let answer: unknown = "none";
    worker.await(number, (error) => void (answer = error));
    await world.settle();
    assertInstanceOf(answer, Error);
    assertThrows(() => world.host.resolve(number), MissingHandleError);
    assertEquals(world.host.await(number, () => {}), false);
  }
  assertEquals(world.rings, 4);
});

test("HostHandles finds what was announced on a line that it has read before", () => {
  const world = new World(2);
  const [maker, other] = world.workers as [WorkerHandles, WorkerHandles];
  let came: unknown = "nothing";
  let number = 0;
  // The first line is read, and is empty. Before the second is, both workers post.
  world.onTake = (life) => {
    if (life !== 2) return;
    world.onTake = undefined;
    [number] = nest(maker, new SharedArrayBuffer(8));
    other.await(number, (error) => void (came = error));
  };
  world.host.takeMail();
  other.takeMail();
  assertEquals(came, undefined);
  assertInstanceOf(other.resolve(number), SharedArrayBuffer);
});

test("HostHandles lets a question wait for what is on its way, where mail has to arrive", async () => {
  const world = new World(2, false);
  const [first, second] = world.workers as [WorkerHandles, WorkerHandles];
  const [number] = nest(second, new SharedArrayBuffer(8));
  const answers: unknown[] = [];
  first.await(number, (error) => void answers.push(error));
  world.deliver[0]!();
  world.host.takeMail();
  world.deliver[0]!();
  if (first.anyMail) first.takeMail();
  assertEquals(answers, []);
  await world.settle();
  assertEquals(answers, [undefined]);
  // A worker that is gone sends nothing any more.
  first.await(7 * 2 ** 20 + 2, (error) => void answers.push(error));
  world.deliver[0]!();
  assertEquals(answers.length, 1);
  world.host.leave(2);
  await world.settle();
  assertInstanceOf(answers[1], Error);
});

test("HostHandles lets go of a nested job's memory once all have, and not before", async () => {
  const world = new World(3);
  const [owner, thief] = world.workers as [WorkerHandles, WorkerHandles];
  const [number, parcel] = nest(owner, new SharedArrayBuffer(8));
  thief.await(number, () => {});
  await world.settle();
  assertEquals(world.sizes, [1, 1, 1, 0]);
  assertInstanceOf(thief.resolve(number), SharedArrayBuffer);
  // Its owner is gone: the others are asked, and it ends with them.
  world.host.leave(1);
  await world.settle();
  assertEquals(world.sizes, [0, 1, 0, 0]);
  parcel.close();
});

test("WorkerHandles keeps what its own jobs name, and gets it anew where it has let go", async () => {
  const world = new World(2);
  const [maker, owner] = world.workers as [WorkerHandles, WorkerHandles];
  const [number, outer] = nest(maker, new SharedArrayBuffer(8));
  owner.await(number, () => {});
  await world.settle();
  // The owner's own job names what it was given.
  const given = owner.resolve(number) as SharedArrayBuffer;
  const [same, inner] = nest(owner, given);
  assertEquals(same, number);
  outer.close();
  world.host.leave(1);
  await world.settle();
  // It was asked for, and is pinned.
  assertEquals(world.sizes, [1, 1, 1]);
  const late = world.join(3);
  let came: unknown = "nothing";
  late.await(number, (error) => void (came = error));
  await world.settle();
  assertEquals(came, undefined);
  inner.close();
  await world.settle();
  assertEquals(world.sizes, [0, 1, 0, 0]);
  // What is let go gets another number when it is sent again.
  const [again] = nest(owner, given);
  assert(again !== number);
  await world.settle();
  assertEquals(world.sizes, [1, 1, 1, 0]);
});

test("HostHandles keeps what a result names until it was read", async () => {
  const world = new World(1);
  const [worker] = world.workers as [WorkerHandles];
  const buffer = new SharedArrayBuffer(8);
  const parcel = new Parcel({
    movesFrom: 0,
    refusesPorts: undefined,
    numberOf: (it) => worker.numberOf(it),
    numberOfPackage: (it) => worker.numberOf(it),
    newNumber: () => worker.newNumber(),
    send: (it) => worker.sendResult(it, 0, 77),
    close() {},
  });
  const [number] = send(parcel, buffer);
  world.host.takeMail();
  assert(world.host.anyArrived);
  // The worker is gone, and so is its program's object.
  world.host.leave(1);
  await world.settle();
  const read = world.host.resolve(number);
  assertInstanceOf(read, SharedArrayBuffer);
  world.host.forget(77);
  assert(!world.host.anyArrived);
  // The program has it now.
  assert(world.host.resolve(number) === read);
  assertEquals(world.host.size, 1);
});

test("HostHandles drops what came with a result that nobody reads", () => {
  const world = new World(1);
  const [worker] = world.workers as [WorkerHandles];
  world.host.follow((reference) => reference !== 5);
  const desk = new NestedHandles(worker);
  for (const reference of [4, 5]) {
    const parcel = new Parcel({
      ...{ movesFrom: 0, refusesPorts: undefined },
      numberOf: (it) => desk.numberOf(it),
      numberOfPackage: (it) => desk.numberOfPackage(it),
      newNumber: () => desk.newNumber(),
      send: (it) => worker.sendResult(it, 0, reference),
      close() {},
    });
    parcel.begin();
    parcel.travelOf(new SharedArrayBuffer(8));
    parcel.commit();
    world.host.takeMail();
    assertEquals(world.host.anyArrived, reference === 4);
    world.host.forget(reference);
    assert(!world.host.anyArrived);
  }
  assert(Atomics.load(world.control, HOST_MAIL) === 2);
});
