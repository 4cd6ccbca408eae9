/**
 * The parts of a pool, and how they are put together.
 *
 * @module
 */
import type { MulticoreError } from "../base/errors.ts";
import { Dispatcher } from "../dispatch/dispatcher.ts";
import { AppendLog } from "../memory/append_log.ts";
import { Arena, arenaBuffer } from "../memory/arena.ts";
import { CONTROL_BYTES, HOST_PARKER, runnerParker, RUNNERS, SLEEPING } from "../memory/layout.ts";
import { runtime } from "../runtime/mod.ts";
import { Parker } from "../sync/parker.ts";
import { Sleepers } from "../sync/sleepers.ts";
import { FunctionNumbers } from "../task/function_table.ts";
import { Modules } from "../task/modules.ts";
import { BYTES_ALONE, Outbox } from "../task/outbox.ts";
import { ShapeWriter } from "../task/shapes.ts";
import { Lane, laneBuffer } from "../transport/lane.ts";
import { Crew } from "./crew.ts";
import { HostHandles } from "./host_handles.ts";
import { FUNCTIONS_BYTES, SHAPES_BYTES, type SharedStart } from "./member.ts";
import type { PoolSettings } from "./options.ts";
import { Pump } from "./pump.ts";

/** Slots of a worker's own lane, for jobs that its jobs begin: what exceeds them it runs itself. */
const OWN_SLOTS = 1024;

/** What a pool that runs is made of. */
export interface PoolParts {
  /** The host's arena. */
  readonly arena: Arena;
  /** The workers. */
  readonly crew: Crew;
  /** The host's end of the jobs. */
  readonly dispatcher: Dispatcher;
  /** What travels beside shared memory. */
  readonly handles: HostHandles;
}

/**
 * Puts the parts of a pool together, the workers first: their threads take longer
 * to start than all the rest, which is made meanwhile.
 *
 * @param settings The pool's settings.
 * @param failed Is told where no worker can be started, later.
 * @returns The parts, at work.
 * @throws As {@linkcode Crew.start}; what had started until then is dismissed.
 */
export function assemble(
  settings: PoolSettings,
  failed: (error: MulticoreError) => void,
): PoolParts {
  const shared = sharedMemory(settings);
  const crew = new Crew({ settings, runtime, shared });
  try {
    crew.start();
  } catch (error) {
    void joinHost(crew, shared, settings, failed).crew.dismiss(true);
    throw error;
  }
  return joinHost(crew, shared, settings, failed);
}

/** All that workers need before they can start. */
function sharedMemory(settings: PoolSettings): SharedStart {
  const size = { slots: settings.slots, workers: settings.workers };
  return {
    size,
    largest: settings.memory.largest,
    idle: settings.idle,
    preload: settings.preload,
    setup: settings.setup,
    teardown: settings.teardown,
    takesClosures: settings.takesClosures,
    traced: settings.traceId !== undefined,
    ownSize: { slots: OWN_SLOTS, workers: settings.workers },
    jobDefaults: settings.jobDefaults,
    control: new SharedArrayBuffer(CONTROL_BYTES),
    host: {
      lane: laneBuffer(size),
      arena: arenaBuffer(settings.memory.initial, settings.memory.largest),
      shapes: AppendLog.create(SHAPES_BYTES),
      functions: AppendLog.create(FUNCTIONS_BYTES),
    },
  };
}

/** Makes the host's end of the shared memory, and joins it to the workers. */
function joinHost(
  crew: Crew,
  shared: SharedStart,
  settings: PoolSettings,
  failed: (error: MulticoreError) => void,
): PoolParts {
  const control = new Int32Array(shared.control);
  const lane = new Lane(shared.host.lane, shared.size);
  const arena = new Arena(shared.host.arena, settings.memory.largest);
  const modules = new Modules();
  const bare = { identities: modules, natives: runtime.natives };
  const handles = new HostHandles(control, runtime.movesFrom, bare);
  const context = { ...bare, handles };
  const shapes = new ShapeWriter(new AppendLog(shared.host.shapes));
  const dispatcher = new Dispatcher({
    settings,
    runtime,
    lane,
    arena,
    makeOutbox: () => new Outbox(arena, shapes, context, undefined, BYTES_ALONE),
    functions: new FunctionNumbers(new AppendLog(shared.host.functions), settings.takesClosures),
    modules,
    handles,
    runners: crew,
    makeWaiting: (source) => {
      const host = new Parker(control, HOST_PARKER);
      return new Pump(source, host, runtime, settings.idle.spin);
    },
  });
  const sleepers = new Sleepers(control, RUNNERS, SLEEPING, runnerParker);
  crew.join({ lane, sleepers, context, handles }, {
    gone: (runner, reason) => dispatcher.repair(runner, reason),
    failed,
    mail: () => handles.takeMail(),
    later: (callback, delay) => dispatcher.doLater(callback, delay),
  });
  return { arena, crew, dispatcher, handles };
}
