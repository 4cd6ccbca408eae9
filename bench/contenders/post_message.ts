/**
 * Bare `postMessage`: what one would write by hand. A call is a message with a
 * number, its answer a message with the same number.
 *
 * @module
 */
import type { Contender, TaskName } from "../harness/contender.ts";
import { startThread, type Thread } from "../harness/threads.ts";

interface Answer {
  readonly id: number;
  readonly result: unknown;
}

/** A worker, and how many calls it has not answered. */
interface Member {
  thread: Thread;
  pending: number;
}

/** A call goes to the worker with the fewest calls. */
export const contender: Contender = {
  name: "postMessage",
  settings: "a message a call, to the worker that has the fewest",
  async start(workers) {
    const waiting = new Map<number, (result: unknown) => void>();
    const members: Member[] = [];
    let helloes = 0;
    let ready!: () => void;
    const allReady = new Promise<void>((resolve) => ready = resolve);
    for (let i = 0; i < workers; i++) {
      const member = { pending: 0 } as Member;
      members.push(member);
      member.thread = await startThread(
        new URL("./post_message_worker.ts", import.meta.url),
        (message) => {
          const { id, result } = message as Answer;
          if (id < 0) {
            if (++helloes === workers) ready();
            return;
          }
          member.pending--;
          const resolve = waiting.get(id)!;
          waiting.delete(id);
          resolve(result);
        },
      );
    }
    let next = 0;
    const send = (task: TaskName, value: unknown) =>
      new Promise<unknown>((resolve) => {
        let member = members[0]!;
        for (const other of members) if (other.pending < member.pending) member = other;
        member.pending++;
        const id = next++;
        waiting.set(id, resolve);
        member.thread.send({ id, task, value });
      });
    return {
      ready: allReady,
      bind: (task) => async (value) => {
        if (helloes < workers) await allReady; // Web Workers may lose earlier messages
        return send(task, value);
      },
      close: () => members.forEach(({ thread }) => thread.terminate()),
    };
  },
};
