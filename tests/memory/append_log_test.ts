import { test } from "node:test";
import { AppendLog } from "../../src/memory/append_log.ts";
import { assertEquals, fc } from "../../deps.ts";
import { seed } from "../support/random.ts";

test("AppendLog gives each reader every record, in order", () => {
  const script = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.constantFrom("a" as const, "b" as const)),
    { maxLength: 100 },
  );
  fc.assert(
    fc.property(script, (steps) => {
      const buffer = AppendLog.create(1 << 16);
      const writer = new AppendLog(buffer);
      const readers = { a: new AppendLog(buffer), b: new AppendLog(buffer) };
      const read = { a: 0, b: 0 };
      const records: Uint8Array[] = [];
      for (const step of steps) {
        if (typeof step === "string") {
          const next = readers[step].next();
          assertEquals(next, records[read[step]]);
          if (next !== undefined) read[step]++;
        } else {
          assertEquals(writer.append(step), true);
          records.push(step);
        }
      }
      for (const name of ["a", "b"] as const) {
        while (read[name] < records.length) {
          assertEquals(readers[name].next(), records[read[name]++]);
        }
        assertEquals(readers[name].next(), undefined);
      }
    }),
    { seed: seed("AppendLog") },
  );
});

test("AppendLog is filled to the last byte, refuses more, and takes what still fits", () => {
  const buffer = AppendLog.create(64);
  const writer = new AppendLog(buffer);
  const reader = new AppendLog(buffer);
  assertEquals(writer.append(new Uint8Array(45).fill(1)), true); // 4 + 48
  assertEquals(writer.append(new Uint8Array(9).fill(2)), false); // 4 + 12
  assertEquals(writer.append(new Uint8Array(8).fill(3)), true); // 4 + 8
  assertEquals(writer.append(new Uint8Array(0)), false);
  assertEquals(reader.next(), new Uint8Array(45).fill(1));
  assertEquals(reader.next(), new Uint8Array(8).fill(3));
  assertEquals(reader.next(), undefined);
  assertEquals(buffer.byteLength, buffer.maxByteLength);
});

test("AppendLog copies its records: they outlive it and its writer's bytes", () => {
  const buffer = AppendLog.create(1024);
  const writer = new AppendLog(buffer);
  const record = new Uint8Array([1, 2, 3]);
  writer.append(record);
  record.fill(9);
  const read = new AppendLog(buffer).next()!;
  assertEquals(read, new Uint8Array([1, 2, 3]));
  assertEquals(read.buffer instanceof SharedArrayBuffer, false);
});
