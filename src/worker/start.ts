/**
 * Puts a worker together from what it was started with.
 *
 * @module
 */
import type { HandleNumbers } from "../codec/mod.ts";
import { findCurrentJob } from "../dispatch/current_job.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import "../kernels/mod.ts";
import { AppendLog } from "../memory/append_log.ts";
import { Arena } from "../memory/arena.ts";
import {
  DISMISSED,
  HOST,
  HOST_PARKER,
  LEAVE_AT_ONCE,
  LINE,
  MAX_RUNNERS,
  OUT,
  runnerCounters,
  runnerParker,
  RUNNERS,
  SLEEPING,
} from "../memory/layout.ts";
import { runtime as hostRuntime, type WorkerRuntime } from "../runtime/mod.ts";
import { Parker } from "../sync/parker.ts";
import { Sleepers } from "../sync/sleepers.ts";
import { FunctionNumbers } from "../task/function_table.ts";
import { type HostMessage, marked, unmarked } from "../task/messages.ts";
import { Modules } from "../task/modules.ts";
import { BYTES_ALONE, Outbox } from "../task/outbox.ts";
import { ShapeWriter } from "../task/shapes.ts";
import type { Neighbour, WorkerStart } from "../task/start.ts";
import { markPoolWorker } from "../task/whereabouts.ts";
import { Blocking } from "./blocking.ts";
import { Completions } from "./completions.ts";
import { NestedHandles } from "./desks.ts";
import { Executor } from "./executor.ts";
import { Hooks } from "./hooks.ts";
import { HostLine } from "./host_line.ts";
import { Jobs } from "./jobs.ts";
import { WorkerLoop } from "./loop.ts";
import { Neighbours } from "./neighbours.ts";
import { Nested } from "./nested.ts";
import { Peers } from "./peers.ts";
import { ServedLane } from "./served_lane.ts";
import { WorkerHandles } from "./worker_handles.ts";

/**
 * Takes part in a pool as a worker, until dismissed.
 *
 * @param runtime This thread's side of the runtime.
 */
export function startWorker(runtime: WorkerRuntime): void {
  runtime.onStart((start) => void live(start as WorkerStart, runtime));
}

async function live(start: WorkerStart, runtime: WorkerRuntime): Promise<void> {
  const control = new Int32Array(start.control);
  const counters = new Int32Array(start.control, runnerCounters(start.runner) * 4, LINE);
  const host = new Parker(control, HOST_PARKER);
  const leave = () => {
    Atomics.store(counters, OUT, 1);
    host.unpark();
  };
  runtime.onExit(leave);
  const modules = new Modules();
  const parts = new WorkerParts(start, runtime, modules, host);
  // Before any module of the user's is imported: that may begin jobs at its top level.
  const worker = { index: start.index, engine: parts.nested, context: undefined as unknown };
  markPoolWorker(worker);
  let loaded = false;
  runtime.onMessage((posted) => {
    const message = unmarked<HostMessage>(posted);
    // Once it has loaded its loop sees that it is dismissed; what it loads may never end.
    if (message?.kind === "leave" && !loaded) runtime.exit();
  });
  const hooks = new Hooks(modules, runtime.text);
  try {
    await Promise.all(start.preload.map((specifier) => modules.load(specifier)));
    worker.context = await hooks.run(start.setup, start.index);
  } catch (error) {
    runtime.post(marked({ kind: "report", error: hooks.encode(error) }));
    return runtime.exit();
  }
  loaded = true;
  runtime.post(marked({ kind: "report", error: undefined }));
  runtime.stay();
  await parts.loop.run();
  if (Atomics.load(counters, DISMISSED) !== LEAVE_AT_ONCE) {
    try {
      await hooks.run(start.teardown, worker.context);
    } catch (error) {
      runtime.post(marked({ kind: "teardown", error: hooks.encode(error) }));
    }
  }
  leave();
  runtime.exit();
}

/** The parts of one worker. */
class WorkerParts {
  readonly loop: WorkerLoop;
  readonly nested: Nested;
  readonly #neighbours: Neighbours;
  readonly #sleepers: Sleepers;

