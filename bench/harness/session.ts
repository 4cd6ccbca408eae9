/**
 * What a family of rows is run with.
 *
 * @module
 */
import { type Effort, type Entrant, inTime, measure, type Measured, reasonOf } from "./blocks.ts";
import type { Call, Contender, Running, TaskName } from "./contender.ts";
import type { Row } from "./results.ts";
import type { Summary } from "./statistics.ts";

/** What one process measures, and how. */
export interface Session {
  readonly contenders: readonly Contender[];
  readonly quick: boolean;
  readonly effort: Effort;
  /** Says which row and entrant is running now. */
  announce(row: string, entrant: string): void;
  /** Notes why a contender is in none of the rows. */
  leaveOut(contender: string, reason: string): void;
  /** Takes a finished row. */
  report(row: Row): void;
}

/** A contender with its workers. */
export interface Started {
  readonly contender: Contender;
  readonly running: Running;
}

/** A contender whose workers do not answer by then is left out, in milliseconds. */
const LONGEST_START = 4_000;
/** A contender's first calls, which its code is compiled in, take so many warm-ups of a row. */
const FIRST_CALLS = 6;
const CALLS_AT_ONCE = 100;

/**
 * Starts all contenders, and waits until each has answered; leaves out who does not. Each
 * makes calls for a while, one after another and at once, lest the process's first row be
 * the one that all else is compiled in.
 */
export async function startAll(session: Session, workers: number): Promise<Started[]> {
  const started: Started[] = [];
  for (const contender of session.contenders) {
    session.announce("start", contender.name);
    const start = async () => {
      const running = await contender.start(workers);
      const call = running.bind("same");
      await Promise.all(Array.from({ length: 8 * workers }, (_, i) => call(i)));
      const end = performance.now() + FIRST_CALLS * session.effort.warmUp;
      while (performance.now() < end) {
        await Promise.all(Array.from({ length: CALLS_AT_ONCE }, (_, i) => call(i)));
        for (let i = 0; i < CALLS_AT_ONCE && performance.now() < end; i++) await call(i);
      }
      started.push({ contender, running });
    };
    try {
      await inTime(start(), LONGEST_START);
    } catch (error) {
      session.leaveOut(contender.name, `does not start: ${reasonOf(error)}`);
    }
  }
  return started;
}

/** Measures a row, and reports it with times in `unit`. */
export async function measureRow(
  session: Session,
  row: Pick<Row, "family" | "id" | "title" | "unit">,
  entrants: readonly Entrant[],
  /** What the time of doing the work once is multiplied by, from milliseconds. */
  scale: number,
): Promise<Measured> {
  const measured = await measure(
    entrants,
    session.effort,
    (name) => session.announce(row.id, name),
  );
  const { times, ratios, failures } = measured;
  const figures = Object.fromEntries(
    Object.entries(times).map(([name, summary]) => [name, scaled(summary, scale)]),
  );
  session.report({ ...row, figures, ratios, failures });
  return measured;
}

function scaled(summary: Summary, scale: number): Summary {
  return {
    median: summary.median * scale,
    q1: summary.q1 * scale,
    q3: summary.q3 * scale,
    min: summary.min * scale,
    max: summary.max * scale,
    samples: summary.samples,
  };
}

/** @returns What makes one call after another. */
export function oneByOne(call: Call, value: unknown): (times: number) => Promise<void> {
  return async (times) => {
    for (let i = 0; i < times; i++) await call(value);
  };
}

/** @returns What makes so many calls at once, and waits for all. */
export function atOnce(
  running: Running,
  task: TaskName,
  values: readonly unknown[],
): (times: number) => Promise<void> {
  if (running.bulk !== undefined) {
    return async (times) => {
      for (let i = 0; i < times; i++) await running.bulk!(task, values);
    };
  }
  const call = running.bind(task);
  return async (times) => {
    for (let i = 0; i < times; i++) await Promise.all(values.map((value) => call(value)));
  };
}
