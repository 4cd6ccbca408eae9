/**
 * A worker that says that it is there.
 *
 * @module
 */
import { parentPort } from "node:worker_threads";

parentPort!.postMessage("here");
