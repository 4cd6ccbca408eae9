/**
 * The families of rows, in the order of the report.
 *
 * @module
 */

/** What the others are compared with. */
export const OURS = "multicore";

/** What takes part in some rows only, to show a limit or a baseline. */
export const REFERENCES: readonly string[] = [
  "multicore, borrowed",
  "ping-pong",
  "bare worker",
  "copy in",
  "copy in and out",
  "postMessage, transferred",
  "sequential",
  "no load",
  "no pool",
];

/** A family of rows. */
export interface Family {
  readonly id: string;
  readonly title: string;
  readonly what: string;
}

/** All families. */
export const FAMILIES: readonly Family[] = [
  {
    id: "calls",
    title: "Calls",
    what: "A number to one warm worker and back. The ping-pong is the limit: two threads that do " +
      "nothing but spin on two words of shared memory.",
  },
  {
    id: "payloads",
    title: "Values",
    what: "Values of every kind to one warm worker and back.",
  },
  {
    id: "bytes",
    title: "Bytes",
    what: "A Uint8Array, one call after another; the sender keeps its own. Copying it once into " +
      "shared memory, and once more out of it, are the limits; borrowed means that the worker " +
      "reads the shared memory itself.",
  },
  {
    id: "cpu",
    title: "Processor work",
    what: "The same work in ranges on a worker for each processor, against a loop on the host.",
  },
  {
    id: "startup",
    title: "Cold start",
    what: "In a fresh process: loading the library, then from starting the workers to the first " +
      "result, and until all are ready. A bare worker of node:worker_threads, as multicore's are, " +
      "is the limit; postMessage has Web Workers in Deno and Bun.",
  },
  {
    id: "idle",
    title: "Idle",
    what: "Processor time of the whole process while a pool with a worker for each processor has " +
      "nothing to do.",
  },
  {
    id: "memory",
    title: "Memory",
    what: "Resident memory of the process: for each of four workers, and how much more there is " +
      "after a great many calls. Rows with calls say how many could be made in the time.",
  },
  {
    id: "delay",
    title: "Delay of the host's event loop",
    what: "How late a timer of 2 ms fires while the pool is saturated.",
  },
];
