/**
 * Values of every kind, there and back, on one warm worker: one call after
 * another, and 1,000 at once.
 *
 * @module
 */
import { deepEqual } from "node:assert/strict";
import type { TaskName } from "../harness/contender.ts";
import { atOnce, measureRow, oneByOne, type Session, startAll } from "../harness/session.ts";

const FAMILY = "payloads";
const AT_ONCE = 1_000;

interface Payload {
  readonly id: string;
  readonly title: string;
  readonly task: TaskName;
  readonly value: unknown;
}

const PAYLOADS: readonly Payload[] = [
  { id: "void", title: "nothing", task: "nothing", value: undefined },
  { id: "number", title: "a number", task: "same", value: 3.14159 },
  { id: "short", title: "a string of 12 characters", task: "same", value: "Hello, Earth" },
  { id: "text-1k", title: "a string of 1 KiB", task: "same", value: "0123456789abcdef".repeat(64) },
  {
    id: "text-64k",
    title: "a string of 64 KiB",
    task: "same",
    value: "0123456789abcdef".repeat(4096),
  },
  {
    id: "object",
    title: "{ id, msg }",
    task: "same",
    value: { id: 12_345, msg: "a message of some length" },
  },
  { id: "nested", title: "nested objects of 20 fields", task: "same", value: nested() },
  {
    id: "array",
    title: "an array of 1,000 numbers",
    task: "same",
    value: Array.from({ length: 1_000 }, (_, i) => i * 1.5),
  },
  {
    id: "map",
    title: "a Map of 10 with a Date",
    task: "same",
    value: {
      at: new Date(1_700_000_000_000),
      counts: new Map(Array.from({ length: 10 }, (_, i) => [`key ${i}`, i])),
    },
  },
];

function nested(): unknown {
  const person = (name: string) => ({ name, age: 36, email: `${name}@example.org`, admin: false });
  return {
    id: 98_765,
    title: "An order",
    paid: true,
    total: 129.95,
    buyer: person("ada"),
    seller: person("grace"),
    address: { street: "1 Main Street", city: "Springfield", code: "12345", country: "US" },
    note: null,
  };
}

/** Measures the rows of this family. */
export async function payloads(session: Session): Promise<void> {
  const started = await startAll(session, 1);
  for (const { id, title, task, value } of PAYLOADS) {
    if (session.quick && id !== "object") continue;
    const singles = started
      .filter(({ running }) => running.bulk === undefined)
      .map(({ contender, running }) => {
        const call = running.bind(task);
        return {
          name: contender.name,
          check: async () => deepEqual(await call(value), value),
          run: oneByOne(call, value),
        };
      });
    await measureRow(
      session,
      { family: FAMILY, id: `${id}-one`, title: `${title}, one after another`, unit: "µs" },
      singles,
      1000,
    );

    const values = Array.from({ length: AT_ONCE }, () => value);
    const batches = started.map(({ contender, running }) => ({
      name: contender.name,
      run: atOnce(running, task, values),
    }));
    await measureRow(
      session,
      {
        family: FAMILY,
        id: `${id}-at-once`,
        title: `${title}, 1,000 at once, for each`,
        unit: "µs",
      },
      batches,
      1000 / AT_ONCE,
    );
  }
}
