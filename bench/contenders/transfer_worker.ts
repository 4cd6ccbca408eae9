/**
 * A worker that gives back the very bytes it was given.
 *
 * @module
 */
import { host } from "../harness/inside.ts";

host.receive((message) => {
  const bytes = message as Uint8Array<ArrayBuffer>;
  host.send(bytes, [bytes.buffer]);
});
host.send("ready");
