/**
 * The library's own task functions: what workers run on behalf of `map`, `stream`
 * and `iter`. Every worker has them registered before its first job.
 *
 * @module
 */
import { OWN_SCHEME } from "../task/modules.ts";
import { register } from "../task/registry.ts";
import { foldParts, iterChunk } from "./iter_chunk.ts";
import { mapChunk } from "./map_chunk.ts";

register(`${OWN_SCHEME}kernels`, { mapChunk, iterChunk, foldParts });

export { foldParts, iterChunk, mapChunk };
export { DROP, FILTER, FLAT_MAP, MAP, type SentStage } from "./chain.ts";
export { decodeFailure } from "./failures.ts";
export type { SentFunction } from "./functions.ts";
export type { SentChain } from "./iter_chunk.ts";
export type { ChunkReport } from "./report.ts";
export { COLLECT, COUNT, EVERY, FIND, FOR_EACH, REDUCE, type SentSink, SOME } from "./sinks.ts";
