/**
 * Comlink: calls on one worker each, and no pool; where there are several
 * workers, calls go to them in turn.
 *
 * @module
 */
import { wrap } from "comlink";
import type { Call, Contender, TaskName } from "../harness/contender.ts";

type Remote = Record<TaskName, Call>;

/** What Comlink calls an endpoint, and what stops the worker behind it. */
interface Peer {
  readonly remote: Remote;
  terminate(): unknown;
}

async function connect(): Promise<Peer> {
  const url = new URL("./comlink_worker.ts", import.meta.url);
  if (typeof Worker === "function") {
    const worker = new Worker(url, { type: "module" });
    await new Promise((resolve) => worker.addEventListener("message", resolve, { once: true }));
    return { remote: wrap<Remote>(worker), terminate: () => worker.terminate() };
  }
  const threads = await import("node:worker_threads");
  const { default: nodeEndpoint } = await import("comlink/dist/esm/node-adapter.mjs");
  const worker = new threads.Worker(url);
  await new Promise((resolve) => worker.once("message", resolve));
  return { remote: wrap<Remote>(nodeEndpoint(worker)), terminate: () => worker.terminate() };
}

/** A proxy for each worker. */
export const contender: Contender = {
  name: "comlink",
  package: "comlink",
  settings: "wrap(worker), workers in turn",
  async start(workers) {
    const peers = await Promise.all(Array.from({ length: workers }, connect));
    let next = 0;
    return {
      bind(task) {
        const remotes = peers.map(({ remote }) => remote[task]);
        return (value) => remotes[next++ % workers]!(value);
      },
      close: () => peers.forEach((peer) => peer.terminate()),
    };
  },
};
