/**
 * The limit: two threads that do nothing but spin, each until the other has
 * written the next number into shared memory.
 *
 * @module
 */
import { startThread } from "../harness/threads.ts";
import { GO, PING, PONG, ROUNDS, WORDS } from "./ping_pong_words.ts";

/** A thread to play with; it sleeps between the games. */
export interface PingPong {
  /** Plays some rounds. */
  play(rounds: number): void;
  close(): void;
}

/** Starts the other thread. */
export async function startPingPong(): Promise<PingPong> {
  const words = new Int32Array(new SharedArrayBuffer(4 * WORDS));
  let ready!: () => void;
  const loaded = new Promise<void>((resolve) => ready = resolve);
  const url = new URL("./ping_pong_worker.ts", import.meta.url);
  const thread = await startThread(url, () => ready());
  await loaded;
  thread.send(words);

  const begin = (rounds: number) => {
    Atomics.store(words, PING, 0);
    Atomics.store(words, PONG, 0);
    Atomics.store(words, ROUNDS, rounds);
    Atomics.add(words, GO, 1);
    Atomics.notify(words, GO);
  };
  return {
    play(rounds) {
      begin(rounds);
      for (let i = 1; i <= rounds; i++) {
        Atomics.store(words, PING, i);
        while (Atomics.load(words, PONG) !== i);
      }
    },
    close() {
      begin(-1);
    },
  };
}
