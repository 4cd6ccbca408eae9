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
  BEATS,
  countersOf,
  DISMISSED,
  EXIT_CODE,
  HOST,
  HOST_LIFE,
  HOST_PARKER,
  LEAVE_AT_ONCE,
  OUT,
  OUT_UNTOLD,
  OUT_WITH_CODE,
  runnerParker,
  RUNNERS,
  SLEEPING,
  TEARING_DOWN,
} from "../memory/layout.ts";
import { runtime as hostRuntime, type Tie, type WorkerRuntime } from "../runtime/mod.ts";
import { Parker } from "../sync/parker.ts";
import { Sleepers } from "../sync/sleepers.ts";
import { forbidClosures } from "../task/closure.ts";
import { FunctionNumbers } from "../task/function_table.ts";
import { type HostMessage, marked, unmarked } from "../task/messages.ts";
import { Modules } from "../task/modules.ts";
import { BYTES_ALONE, Outbox } from "../task/outbox.ts";
import { ShapeWriter } from "../task/shapes.ts";
import type { Neighbour, WorkerStart } from "../task/start.ts";
import { markPoolWorker } from "../task/whereabouts.ts";
import { ringOfWorker } from "../transport/lane.ts";
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
import { type Owner, ServedLane } from "./served_lane.ts";
import { SlotlessRunner } from "./slotless.ts";
import { TaskFunctions } from "./task_functions.ts";
import { UnderWay } from "./under_way.ts";
import { WorkerHandles } from "./worker_handles.ts";

/** Milliseconds that a thread which has said that it ends may go on for, before it is made to. */
const LINGERS = 1000;

/**
 * Takes part in a pool as a worker, until dismissed.
 *
 * @param runtime This thread's side of the runtime.
 */
export function startWorker(runtime: WorkerRuntime): void {
  runtime.onStart((tie) => void live(tie, runtime));
}

async function live(tie: Tie, runtime: WorkerRuntime): Promise<void> {
  const start = tie.start as WorkerStart;
  if (!start.takesClosures) forbidClosures();
  const control = new Int32Array(start.control);
  const counters = countersOf(start.control, start.runner);
  const host = new Parker(control, HOST_PARKER);
  const modules = new Modules();
  const parts = new WorkerParts(tie, runtime, modules, host);
  const leave = (code?: unknown) => {
    parts.leave();
    if (Atomics.load(counters, OUT) === 0) {
      const exitCode = Number(code);
      counters[EXIT_CODE] = exitCode;
      Atomics.store(counters, OUT, Number.isNaN(exitCode) ? OUT_UNTOLD : OUT_WITH_CODE);
    }
    host.unpark();
  };
  runtime.onExit(leave);
  // Before any module of the user's is imported: that may begin jobs at its top level.
  const { index, largest } = start;
  const worker = { index, largest, engine: parts.nested, context: undefined as unknown };
  markPoolWorker(worker);
  let loaded = false;
  tie.onMessage((posted) => {
    const message = unmarked<HostMessage>(posted);
    // Once it has loaded its loop sees that it is dismissed; what it loads may never end.
    if (message?.kind === "leave" && !loaded) runtime.exit();
  });
  const hooks = new Hooks(modules, runtime.natives);
  runtime.onFatal?.((error) => {
    tie.post(marked({ kind: "fatal", error: hooks.encode(error) }));
  });
  const load = async () => {
    // The library has loaded: what takes long from here on is the user's.
    counters[BEATS]!++;
    await Promise.all(start.preload.map((specifier) => modules.load(specifier)));
    worker.context = await hooks.run(start.setup, start.index);
  };
  const loading = load();
  let working: Promise<void> | undefined;
  if (start.preload.length > 0 || start.setup !== undefined) {
    // What is loaded may wait for jobs that it begins.
    parts.holdBack(loading);
    working = parts.loop.run();
  }
  try {
    await loading;
  } catch (error) {
    tie.post(marked({ kind: "report", error: hooks.encode(error) }));
    return runtime.exit();
  }
  loaded = true;
  tie.post(marked({ kind: "report", error: undefined }));
  tie.stay();
  await (working ?? parts.loop.run());
  // It is ending by its own hand already, unless that was only said: by `process.emit("exit")`.
  if (parts.isOver) return void hostRuntime.later(() => runtime.exit(), LINGERS);
  if (start.teardown !== undefined && Atomics.load(counters, DISMISSED) !== LEAVE_AT_ONCE) {
    Atomics.store(counters, TEARING_DOWN, 1);
    const tearing = hooks.run(start.teardown, worker.context).catch((error) => {
      tie.post(marked({ kind: "teardown", error: hooks.encode(error) }));
    });
    parts.holdBack(tearing);
    await parts.loop.run();
    await tearing;
    Atomics.store(counters, TEARING_DOWN, 0);
  }
  leave();
  runtime.exit();
}

/** The parts of one worker. */
class WorkerParts {
  readonly loop: WorkerLoop;
  readonly nested: Nested;
  readonly #completions: Completions;
  readonly #runner: number;
  readonly #underWay: UnderWay;
  readonly #neighbours: Neighbours;
  readonly #sleepers: Sleepers;
  readonly #jobs: Jobs;
  /** Memories that views may be borrowed on; such views may be sent on, and are copied then. */
  readonly #lent: WeakSet<SharedArrayBuffer>;

