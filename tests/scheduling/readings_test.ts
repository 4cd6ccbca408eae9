import { test } from "node:test";
import { Readings } from "../../src/scheduling/readings.ts";
import { assert, assertEquals } from "../../deps.ts";

/** How many events pass up to the next reading, that one included. */
function distance(readings: Readings): number {
  let events = 1;
  while (!readings.count()) events++;
  readings.read();
  return events;
}

test("Readings become rarer while little time passes, down to a limit", () => {
  const readings = new Readings(16, 1e6);
  assertEquals(Array.from({ length: 7 }, () => distance(readings)), [1, 2, 4, 8, 16, 16, 16]);
});

test("Readings come with each event where much time passes", () => {
  const readings = new Readings(16, 0);
  assertEquals(Array.from({ length: 4 }, () => distance(readings)), [1, 1, 1, 1]);
});

test("Readings.hurry has the next event read the clock", () => {
  const readings = new Readings(16, 1e6);
  for (let i = 0; i < 5; i++) distance(readings);
  readings.hurry();
  assert(readings.count());
  const before = performance.now();
  assert(readings.read() >= before);
});
