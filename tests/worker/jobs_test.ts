import { test } from "node:test";
import { assertEquals } from "../../deps.ts";
import { Lane, laneBuffer, NORMAL_RING, ringOfWorker } from "../../src/transport/lane.ts";
import {
  EXTRAS,
  flowMark,
  FREE,
  NOBODY,
  READY,
  referenceTo,
  SLOT_WORDS,
  stateOf,
} from "../../src/transport/slot.ts";
import { Jobs } from "../../src/worker/jobs.ts";
import type { ServedLane } from "../../src/worker/served_lane.ts";

const size = { slots: 16, workers: 2 };

/** A worker's jobs, and a way to put one on a ring as a job of a flow. */
function jobsOfWorker(index: number) {
  const host = { lane: new Lane(laneBuffer(size), size) } as ServedLane;
  const { lane } = host;
  const put = (slot: number, ring: number, flow: number): void => {
    lane.words[slot * SLOT_WORDS + EXTRAS] = flowMark(flow);
    lane.setState(slot, stateOf(0, NOBODY, READY));
    lane.rings[ring]!.push(referenceTo(slot, 0));
  };
  return { host, jobs: new Jobs(host, index, index, undefined), put };
}

test("Jobs.anyBeside tells a flow's chunks from all other jobs", () => {
  const { host, jobs, put } = jobsOfWorker(0);
  assertEquals(jobs.anyBeside(host, 3), false);
  put(0, NORMAL_RING, 3);
  put(1, NORMAL_RING, 3);
  assertEquals(jobs.anyBeside(host, 3), false);
  // Of another flow, of another lane, or none of a flow: these do wait.
  assertEquals(jobs.anyBeside(host, 4), true);
  assertEquals(jobs.anyBeside({ ...host }, 3), true);
  assertEquals(jobs.anyBeside(host, 0), true);
  put(2, NORMAL_RING, 0);
  assertEquals(jobs.anyBeside(host, 3), true);
});

test("Jobs.anyBeside sees each ring that the worker takes from, and no other", () => {
  for (const ring of [0, 1, 2, ringOfWorker(0), ringOfWorker(1)]) {
    const { host, jobs, put } = jobsOfWorker(0);
    put(0, ring, 0);
    assertEquals(jobs.anyBeside(host, 1), ring !== ringOfWorker(1), `ring ${ring}`);
  }
});

test("Jobs.anyBeside leaves out what was given up, and what was taken", () => {
  const { host, jobs, put } = jobsOfWorker(0);
  put(0, NORMAL_RING, 0);
  host.lane.setState(0, stateOf(1, NOBODY, FREE));
  assertEquals(jobs.anyBeside(host, 1), false);
  put(1, NORMAL_RING, 0);
  assertEquals(jobs.anyBeside(host, 1), true);
  jobs.claim(2);
  assertEquals(jobs.anyBeside(host, 1), false);
});