  constructor(tie: Tie, runtime: WorkerRuntime, modules: Modules, host: Parker) {
    const start = tie.start as WorkerStart;
    const { runner, index, size, ownSize, idle } = start;
    const control = new Int32Array(start.control);
    const counters = countersOf(start.control, runner);
    const sleepers = new Sleepers(control, RUNNERS, SLEEPING, runnerParker);
    const post = (message: unknown) => tie.post(message);
    const line = new HostLine({
      mail: tie.mail,
      control,
      counters,
      wake: () => host.unpark(),
      ring: () => post(marked({ kind: "mail" })),
      wakeSelf: () => sleepers.wake(runner),
    });
    const bare = { identities: modules, natives: runtime.natives };
    const handles = new WorkerHandles(line, start.life, bare);
    handles.onNeighbour = (neighbour) => this.#introduce(neighbour);
    const context = { ...bare, handles };
    const results = new Arena(start.memory.results, start.largest);
    const neighbours = new Neighbours(start, sleepers, context, results);
    const shapes = new ShapeWriter(new AppendLog(start.memory.shapes));
    const arenas = [start.host, start.memory, ...start.others.map((it) => it.memory)];
    const lent = new WeakSet(arenas.map((it) => it.arena));
    const makeOutbox = (arena: Arena, beside: HandleNumbers) =>
      new Outbox(arena, shapes, context, lent, beside);
    const completions = new Completions({
      arena: results,
      makeOutbox: (beside) => makeOutbox(results, beside),
      runner,
      handles,
      graves: neighbours,
      movesFrom: runtime.movesFrom,
    });
    const functions = new TaskFunctions(modules, counters, runner);
    const underWay = new UnderWay(control, counters, handles, size.workers);
    const hostOwner = lastingOwner(HOST, HOST_LIFE, () => host.unpark());
    const hostLane = new ServedLane(hostOwner, start.host, size, context);
    const selfOwner = lastingOwner(runner, start.life, () => sleepers.wake(runner));
    const own = new ServedLane(selfOwner, start.memory, ownSize, context);
    const jobs = new Jobs(hostLane, index, runner, { own, neighbours, control });
    const executor = new Executor({
      index,
      runner,
      counters,
      completions,
      modules,
      functions,
      handles,
      underWay,
      jobs,
    });
    const nested: Nested = new Nested({
      workers: size.workers,
      takesClosures: start.takesClosures,
      jobDefaults: start.jobDefaults,
      runner,
      control,
      jobs,
      neighbours,
      handles,
      slotless: new SlotlessRunner({
        index,
        counters,
        own,
        functions,
        modules,
        handles,
        underWay,
        context,
      }),
      later: hostRuntime.later,
      stay: () => tie.stay(),
      makeDispatcher: () => {
        const arena = new Arena(start.memory.arena, start.largest);
        return new Dispatcher({
          settings: {
            workers: size.workers,
            slots: ownSize.slots,
            queue: { capacity: Infinity, whenFull: "wait" },
            jobDefaults: start.jobDefaults,
            takesClosures: start.takesClosures,
            traceId: start.traced ? () => findCurrentJob()?.traceId : undefined,
          },
          runtime: hostRuntime,
          lane: own.lane,
          arena,
          makeOutbox: () => makeOutbox(arena, BYTES_ALONE),
          functions: new FunctionNumbers(
            new AppendLog(start.memory.functions),
            start.takesClosures,
          ),
          modules,
          handles: new NestedHandles(handles),
          ownRing: ringOfWorker(index),
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
              underWay,
              completions,
              longestSpin: idle.spin,
            }),
        });
      },
    });
    this.nested = nested;
    this.#completions = completions;
    this.#runner = runner;
    this.#underWay = underWay;
    this.#neighbours = neighbours;
    this.#sleepers = sleepers;
    this.#jobs = jobs;
    this.#lent = lent;
    this.loop = new WorkerLoop({
      workers: size.workers,
      runner,
      jobs,
      nested,
      executor,
      underWay,
      completions,
      sleepers,
      counters,
      host,
      idle,
      turn: () => new Promise<void>((resolve) => runtime.turn(resolve)),
      mayBlock: runtime.mayBlock,
    });
  }

  /** Whether it has said that this thread ends. */
  get isOver(): boolean {
    return this.#completions.isOver;
  }

  /** Has its code, which may go on for a while, write no more of what others read. */
  leave(): void {
    // If the thread goes on after all, its loop sees that.
    this.#completions.isOver = true;
    this.#sleepers.leave(this.#runner);
  }

  /** Lets this worker run nothing but what its own modules and hooks begin, until they are done. */
  holdBack(hooks: Promise<unknown>): void {
    const goOn = this.#underWay.suspend({ isWanted: true }, () => {});
    const end = () => goOn(undefined);
    hooks.then(end, end);
  }

  /** Gets to know a worker that has begun its life. */
  #introduce(neighbour: Neighbour): void {
    this.#lent.add(neighbour.memory.arena);
    this.nested.bury(neighbour.runner);
    this.#neighbours.introduce(neighbour);
    // The new one may have looked for jobs here before it was known, and gone to sleep.
    if (this.#jobs.hasFor(neighbour.index)) this.#sleepers.wake(neighbour.runner);
    if (this.#jobs.anyOwn) this.#sleepers.wakeForWork();
  }
}

/** @returns The owner of a lane that this thread does not outlive, and that needs not hear of promises. */
function lastingOwner(runner: number, life: number, wake: () => boolean): Owner {
  return {
    runner,
    life,
    isMortal: false,
    isGone: false,
    isReclaimed: false,
    wake,
    hearOfPromise() {},
  };
}
