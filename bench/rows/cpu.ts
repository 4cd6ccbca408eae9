/**
 * Work for processors, divided into ranges, on as many workers as there are
 * processors: the whole time, and how much sooner it is done than by a loop on
 * the host.
 *
 * @module
 */
import { deepEqual } from "node:assert/strict";
import type { TaskName } from "../harness/contender.ts";
import { PROCESSORS } from "../harness/platform.ts";
import { atOnce, measureRow, type Session, startAll } from "../harness/session.ts";
import * as tasks from "../tasks.ts";

const FAMILY = "cpu";

interface Job {
  readonly id: string;
  readonly title: string;
  readonly task: TaskName;
  readonly items: number;
  readonly ranges: number;
}

const JOBS: readonly Job[] = [
  {
    id: "even",
    title: "4,000 items in a range for each worker",
    task: "even",
    items: 4_000,
    ranges: PROCESSORS,
  },
  {
    id: "skewed",
    title: "400 items, one of them 100 times as dear, in a range for each worker",
    task: "skewed",
    items: 400,
    ranges: PROCESSORS,
  },
  {
    id: "skewed-fine",
    title: "the same in 16 ranges for each worker",
    task: "skewed",
    items: 400,
    ranges: 16 * PROCESSORS,
  },
  {
    id: "large",
    title: "4,000 items in 4 ranges for each worker",
    task: "even",
    items: 4_000,
    ranges: 4 * PROCESSORS,
  },
  {
    id: "tiny",
    title: "4,000 items in a range each",
    task: "even",
    items: 4_000,
    ranges: 4_000,
  },
];

/** Measures the rows of this family. */
export async function cpu(session: Session): Promise<void> {
  const started = await startAll(session, PROCESSORS);
  for (const { id, title, task, items, ranges } of JOBS) {
    if (session.quick && id !== "even") continue;
    const length = Math.ceil(items / ranges);
    const parts = Array.from(
      { length: Math.ceil(items / length) },
      (_, i) => [i * length, Math.min(items, (i + 1) * length)],
    );
    const fn = tasks[task] as (range: unknown) => unknown;
    const wanted = parts.map((part) => fn(part));
    const entrants = started.map(({ contender, running }) => {
      const call = running.bind(task);
      return {
        name: contender.name,
        check: async () => deepEqual(await Promise.all(parts.map((part) => call(part))), wanted),
        run: atOnce(running, task, parts),
      };
    });
    const sequential = {
      name: "sequential",
      run: (times: number) => {
        for (let i = 0; i < times; i++) for (const part of parts) fn(part);
      },
    };
    const { speedUps, failures } = await measureRow(
      session,
      { family: FAMILY, id, title: `${title}: whole time`, unit: "ms" },
      [...entrants, sequential],
      1,
    );
    const { sequential: _, ...figures } = speedUps;
    session.report({
      family: FAMILY,
      id: `${id}-speed-up`,
      title: `${title}: speed-up`,
      unit: "×",
      moreIsBetter: true,
      figures,
      failures,
    });
  }
}
