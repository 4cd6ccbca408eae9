/**
 * How late the host's timers fire while its pool is saturated: a timer of 2 ms
 * is set again and again, and what it is late by is noted. Beside it stands how
 * many calls were done meanwhile, since who does little delays little.
 *
 * @module
 */
import { PROCESSORS } from "../harness/platform.ts";
import type { Call } from "../harness/contender.ts";
import { quantile, summarize } from "../harness/statistics.ts";
import { type Session, startAll, type Started } from "../harness/session.ts";

const FAMILY = "delay";
const TIMER = 2;
const BLOCKS = 3;

interface Load {
  readonly id: string;
  readonly title: string;
  /** Calls in flight. */
  readonly width: number;
  bind(started: Started): Call;
}

const LOADS: readonly Load[] = [
  {
    id: "work",
    title: "jobs of 1 ms on every worker",
    width: 8 * PROCESSORS,
    bind: ({ running }) => {
      const call = running.bind("busy");
      return () => call(1);
    },
  },
  {
    id: "flood",
    title: "1,000 small calls in flight",
    width: 1_000,
    bind: ({ running }) => running.bind("same"),
  },
];

interface Block {
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** Thousands of calls a second. */
  readonly rate: number;
}

/** Measures the rows of this family. */
export async function delay(session: Session): Promise<void> {
  const duration = session.quick ? 100 : 500;
  const started = (await startAll(session, PROCESSORS))
    .filter(({ running }) => running.bulk === undefined);
  for (const load of LOADS) {
    if (session.quick && load.id !== "flood") continue;
    const blocks: Record<string, Block[]> = { "no load": [] };
    for (const { contender } of started) blocks[contender.name] = [];
    for (let turn = 0; turn < BLOCKS; turn++) {
      session.announce(load.id, "no load");
      blocks["no load"]!.push(await observe(undefined, 0, duration));
      for (const one of started) {
        session.announce(load.id, one.contender.name);
        blocks[one.contender.name]!.push(await observe(load.bind(one), load.width, duration));
      }
    }
    reportLoad(session, load, blocks);
  }
}

function reportLoad(session: Session, load: Load, blocks: Record<string, Block[]>): void {
  const of = (key: keyof Block) =>
    Object.fromEntries(
      Object.entries(blocks).map(([name, list]) => [name, summarize(list.map((b) => b[key]))]),
    );
  const row = (id: string, title: string) => ({
    family: FAMILY,
    id: `${load.id}-${id}`,
    title: `${load.title}: ${title}`,
    unit: "ms",
  });
  session.report({ ...row("p50", "median delay"), figures: of("p50") });
  session.report({ ...row("p99", "99th percentile"), figures: of("p99") });
  session.report({ ...row("worst", "worst"), figures: of("worst") });
  const { "no load": _, ...rates } = of("rate");
  session.report({
    ...row("rate", "calls done meanwhile"),
    unit: "thousand/s",
    moreIsBetter: true,
    figures: rates,
  });
}

/** Keeps so many calls in flight for a while, and notes how late the timers are. */
async function observe(
  call: Call | undefined,
  width: number,
  duration: number,
): Promise<Block> {
  let open = true;
  let done = 0;
  const keepCalling = async () => {
    while (open) {
      await call!(7);
      done++;
    }
  };
  const callers = Array.from({ length: width }, keepCalling);
  const began = performance.now();
  const late: number[] = [];
  while (performance.now() - began < duration) {
    const due = performance.now() + TIMER;
    await new Promise((resolve) => setTimeout(resolve, TIMER));
    late.push(Math.max(0, performance.now() - due));
  }
  const rate = done / (performance.now() - began);
  open = false;
  await Promise.all(callers);
  late.sort((a, b) => a - b);
  return { p50: quantile(late, 0.5), p99: quantile(late, 0.99), worst: late.at(-1)!, rate };
}
