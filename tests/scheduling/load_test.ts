import { test } from "node:test";
import { assertAlmostEquals, assertEquals } from "../../deps.ts";
import { LoadMeter } from "../../src/scheduling/load.ts";

/** A machine whose clock and processors are told what to say. */
class Machine {
  seconds = 0;
  used: number | undefined = 0;
  average: number | undefined;
  busy = 0;
  readonly meter = new LoadMeter(
    { loadAverage: () => this.average, processorTime: () => this.used },
    () => this.busy,
    () => this.seconds,
  );

  /** Passes time in which so many processors are busy. */
  pass(seconds: number, processors: number): void {
    this.seconds += seconds;
    if (this.used !== undefined) this.used += seconds * processors;
    this.busy = processors;
  }
}

test("LoadMeter gives the system's load where there is one", () => {
  const machine = new Machine();
  machine.average = 1.5;
  machine.pass(60, 8);
  assertEquals(machine.meter.read(), 1.5);
  machine.average = 0;
  assertEquals(machine.meter.read(), 0);
});

test("LoadMeter estimates from processor time where there is none", () => {
  const machine = new Machine();
  assertEquals(machine.meter.read(), 0);
  machine.pass(60, 2);
  assertAlmostEquals(machine.meter.read(), 2 * (1 - Math.exp(-1)), 1e-9);
  machine.pass(6000, 2);
  assertAlmostEquals(machine.meter.read(), 2, 1e-9);
  machine.pass(60, 0);
  assertAlmostEquals(machine.meter.read(), 2 * Math.exp(-1), 1e-9);
});

test("LoadMeter gives the same however often it is read", () => {
  const [often, once] = [new Machine(), new Machine()];
  for (let i = 0; i < 300; i++) {
    often.pass(0.1, 3);
    often.meter.read();
  }
  once.pass(30, 3);
  assertAlmostEquals(often.meter.read(), once.meter.read(), 1e-9);
  assertEquals(once.meter.read(), once.meter.read());
});

test("LoadMeter looks at busy workers where processor time is unknown too", () => {
  const machine = new Machine();
  machine.used = undefined;
  machine.pass(6000, 3);
  assertAlmostEquals(machine.meter.read(), 3, 1e-9);
});
