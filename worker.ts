/**
 * The entry of a pool's workers. It is started by the library, never by hand.
 *
 * @module
 */
import { workerRuntime } from "./src/runtime/mod.ts";
import { startWorker } from "./src/worker/start.ts";

const runtime = workerRuntime();
if (runtime !== undefined) startWorker(runtime);
