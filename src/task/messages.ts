/**
 * Messages between the host and its workers. Jobs and results need none: these are
 * for what shared memory cannot carry, and for what happens rarely. Code of the
 * user's may send messages of its own on the same ports, so that each of these
 * carries a mark.
 *
 * @module
 */

const MARK = "multicore";

/** What a worker tells the host. */
export type WorkerMessage =
  /** Once: it has loaded, or why it cannot work. */
  | { readonly kind: "report"; readonly error: Uint8Array | undefined }
  /** Nothing seems to catch an error, which ends it then. */
  | { readonly kind: "fatal"; readonly error: Uint8Array }
  /** Its teardown has failed. */
  | { readonly kind: "teardown"; readonly error: Uint8Array }
  /** A runner does not come back from a job that was given up: another is to take its place. */
  | { readonly kind: "replace"; readonly runner: number; readonly life: number }
  /** There is mail on its line, for a host that waits for nothing and does not look. */
  | { readonly kind: "mail" };

/** What the host tells a worker. */
export type HostMessage = /** It is not wanted any more, though it may not have loaded yet. */
  { readonly kind: "leave" };

/** @returns What to post for a message. */
export function marked(message: WorkerMessage | HostMessage): unknown {
  return { [MARK]: message };
}

/** @returns The message in what was posted, `undefined` where it is somebody else's. */
export function unmarked<M extends WorkerMessage | HostMessage>(posted: unknown): M | undefined {
  return (posted as { [MARK]?: M } | null | undefined)?.[MARK];
}
