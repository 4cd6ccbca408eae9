/**
 * Where everything stands in a pool's control memory. Offsets are indexes of
 * 32-bit words. Who writes which word, and when, is in this folder's README.
 *
 * A *runner* is one life of a worker. Its number is given out anew only when the
 * worker that had it is known to be gone, so that a worker that was replaced but
 * cannot be stopped shares no word with its replacement.
 *
 * @module
 */

/** Words in a pair of cache lines (128 bytes): what two threads write lies at least this far apart. */
export const LINE = 32;

/** Most runners at a time: a slot's state word has eight bits for its runner plus one. */
export const MAX_RUNNERS = 254;

/** The host's parking place: workers ring here when they have completed a job. */
export const HOST_PARKER = 0;
/** How many messages workers have posted to the host so far, wrapped: counted by each after its post. */
export const HOST_MAIL = 1;
/** One more than the highest runner number so far: written by the host. */
export const RUNNERS = LINE;
/** Eight words of bits: which runners sleep. */
export const SLEEPING = 2 * LINE;
/** Eight words of bits: which runners have jobs in their own lanes that are not settled. */
export const OPEN = 3 * LINE;
/** How many runners have gone so far, wrapped: written by the host, after their GONE. */
export const DEATHS = 4 * LINE;
const FIRST_RUNNER = 5 * LINE;

/** A runner's parking place and activity (`sync/parker.ts`), on a line of its own. */
export const runnerParker = (runner: number): number => FIRST_RUNNER + runner * 3 * LINE;
/** Words of a runner's counters, on two lines of their own behind that. */
export const RUNNER_COUNTERS = 2 * LINE;

/** @returns A runner's counters in control memory. */
export const countersOf = (control: SharedArrayBuffer, runner: number): Int32Array =>
  new Int32Array(control, 4 * (runnerParker(runner) + LINE), RUNNER_COUNTERS);

// On the first line what the runner writes with every job.

/** Counter: jobs done, as an unsigned word. Written by the runner. */
export const JOBS_DONE = 0;
/** Counter: jobs that have begun and await something. Written by the runner. */
export const JOBS_AWAITING = 1;
/** Counter: how often the runner has looked for work, wrapped. Written by the runner. */
export const BEATS = 2;
/** Counter: the slot whose synchronous code runs now, the lowest on the stack, plus one; 0 for none. Written by the runner. */
export const CURRENT = 3;
/** Counter: the owner of the lane that CURRENT is in, as its LIFE; HOST_LIFE for the host. Written by the runner. */
export const CURRENT_OWNER = 4;
/** Counter: the slot of the topmost job on top of that one, plus one; 0 for none. Written by the runner. */
export const TOP = 5;
/** Counter: the owner of the lane that TOP is in. Written by the runner. */
export const TOP_OWNER = 6;
/** Counter: how many of the jobs on top are neither the lowest one's owner's nor the runner's own. Written by the runner. */
export const STRANGERS = 7;

// On the second what others read with every job, and hardly anybody writes.

/** Counter: what a job lately took, in microseconds, smoothed. Written by the runner. */
export const SERVICE_TIME = LINE;
/** Counter: not 0 once the runner will touch no shared memory any more, see below. Written by the runner. */
export const OUT = LINE + 1;
/** Counter: not 0 once the runner is to claim nothing more, see below. Written by the host. */
export const DISMISSED = LINE + 2;
/** Counter: which life of a worker this runner is, counted over the whole pool. Written by the host. */
export const LIFE = LINE + 3;
/** Counter: the youngest life that the runner has been introduced to. Written by the runner. */
export const KNOWN = LINE + 4;
/** Counter: not 0 once the runner is known to be gone. Written by the host, before DEATHS. */
export const GONE = LINE + 5;
/** Counter: whether the runner blocks for jobs of its own lane, see below. Written by the runner and by those who run these. */
export const BLOCKED = LINE + 6;
/** Counter: how many messages the host has posted to the runner, wrapped. Written by the host. */
export const MAIL = LINE + 7;
/** Counter: not 0 while the runner's teardown runs. Written by the runner. */
export const TEARING_DOWN = LINE + 8;
/** Counter: its exit code, where OUT says that there is one. Written by the runner, before OUT. */
export const EXIT_CODE = LINE + 9;
/** Counter: how often the runner was asked to look after jobs that were given up, wrapped. Written by their owners. */
export const ASKED = LINE + 10;

/** In place of a runner's number: the host. */
export const HOST = -1;
/** In place of a runner's LIFE: the host. */
export const HOST_LIFE = 0;

/** Value of BLOCKED: it blocks, in `getSync`. */
export const BLOCKS = 1;
/** Value of BLOCKED: the same, and one of the jobs has turned out to be asynchronous since it last looked. */
export const BLOCKS_IN_VAIN = 2;

/** Value of OUT: it ends itself, without an exit code. */
export const OUT_UNTOLD = 1;
/** Value of OUT: it exits with a code. */
export const OUT_WITH_CODE = 2;

/** Value of DISMISSED: end once what was begun and is still wanted is done. */
export const LEAVE_WHEN_DONE = 1;
/** Value of DISMISSED: end as soon as no code of a job runs. */
export const LEAVE_AT_ONCE = 2;

/** Bytes of control memory. */
export const CONTROL_BYTES: number = runnerParker(MAX_RUNNERS) * 4;
