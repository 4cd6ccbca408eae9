/**
 * One process of a benchmark run: measures one family of rows, or takes one
 * sample of what needs a process of its own, and writes what it found as lines
 * of JSON. tools/bench.js starts these.
 *
 * `main.ts '{"job": "calls", "contenders": ["multicore"], "out": "calls.jsonl"}'`
 *
 * @module
 */
import { appendFileSync } from "node:fs";
import process from "node:process";
import { loadContender } from "./contenders/all.ts";
import { reasonOf } from "./harness/blocks.ts";
import type { Row } from "./harness/results.ts";
import type { Session } from "./harness/session.ts";
import { RUNTIME, VERSION } from "./harness/platform.ts";
import { bytes } from "./rows/bytes.ts";
import { calls } from "./rows/calls.ts";
import { cpu } from "./rows/cpu.ts";
import { delay } from "./rows/delay.ts";
import { idle } from "./rows/idle.ts";
import { memory } from "./rows/memory.ts";
import { payloads } from "./rows/payloads.ts";
import { startup } from "./rows/startup.ts";

/** What this process is asked to do. */
interface Order {
  readonly job: string;
  readonly contenders: readonly string[];
  readonly quick?: boolean;
  readonly workers?: number;
  /** File that takes the lines. */
  readonly out: string;
}

const FAMILIES: Readonly<Record<string, (session: Session) => Promise<void>>> = {
  calls,
  payloads,
  bytes,
  cpu,
  delay,
};

const SAMPLES: Readonly<Record<string, (order: Order) => Promise<unknown>>> = {
  probe: ({ contenders }) => probe(contenders[0]!),
  startup: ({ contenders, workers }) => startup(contenders[0]!, workers!),
  idle: ({ contenders, quick }) => idle(contenders[0]!, quick ? 1_000 : 5_000),
  memory: ({ contenders, quick }) =>
    memory(contenders[0]!, quick ? 150 : 800, quick ? 100_000 : 1_000_000),
};

/** Whether a contender does in this runtime what it is for. */
async function probe(name: string): Promise<unknown> {
  const contender = await loadContender(name);
  const running = await contender.start(2);
  const call = running.bind("same");
  for (const value of [42, { id: 1, msg: "a" }]) {
    if (JSON.stringify(await call(value)) !== JSON.stringify(value)) {
      throw new Error("gives a wrong result");
    }
  }
  await Promise.all(Array.from({ length: 100 }, (_, i) => call(i)));
  return { settings: contender.settings, runtime: RUNTIME, version: VERSION };
}

async function family(order: Order): Promise<void> {
  const leftOut: Record<string, string> = {};
  const session: Session = {
    contenders: await Promise.all(order.contenders.map(loadContender)),
    quick: order.quick ?? false,
    effort: order.quick
      ? { block: 8, blocks: 3, row: 0, warmUp: 15, leadIn: 8 }
      : { block: 25, blocks: 9, row: 900, warmUp: 40, leadIn: 12 },
    announce: (row, entrant) => tell({ at: { row, entrant } }),
    leaveOut: (contender, reason) => leftOut[contender] = reason,
    report: (row: Row) => tell({ row: { ...row, failures: { ...row.failures, ...leftOut } } }),
  };
  await FAMILIES[order.job]!(session);
}

const order = JSON.parse(process.argv[2]!) as Order;

/** Lines are written at once: a process that crashes has told what it was at. */
function tell(line: object): void {
  appendFileSync(order.out, `${JSON.stringify(line)}\n`);
}

try {
  if (Object.hasOwn(FAMILIES, order.job)) await family(order);
  else tell({ sample: await SAMPLES[order.job]!(order) });
  process.exit(0); // whatever still runs
} catch (error) {
  tell({ failed: reasonOf(error) });
  process.exit(1);
}
