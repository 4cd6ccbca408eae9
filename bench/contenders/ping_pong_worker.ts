/**
 * The other thread of the ping-pong.
 *
 * @module
 */
import { host } from "../harness/inside.ts";
import { GO, PING, PONG, ROUNDS } from "./ping_pong_words.ts";

host.receive((message) => {
  const words = message as Int32Array<SharedArrayBuffer>;
  for (let game = 0;; game++) {
    Atomics.wait(words, GO, game);
    const rounds = Atomics.load(words, ROUNDS);
    if (rounds < 0) return;
    for (let i = 1; i <= rounds; i++) {
      while (Atomics.load(words, PING) !== i);
      Atomics.store(words, PONG, i);
    }
  }
});
host.send("ready");