  constructor(start: WorkerStart, runtime: WorkerRuntime, modules: Modules, host: Parker) {
    const { runner, index, size, ownSize, idle } = start;
    const control = new Int32Array(start.control);
    const counters = new Int32Array(start.control, runnerCounters(runner) * 4, LINE);
    const sleepers = new Sleepers(control, RUNNERS, SLEEPING, MAX_RUNNERS, runnerParker);
    const post = (message: unknown) => runtime.post(message);
    const line = new HostLine({
      mail: runtime.mail,
      control,
      counters,
      wake: () => host.unpark(),
      ring: () => post(marked({ kind: "mail" })),
      wakeSelf: () => sleepers.wake(runner),
    });
    const bare = { identities: modules, text: runtime.text };
    const handles = new WorkerHandles(line, start.life, bare);
    const context = { ...bare, handles };
    const neighbours = new Neighbours(start, sleepers, context);
    const results = new Arena(start.memory.results, start.largest);
    const shapes = new ShapeWriter(new AppendLog(start.memory.shapes));
    // Views that were borrowed from these may be sent on: they are copied then.
    const arenas = [start.host, start.memory, ...start.others.map((it) => it.memory)];
    const lent = new WeakSet(arenas.map((it) => it.arena));
    const makeOutbox = (beside: HandleNumbers) =>
      new Outbox(results, shapes, context, lent, beside);
    const { movesFrom } = runtime;
    const completions = new Completions(results, makeOutbox, runner, handles, movesFrom);
    const executor = new Executor(completions, modules, handles, counters, runner, index);
    const hostOwner = { runner: HOST, life: 0, wake: () => host.unpark() };
    const hostLane = new ServedLane(hostOwner, start.host, size, context);
    const selfOwner = { runner, life: start.life, wake: () => sleepers.wake(runner) };
    const own = new ServedLane(selfOwner, start.memory, ownSize, context);
    const jobs = new Jobs(hostLane, index, runner, { own, neighbours, control });
    // Made with the first nested job: most workers have none.
    let argumentsArena: Arena | undefined;
    const ownArena = () => argumentsArena ??= new Arena(start.memory.arena, start.largest);
    const nested: Nested = new Nested({
      workers: size.workers,
      runner,
      control,
      counters,
      jobs,
      neighbours,
      handles,
      index,
      jobDefaults: start.jobDefaults,
      makeDispatcher: () =>
        new Dispatcher({
          settings: {
            workers: size.workers,
            slots: ownSize.slots,
            queue: { capacity: Infinity, whenFull: "wait" },
            jobDefaults: start.jobDefaults,
            traceId: start.traced ? () => findCurrentJob()?.traceId : undefined,
          },
          runtime: hostRuntime,
          lane: own.lane,
          arena: ownArena(),
          makeOutbox: () => new Outbox(ownArena(), shapes, context, lent, BYTES_ALONE),
          functions: new FunctionNumbers(new AppendLog(start.memory.functions)),
          modules,
          handles: new NestedHandles(handles),
          runners: new Peers({
            start,
            lane: own.lane,
            results,
            context,
            sleepers,
            neighbours,
            post,
          }),
          makeWaiting: (source) =>
            new Blocking(source, {
              runner,
              counters,
              sleepers,
              jobs,
              nested,
              executor,
              completions,
              longestSpin: idle.spin,
            }),
        }),
    });
    this.nested = nested;
    this.#neighbours = neighbours;
    handles.onNeighbour = (neighbour) => this.#introduce(neighbour);
    this.#sleepers = sleepers;
    this.#lent = lent;
    this.loop = new WorkerLoop({
      workers: size.workers,
      runner,
      jobs,
      nested,
      executor,
      completions,
      sleepers,
      counters,
      idle,
      turn: () => new Promise<void>((resolve) => runtime.turn(resolve)),
      mayBlock: runtime.mayBlock,
    });
  }

  readonly #lent: WeakSet<SharedArrayBuffer>;

  /** Gets to know a worker that has begun its life. */
  #introduce(neighbour: Neighbour): void {
    this.#lent.add(neighbour.memory.arena);
    this.#neighbours.introduce(neighbour);
    // It may have looked for jobs here before it was known, and gone to sleep.
    this.#sleepers.wake(neighbour.runner);
  }
}
