/**
 * Puts a worker together from what it was started with.
 *
 * @module
 */
import { AppendLog } from "../memory/append_log.ts";
import { Arena } from "../memory/arena.ts";
import {
  HOST_PARKER,
  LINE,
  MAX_RUNNERS,
  OUT,
  runnerCounters,
  runnerParker,
  RUNNERS,
  SLEEPING,
} from "../memory/layout.ts";
import { Views } from "../memory/views.ts";
import type { WorkerRuntime } from "../runtime/adapter.ts";
import { Parker } from "../sync/parker.ts";
import { Sleepers } from "../sync/sleepers.ts";
import { FunctionRecords } from "../task/function_table.ts";
import { Inbox } from "../task/inbox.ts";
import { Modules } from "../task/modules.ts";
import { Outbox } from "../task/outbox.ts";
import { ShapeReader, ShapeWriter } from "../task/shapes.ts";
import { reportMessage, type WorkerReport, type WorkerStart } from "../task/start.ts";
import { markPoolWorker } from "../task/whereabouts.ts";
import { Lane } from "../transport/lane.ts";
import { Completions } from "./completions.ts";
import { Executor } from "./executor.ts";
import { WorkerLoop } from "./loop.ts";

/**
 * Takes part in a pool as a worker, until dismissed.
 *
 * @param runtime This thread's side of the runtime.
 */
export function startWorker(runtime: WorkerRuntime): void {
  runtime.onStart((message) => {
    const start = message as WorkerStart;
    markPoolWorker(start.index);
    void live(start, runtime);
  });
}

async function live(start: WorkerStart, runtime: WorkerRuntime): Promise<void> {
  const control = new Int32Array(start.control);
  const counters = new Int32Array(start.control, runnerCounters(start.runner) * 4, LINE);
  const host = new Parker(control, HOST_PARKER);
  runtime.onExit(() => {
    Atomics.store(counters, OUT, 1);
    host.unpark();
  });
  const modules = new Modules();
  const report = await preload(modules, start.preload);
  runtime.post(reportMessage(report));
  if (report.error !== undefined) return runtime.exit();
  await makeLoop(start, runtime, modules, control, counters, host).run();
  Atomics.store(counters, OUT, 1);
  host.unpark();
  runtime.exit();
}

async function preload(modules: Modules, specifiers: readonly string[]): Promise<WorkerReport> {
  try {
    await Promise.all(specifiers.map((specifier) => modules.load(specifier)));
    return { error: undefined };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function makeLoop(
  start: WorkerStart,
  runtime: WorkerRuntime,
  modules: Modules,
  control: Int32Array,
  counters: Int32Array,
  host: Parker,
): WorkerLoop {
  const context = { identities: modules, text: runtime.text };
  const lane = new Lane(start.lane, start.size);
  const arena = new Arena(start.arena, start.largest);
  const shapesOut = new ShapeWriter(new AppendLog(start.shapes));
  const outbox = new Outbox(arena, shapesOut, context, start.hostArena);
  const completions = new Completions(lane, arena, outbox, host, start.runner);
  const shapes = new ShapeReader(new AppendLog(start.hostShapes));
  const inbox = new Inbox(lane, new Views(start.hostArena), shapes, context);
  const records = new FunctionRecords(new AppendLog(start.functions));
  const executor = new Executor(lane, inbox, completions, records, modules, counters);
  const sleepers = new Sleepers(control, RUNNERS, SLEEPING, MAX_RUNNERS, runnerParker);
  const turn = () => new Promise<void>((resolve) => runtime.turn(resolve));
  return new WorkerLoop(
    lane,
    start.index,
    start.runner,
    sleepers,
    counters,
    executor,
    completions,
    start.idle,
    turn,
    runtime.mayBlock,
  );
}
