/**
 * How workers leave a pool: each in its own way, and in time.
 *
 * @module
 */
import { Deferred } from "../base/deferred.ts";
import { messageFrom, MulticoreError, WorkerCrashedError } from "../base/errors.ts";
import { LEAVE_AT_ONCE, LEAVE_WHEN_DONE } from "../memory/layout.ts";
import type { Runtime } from "../runtime/adapter.ts";
import { marked } from "../task/messages.ts";
import type { Member } from "./member.ts";
import { workerName } from "./stats.ts";

/** How long in milliseconds dismissed workers may take to leave before they are stopped. */
const PATIENCE = 2000;
/** How much longer where they have not begun, for all that anybody sees. */
const PATIENCE_TO_BEGIN = 10_000;
/** The same where they have a teardown to do. */
const PATIENCE_WITH_TEARDOWN = 30_000;

/** Dismisses workers, and keeps what goes wrong with that. */
export class Dismissal {
  readonly #runtime: Runtime;
  readonly #name: string;
  #failure: MulticoreError | undefined;

  /**
   * @param runtime What the workers run in.
   * @param name The pool's name.
   */
  constructor(runtime: Runtime, name: string) {
    this.#runtime = runtime;
    this.#name = name;
  }

  /** Why a worker could not tear down what it had set up, the first such reason. */
  get failure(): MulticoreError | undefined {
    return this.#failure;
  }

  /** Has workers finish what they have begun, tear down what they have set up, and leave. */
  async whenDone(
    members: readonly Member[],
    tearsDown: (member: Member) => boolean,
  ): Promise<void> {
    for (const member of members) member.dismiss(LEAVE_WHEN_DONE);
    await Promise.all([
      this.#seeOut(members.filter((member) => !tearsDown(member)), PATIENCE),
      this.#seeOutOfTeardown(members.filter(tearsDown)),
    ]);
  }

  /** Has workers leave as they are. Where busy ones cannot be stopped they are not waited for. */
  async atOnce(members: readonly Member[]): Promise<void> {
    const { stopsBusyWorkers } = this.#runtime;
    for (const member of members) {
      member.dismiss(LEAVE_AT_ONCE);
      // Bun has crashed where a worker was stopped while it loaded.
      if (!member.ready) member.handle.post(marked({ kind: "leave" }));
      else if (stopsBusyWorkers) member.handle.terminate();
    }
    await this.#seeOut(
      members.filter((member) => stopsBusyWorkers || member.isBetweenJobs),
      PATIENCE,
    );
  }

  /** A worker's teardown has failed. */
  failed(member: Member, cause: unknown): void {
    const message = `Cannot tear down ${this.#nameOf(member)}: ${messageFrom(cause)}`;
    this.#failure ??= new MulticoreError(message, { cause });
  }

  /** A worker has ended in the middle of its teardown. */
  cutOff(member: Member, reason: unknown): void {
    this.#failure ??= new WorkerCrashedError(
      `Cannot tear down ${this.#nameOf(member)}: ` +
        `it has ended in the middle of that: ${messageFrom(reason)}`,
      { cause: reason },
    );
  }

  async #seeOutOfTeardown(members: readonly Member[]): Promise<void> {
    for (const member of await this.#seeOut(members, PATIENCE_WITH_TEARDOWN)) {
      this.#failure ??= new MulticoreError(
        `Cannot tear down ${this.#nameOf(member)}: ` +
          `it has not ended within ${PATIENCE_WITH_TEARDOWN / 1000} s, and was stopped`,
      );
    }
  }

  /**
   * Waits until workers have ended, for as long as patience lasts; then has them stopped.
   *
   * @returns Those that had to be.
   */
  async #seeOut(members: readonly Member[], patience: number): Promise<Member[]> {
    await this.#wait(members, patience);
    const late = members.filter((member) => !member.isGone);
    // Node never closes the files that a worker reads when it is stopped. One that still loads
    // the library sees as soon as it has that it is dismissed.
    const unbegun = late.filter((member) => member.beats === 0);
    const stuck = late.filter((member) => !unbegun.includes(member));
    for (const member of stuck) member.handle.terminate();
    await this.#wait(unbegun, PATIENCE_TO_BEGIN);
    for (const member of unbegun) {
      if (member.isGone) continue;
      member.handle.terminate();
      stuck.push(member);
    }
    return stuck;
  }

  /** Waits until workers have ended, or so many milliseconds. */
  async #wait(members: readonly Member[], patience: number): Promise<void> {
    if (members.every((member) => member.isGone)) return;
    const over = new Deferred<void>();
    const cancel = this.#runtime.later(over.resolve, patience);
    const letGo = this.#runtime.keepAlive();
    await Promise.race([Promise.all(members.map((member) => member.gone.promise)), over.promise]);
    cancel();
    letGo();
  }

  #nameOf(member: Member): string {
    return workerName(this.#name, member.index);
  }
}
