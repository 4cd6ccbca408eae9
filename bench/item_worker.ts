/**
 * A bare worker that counts the primes of a range: what the machine allows.
 *
 * @module
 */
import { host } from "./harness/inside.ts";
import { countPrimes } from "./item_tasks.ts";

host.receive((message) => {
  const [start, end] = message as readonly [number, number];
  host.send(countPrimes(start, end));
});
host.send("ready");
