/**
 * The layout of a slot, the cell that a job lives in from its submission to its
 * settlement, and of the word that holds its state. Which thread may write which
 * field in which state is in this folder's README.
 *
 * @module
 */

/** Bytes of a slot. */
export const SLOT_BYTES = 256;
/** Words of a slot. */
export const SLOT_WORDS = SLOT_BYTES / 4;

/** Field: phase, runner and generation, see {@linkcode stateOf}. */
export const STATE = 0;
/** Field: the link to what lies below on the completion stack, never negative. Of a RUNNING job see {@linkcode awaitingMark}. */
export const NEXT = 1;
/** Field: number of the task function. */
export const FUNCTION = 2;
/** Field: what the arguments are and how they are to be read, see {@linkcode payloadKind}. */
export const ARGUMENTS_KIND = 3;
/** Field: the arguments' block in the owner's arena, over `memory/returns.ts`'s UNIT. */
export const ARGUMENTS_BLOCK = 4;
/** Field: length of the arguments in bytes. */
export const ARGUMENTS_LENGTH = 5;
/** Field: what the result is. */
export const RESULT_KIND = 6;
/** Field: the result's block in the runner's arena. */
export const RESULT_BLOCK = 7;
/** Field: length of the result in bytes. */
export const RESULT_LENGTH = 8;
/** Field: what else there is to say of the job, see {@linkcode attemptOf}. Written by the owner alone. */
export const EXTRAS = 9;

/** Where the inline room begins, in bytes: three numbers still lie on the slot's first cache line. */
export const INLINE_START = 40;
/** Bytes of inline room, for arguments and then for the result. */
export const INLINE_BYTES = SLOT_BYTES - INLINE_START;

/** Phase: not in use. */
export const FREE = 0;
/** Phase: submitted, to be claimed. */
export const READY = 1;
/** Phase: claimed by the runner. */
export const RUNNING = 2;
/** Phase: the result stands in the slot; it is on the completion stack, or about to be. */
export const DONE = 3;
/** Phase: running, but its owner wants no result any more (timeout or abort). */
export const ABANDONED = 4;
/** Phase: was abandoned and has come to its end. */
export const RETIRED = 5;

/** Flag of EXTRAS: the job's reports are wanted. */
export const WANTS_REPORTS = 1 << 10;
/** How many numbers there are for flows of chunks; 0 is that of jobs that belong to none. */
export const FLOWS = 32;
const FLOW_SHIFT = 11;
/** Where in EXTRAS it says why the job was given up; what stands there is read only of ABANDONED jobs. */
export const REASON_SHIFT = 16;
/** Reason: its time was over. */
export const TIMED_OUT = 1;
/** Reason: its signal was aborted, or its task was given up. */
export const ABORTED = 2;
/** Reason: its pool was terminated. */
export const CLOSED = 3;

/** How many attempts went before this one, in bits 0 to 9 of EXTRAS. */
export const attemptOf = (extras: number): number => extras & 0x3ff;
/** Which flow of chunks a job belongs to, in bits 11 to 15 of EXTRAS. */
export const flowOf = (extras: number): number => (extras >>> FLOW_SHIFT) & (FLOWS - 1);
/** The same, as it stands there. */
export const flowMark = (flow: number): number => flow << FLOW_SHIFT;
/** Why a job was given up, in bits 16 and up of EXTRAS. */
export const reasonOf = (extras: number): number => extras >>> REASON_SHIFT;

/** Most slots of a lane: a reference to a slot has twelve bits for its number. */
export const MAX_SLOTS = 4096;

const PHASE_BITS = 4;
const RUNNER_BITS = 8;
const GENERATION_SHIFT = PHASE_BITS + RUNNER_BITS;
const GENERATION = -1 << GENERATION_SHIFT;

/** In place of a runner's number: the slot is in no worker's hands. */
export const NOBODY = -1;

/**
 * The state word: bits 0 to 3 the phase, 4 to 11 the runner, 12 to 31 the
 * generation. A runner stands there as its number plus one, so that zeroed memory
 * says FREE, of NOBODY, in the first generation.
 */
export function stateOf(generation: number, runner: number, phase: number): number {
  return (generation << GENERATION_SHIFT) | ((runner + 1) << PHASE_BITS) | phase;
}

/** The same, in the generation that a reference names: its bits stand where the state's do. */
export function stateIn(reference: number, runner: number, phase: number): number {
  return (reference & GENERATION) | ((runner + 1) << PHASE_BITS) | phase;
}

/** The phase in a state word. */
export const phaseOf = (state: number): number => state & 15;
/** The runner in a state word, or {@linkcode NOBODY}. */
export const runnerOf = (state: number): number => ((state >>> PHASE_BITS) & 255) - 1;
/** The generation in a state word. */
export const generationOf = (state: number): number => state >>> GENERATION_SHIFT;
/** What NEXT says of a RUNNING job of this generation whose function has returned a promise. */
export const awaitingMark = (generation: number): number => ~generation;
/** The generation after this one. The very last is left out, so that no reference is -1. */
export const nextGeneration = (generation: number): number =>
  generation >= 0xffffe ? 0 : generation + 1;

/** A reference to one life of a slot: bits 0 to 11 its number, 12 to 31 the generation. */
export const referenceTo = (slot: number, generation: number): number =>
  (generation << GENERATION_SHIFT) | slot;
/** The slot that a reference names. */
export const slotOf = (reference: number): number => reference & 0xfff;
