/**
 * Has the C library keep what was freed for what is allocated next.
 *
 * Engines collect large buffers many at a time, and glibc hands what is freed
 * at once back to the system. The next buffers come from there again, page by
 * page, which takes two to four times as long as copying into them. How much it
 * keeps follows the largest block that it had from the system alone and freed, up
 * to 32 MiB: so one such block, never touched, teaches it, for all of the process.
 * Elsewhere, and where the environment sets MALLOC_TRIM_THRESHOLD_ or
 * MALLOC_MMAP_THRESHOLD_, it has no effect.
 *
 * Source: "M_MMAP_THRESHOLD" and "M_TRIM_THRESHOLD" in mallopt(3), and the notes
 * there on how both are adjusted.
 *
 * @module
 */

/** Buffers of this size are worth it: of smaller ones few are freed at once. */
const LARGE = 64 * 1024;
/** The largest block that it learns from, 32 MiB, less room for what stands around it. */
const LARGEST = 32 * 1024 * 1024 - 64 * 1024;

let isKept = false;

/**
 * Has it keep freed memory from the first large buffer on, once in a thread.
 *
 * @param size Of a buffer that is about to be made, in bytes.
 * @param allocate Allocates memory that it does not clear. Once glibc has learned, such a
 * block is memory that the process has, and to clear it would take longer than all else.
 */
export function keepFreedMemory(size: number, allocate: (size: number) => unknown): void {
  if (isKept || size < LARGE) return;
  isKept = true;
  try {
    allocate(LARGEST); // the engine frees it with the first garbage
  } catch {
    // So little memory is left: better it goes back to the system.
  }
}
