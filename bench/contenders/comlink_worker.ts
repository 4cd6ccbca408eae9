/**
 * The worker of Comlink. It says when it listens: a Web Worker may lose what
 * comes before.
 *
 * @module
 */
import { expose } from "comlink";
import { host } from "../harness/inside.ts";
import * as tasks from "../tasks.ts";

if (typeof postMessage === "function") {
  expose({ ...tasks });
} else {
  const { parentPort } = await import("node:worker_threads");
  const { default: nodeEndpoint } = await import("comlink/dist/esm/node-adapter.mjs");
  expose({ ...tasks }, nodeEndpoint(parentPort!));
}
host.send("ready");
