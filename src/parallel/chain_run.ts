/**
 * Runs the segments of a parallel iterator, one flow of chunks for each.
 *
 * @module
 */
import type { Engine } from "../dispatch/engine.ts";
import { COLLECT, iterChunk, type SentChain } from "../kernels/mod.ts";
import { ChunkSizes } from "../scheduling/chunk_sizes.ts";
import { Bounds, type Ending, planOf, type Segment, type Stage } from "./chain_plan.ts";
import { ChunkFlow } from "./chunk_flow.ts";
import { chunkTime, MOST_SENT, newFlow } from "./flow_options.ts";
import { AsyncSource } from "./async_source.ts";
import { JobGroup } from "./job_group.ts";
import { LimitedSource } from "./limited_source.ts";
import { RangeSource } from "./range_source.ts";
import type { Source } from "./source.ts";
import { sourceOf } from "./sources.ts";
import { nameOfSent } from "./task_function.ts";
import { Failure, joinStack } from "./trace.ts";

/** What a parallel iterator begins with: items, or how many numbers. */
export type ChainInput = number | Iterable<unknown>;

/** Chunks for each worker that may be done before an earlier one is. */
const AHEAD = 64;

/** What a chunk is to take, in milliseconds: nobody reads its part before the end. */
const CHUNK_TIME = 32;
/** The same where nothing is sent but a result: it ends early where other jobs wait for its worker. */
const LONG_CHUNK_TIME = 128;

/** Makes a source, which tells when it has more. */
type MakeSource = (onMore: () => void) => Source;

/** What a method does that ends a chain. */
export interface Run<R> {
  /** The jobs that it begins itself. */
  readonly group?: JobGroup;
  /** @returns What workers are to do with the values; throws where that makes no sense. */
  ending(): Ending;
  /** Takes what a chunk has come to, in order. @returns Whether that is enough. */
  take(output: unknown): boolean | void | Promise<void>;
  /** @returns What comes of all. */
  result(): R | Promise<R>;
}

/**
 * Runs stages over an input.
 *
 * @param engine What runs them.
 * @param input The items.
 * @param stages The stages.
 * @param run What ends them. The promise is to be given to the user as it is: some engines
 * show in stacks only who awaits the very promise of the function that throws.
 * @returns What the ending comes to.
 */
export async function runChain<R>(
  engine: Engine,
  input: ChainInput,
  stages: readonly Stage[],
  run: Run<R>,
): Promise<R> {
  const ending = run.ending();
  if (engine.closedBy !== undefined) throw engine.closedBy;
  const outputs = outputsOf(engine, run.group ?? new JobGroup(), input, planOf(stages, ending));
  for (;;) {
    const output = await outputs.read();
    if (output instanceof Failure) throw joinStack(output.error);
    if (output === undefined) return await run.result();
    try {
      if (await run.take(output.value)) break;
    } catch (error) {
      await outputs.return();
      throw error;
    }
  }
  await outputs.return();
  return await run.result();
}

/** @returns The outputs of the last segment. */
function outputsOf(
  engine: Engine,
  group: JobGroup,
  input: ChainInput,
  segments: readonly Segment[],
): SegmentOutputs {
  let outputs: SegmentOutputs | undefined;
  for (const segment of segments) {
    const before = outputs;
    const sendsItems = before !== undefined || typeof input !== "number";
    outputs = new SegmentOutputs(engine, group, segment, sendsItems, (onMore) => {
      if (before !== undefined) return new AsyncSource(before, { exact: false, onMore }, true);
      if (typeof input === "number") return new RangeSource(segment.skip, input);
      return sourceOf(input, { exact: false, onMore, skip: segment.skip });
    });
  }
  return outputs!;
}

/** The outputs of a segment, in order, as far as the counting stages behind it let them pass. */
class SegmentOutputs {
  readonly #flow: ChunkFlow;
  readonly #bounds: Bounds;
  #done: boolean;

  constructor(
    engine: Engine,
    group: JobGroup,
    segment: Segment,
    sendsItems: boolean,
    makeSource: MakeSource,
  ) {
    const { chain, most, bounds } = segment;
    const [, [sink]] = chain;
    // Of numbers in a row neither these nor, as a rule, outputs are sent.
    const sends = sendsItems || sink === COLLECT;
    this.#bounds = new Bounds(bounds);
    this.#done = most === 0;
    this.#flow = new ChunkFlow({
      engine,
      group,
      kernel: iterChunk,
      name: nameOf(chain),
      isMap: false,
      args: ({ items, count, start }) => [chain, items, start, count],
      source: most === Infinity
        ? makeSource
        : (onMore) => new LimitedSource(makeSource(onMore), most),
      sizes: new ChunkSizes(engine.size, chunkTime(engine, sends ? CHUNK_TIME : LONG_CHUNK_TIME)),
      most: sends ? MOST_SENT : Infinity,
      ordered: true,
      window: Infinity,
      ahead: AHEAD * engine.size,
      signal: undefined,
      flow: sendsItems ? undefined : newFlow(),
    });
  }

  /** @returns What passes of the next chunk; a failure; `undefined` at the end. */
  async read(): Promise<{ readonly value: unknown } | Failure | undefined> {
    if (this.#done) return undefined;
    const delivery = await this.#flow.next();
    if (delivery === undefined || delivery instanceof Failure) return delivery;
    const value = this.#passed(delivery.output);
    if (this.#bounds.full) await this.return();
    return { value };
  }

  /** The same as items of another segment. @throws {Failure} With what a user's function threw. */
  async next(): Promise<IteratorResult<unknown>> {
    const output = await this.read();
    if (output instanceof Failure) throw output;
    return output === undefined
      ? { done: true, value: undefined }
      : { done: false, value: output.value };
  }

  /** Nobody wants more. */
  async return(): Promise<void> {
    this.#done = true;
    await this.#flow.close();
  }

  #passed(output: unknown): unknown {
    if (Array.isArray(output)) {
      const [from, to] = this.#bounds.pass(output.length);
      return from === 0 && to === output.length ? output : output.slice(from, to);
    }
    if (typeof output !== "number") return output;
    const [from, to] = this.#bounds.pass(output);
    return to - from;
  }
}

/** @returns How errors name a part of a chain: by the functions of the user's that it runs. */
function nameOf([stages, sink]: SentChain): string {
  const names: string[] = [];
  for (const [, given] of [...stages, sink]) {
    if (typeof given !== "number") names.push(nameOfSent(given));
  }
  const name = "a range of a parallel iterator";
  return names.length === 0 ? name : `${name} (${names.join(", ")})`;
}
